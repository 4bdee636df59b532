"""Samples the network's input from the image: one bilinear interpolation per output pixel.

A large picture is sampled in its own channel order and only the small result is converted
to RGB, so the time hardly depends on the size of the image. An image that is not upright is
rotated first, as a whole.
"""
from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from movenet_ros.config.declarations import SIDE_MULTIPLE
from movenet_ros.core.types import CHANNELS, Crop, Picture

_TO_RGB = {'bgr': cv2.COLOR_BGR2RGB, 'rgba': cv2.COLOR_RGBA2RGB, 'bgra': cv2.COLOR_BGRA2RGB,
           'mono': cv2.COLOR_GRAY2RGB}
_TO_RGBA = {'rgb': cv2.COLOR_RGB2RGBA, 'bgr': cv2.COLOR_BGR2RGBA}
MOST_CONVERTED = 600_000
"""Pixels of an image that is converted to four channels before it is sampled.

OpenCV samples them in a third of the time that it takes for three: a crop of 192 x 192 in 0.1 ms
instead of 0.3. To convert 640 x 480 takes 0.06 ms, more than 1280 x 720 would take longer.
"""
_ROTATIONS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180,
              270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def rotated(picture: Picture, degrees: int) -> Picture:
    """A picture, rotated.

    A copy, though sampling the picture itself at rotated positions would be faster: OpenCV rounds
    these differently, so that some pixels of the network's input differ by a grey level, and
    keypoints of the single-person networks by several pixels from those of an upright camera.

    Args:
        picture: The picture.
        degrees: Clockwise: 0, 90, 180 or 270.

    Returns:
        The picture itself for 0; else a copy.
    """
    if not degrees:
        return picture
    pixels = np.asarray(cv2.rotate(picture.pixels, _ROTATIONS[degrees]), np.uint8)
    # OpenCV leaves out an axis of one channel.
    return replace(picture, pixels=pixels.reshape(*pixels.shape[:2], picture.pixels.shape[2]))


def resample_crop(picture: Picture, crop: Crop, size: int) -> NDArray[np.uint8]:
    """Samples a crop as TensorFlow's crop_and_resize does.

    The first and last sample lie on the crop's edges; samples outside the image are 0.

    Args:
        picture: The image.
        crop: Any rectangle, also one that reaches outside the image [px].
        size: Side of the result [px].

    Returns:
        uint8 [size,size,3], RGB.
    """
    picture = as_sampled(picture)
    x, dx, columns = _samples(crop.x_min, crop.x_max, picture.width, size)
    y, dy, rows = _samples(crop.y_min, crop.y_max, picture.height, size)
    result = np.zeros((size, size, CHANNELS[picture.order]), np.uint8)
    if columns and rows:
        _sample(picture, (x + columns.start * dx, y + rows.start * dy), (dx, dy),
                result[rows.start:rows.stop, columns.start:columns.stop])
    return to_rgb(result, picture.order)


def multipose_size(width: int, height: int, long_side: int) -> tuple[int, int]:
    """Width and height to which an image is resized, before padding [px]."""
    if width > height:
        return long_side, max(1, math.floor(long_side * height / width + 0.5))
    return max(1, math.floor(long_side * width / height + 0.5)), long_side


def resample_whole(picture: Picture, long_side: int) -> NDArray[np.uint8]:
    """Resizes a whole image for the multi-person network, as TensorFlow's resize_bilinear does.

    Neither antialiased nor half-pixel centred: sample i lies at i * in / out.

    Args:
        picture: The image.
        long_side: Long side of the result [px], a multiple of 32.

    Returns:
        uint8 [H,W,3], RGB, H and W multiples of 32; 0 to the right of and below the image.
    """
    width, height = multipose_size(picture.width, picture.height, long_side)
    padded = np.zeros(
        (padded_side(height), padded_side(width), CHANNELS[picture.order]), np.uint8)
    _sample(picture, (0.0, 0.0), (picture.width / width, picture.height / height),
            padded[:height, :width])
    return to_rgb(padded, picture.order)


def padded_side(side: int) -> int:
    """The next multiple of 32 that the multi-person network takes [px]."""
    return -(-side // SIDE_MULTIPLE) * SIDE_MULTIPLE


def as_sampled(picture: Picture) -> Picture:
    """A picture as it is sampled, with four channels where that is faster.

    `resample_crop` does this; before several crops of one picture it is done once.
    """
    if picture.order not in _TO_RGBA or picture.width * picture.height > MOST_CONVERTED:
        return picture
    pixels = np.asarray(cv2.cvtColor(picture.pixels, _TO_RGBA[picture.order]), np.uint8)
    return replace(picture, pixels=pixels, order='rgba')


def _samples(start: float, end: float, side: int, count: int) -> tuple[float, float, range]:
    """First sample and step [px], and which of `count` samples lie inside 0 ... side - 1."""
    first = start / side * (side - 1)
    step = (end - start) / side * (side - 1) / (count - 1)
    if step <= 0:
        return first, step, range(0)
    begin = max(0, math.ceil(-first / step))
    stop = min(count, math.floor((side - 1 - first) / step) + 1)
    return first, step, range(begin, max(begin, stop))


def _sample(picture: Picture, origin: tuple[float, float], step: tuple[float, float],
            into: NDArray[np.uint8]) -> None:
    """Samples at origin + (i, j) * step [px]; beyond the image its edge pixels are repeated."""
    matrix = np.array([[step[0], 0.0, origin[0]], [0.0, step[1], origin[1]]])
    height, width, _ = into.shape
    cv2.warpAffine(
        picture.pixels, matrix, (width, height), dst=into,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)


def to_rgb(pixels: NDArray[np.uint8], order: str) -> NDArray[np.uint8]:
    """uint8 [H,W,3] in RGB, from uint8 [H,W,C] in another order of channels."""
    if order == 'rgb':
        return pixels
    return np.asarray(cv2.cvtColor(pixels, _TO_RGB[order]), np.uint8)
