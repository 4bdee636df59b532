"""Images as cameras send them, good and bad, from the clip of one person."""
from functools import cache

import cv2
import numpy as np
from support.paths import DATA
from support.ros import image

from movenet_ros.files.sources import open_source

CLIP = DATA / 'one_person.mp4'
NUMBER = 16
VGA, HD = (640, 480), (1920, 1080)


@cache
def pictures():
    """The first pictures of the clip, BGR, in the middle of 640x480."""
    return [_framed(frame.picture().pixels) for frame, _ in zip(
        open_source(CLIP), range(NUMBER), strict=False)]


def _framed(pixels):
    wide = np.zeros((*VGA[::-1], 3), np.uint8)
    left = (VGA[0] - pixels.shape[1]) // 2
    wide[:, left:left + pixels.shape[1]] = pixels
    return wide


def _converted(code, encoding):
    return lambda pixels: image(cv2.cvtColor(pixels, code), encoding)


def _sized(*size):
    return lambda pixels: image(cv2.resize(pixels, size))


def _changed(**fields):
    def change(pixels):
        message = image(pixels)
        for name, value in fields.items():
            setattr(message, name, value)
        return message
    return change


def _cut(pixels):
    message = image(pixels)
    message.data = message.data[:1000]
    return message


ANSWERED = {
    'good': image,
    'rgb8': _converted(cv2.COLOR_BGR2RGB, 'rgb8'),
    'bgra8': _converted(cv2.COLOR_BGR2BGRA, 'bgra8'),
    'mono8': _converted(cv2.COLOR_BGR2GRAY, 'mono8'),
    'yuv422': _converted(cv2.COLOR_BGR2YUV_UYVY, 'yuv422'),
    'mono16': lambda pixels: image(
        cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY).astype(np.uint16) * 257, 'mono16'),
    'bayer': lambda pixels: image(pixels[:, :, 1], 'bayer_rggb8'),
    '1080p': _sized(*HD),
    '160x120': _sized(160, 120),
    'portrait': _sized(480, 640),
    'one pixel': _sized(1, 1),
}
"""What the node answers: a message from a picture, by name."""

REJECTED = {
    'unknown encoding': _changed(encoding='cheese8'),
    'no encoding': _changed(encoding=''),
    'depth': _changed(encoding='32FC1'),
    'depth 16': _changed(encoding='16UC1'),
    'short data': _cut,
    'no data': _changed(data=[]),
    'short step': _changed(step=640),
    'no width': _changed(width=0),
    'no height': _changed(height=0),
    'huge': _changed(width=2**31, height=2**31, step=2**32 - 1),
    'nv12 of odd sides': _changed(encoding='nv12', width=639, height=479),
}
"""What the node rejects."""


@cache
def messages(kind):
    """Messages of a kind, one for each picture."""
    make = ANSWERED.get(kind) or REJECTED[kind]
    # of the large ones a few, as each takes 6 MB
    return [make(pixels) for pixels in pictures()[:4 if kind == '1080p' else NUMBER]]
