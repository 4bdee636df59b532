"""Standing people with shirts of a colour, drawn, and their poses."""
import functools

import numpy as np

from movenet_ros.core.types import Picture, Poses

SIZE = (640, 480)
RED, GREEN, BLUE, YELLOW = (200, 40, 40), (30, 160, 60), (40, 60, 200), (220, 200, 50)
_X = np.array([0, 2, -2, 4, -4, 20, -20, 26, -26, 28, -28, 14, -14, 14, -14, 14, -14])
_Y = np.array([0, -3, -3, -1, -1, 20, 20, 45, 45, 68, 68, 80, 80, 125, 125, 165, 165])


@functools.cache
def _noise(seed):
    shape = (SIZE[1], SIZE[0], 3)
    return np.random.default_rng(seed).normal(0, 4, shape).astype(np.float32)


def standing(*places, ids=None, scale=1.0):
    """Poses of people whose noses are at these places; torsos are 60 px long, times `scale`."""
    count = len(places)
    xy = np.array([np.stack((x + scale * _X, y + scale * _Y), axis=1) for x, y in places],
                  np.float32).reshape(count, 17, 2)
    return Poses(
        xy=xy, keypoint_score=np.full((count, 17), 0.9, np.float32),
        box=np.concatenate((xy.min(axis=1), xy.max(axis=1)), axis=1),
        score=np.full(count, 0.9, np.float32),
        id=np.array(range(1, count + 1) if ids is None else ids, np.int32),
        age=np.zeros(count, np.float32), visible=np.ones((count, 17), np.bool_),
        velocity=np.zeros((count, 2), np.float32), truncated=np.zeros(count, np.bool_),
        time_unseen=np.zeros(count, np.float32))


def picture(poses, colors, gain=(1.0, 1.0, 1.0), order='rgb', seed=0):
    """A grey room with people who wear these colours; each pixel is noisy.

    Args:
        poses: The people.
        colors: Of their shirts, RGB.
        gain: Of the camera's channels.
        order: Of the channels of the result.
        seed: Of the noise.
    """
    width, height = SIZE
    pixels = np.full((height, width, 3), 110.0, np.float32)
    for xy, color in zip(poses.xy, colors, strict=True):
        (left, top), (right, bottom) = xy[[6, 6]].min(0), xy[[5, 11]].max(0)
        pixels[int(top):int(bottom), int(left):int(right)] = color
    pixels += _noise(seed % 4)
    pixels = np.clip(pixels * np.float32(gain), 0, 255).astype(np.uint8)
    if order == 'mono':
        return Picture(pixels[:, :, :1].copy(), 'mono')
    return Picture(np.ascontiguousarray(pixels[:, :, ::-1]) if order == 'bgr' else pixels, order)
