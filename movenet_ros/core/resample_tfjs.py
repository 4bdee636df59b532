"""Resampling as the reference implementation computes it, to the last bit.

The same two operations as in resample.py, in float32, in the reference's order, and
with its habit of cutting off what is behind the point. To compare with it.
"""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.resample import multipose_size, padded_side, to_rgb
from movenet_ros.core.types import Crop, Picture

_Float = np.float32


def crop_as_tfjs(picture: Picture, crop: Crop, size: int) -> NDArray[np.uint8]:
    """As `resample_crop`."""
    image = to_rgb(picture.pixels, picture.order)
    ys = _samples(crop.y_min, crop.y_max, picture.height, size)
    xs = _samples(crop.x_min, crop.x_max, picture.width, size)
    result = _interpolate(image, ys, xs)
    result[(ys < 0) | (ys > picture.height - 1)] = 0
    result[:, (xs < 0) | (xs > picture.width - 1)] = 0
    return result.astype(np.uint8)


def whole_as_tfjs(picture: Picture, long_side: int) -> NDArray[np.uint8]:
    """As `resample_whole`."""
    image = to_rgb(picture.pixels, picture.order)
    width, height = multipose_size(picture.width, picture.height, long_side)
    ys = np.arange(height, dtype=_Float) * _Float(picture.height / height)
    xs = np.arange(width, dtype=_Float) * _Float(picture.width / width)
    padded = np.zeros((padded_side(height), padded_side(width), 3), np.uint8)
    padded[:height, :width] = _interpolate(image, ys, xs).astype(np.uint8)
    return padded


def _samples(start: float, end: float, side: int, count: int) -> NDArray[np.float32]:
    first, last = _Float(start / side), _Float(end / side)
    step = (last - first) * _Float(side - 1) / _Float(count - 1)
    return np.asarray(first * _Float(side - 1) + np.arange(count, dtype=_Float) * step, _Float)


def _interpolate(image: NDArray[np.uint8], ys: NDArray[np.float32],
                 xs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bilinear samples at ys x xs, float32 [H,W,3]; beyond the image its last pixel is repeated."""
    ys, xs = (np.clip(place, 0, side - 1) for place, side in zip(
        (ys, xs), image.shape[:2], strict=True))
    tops, lefts = np.floor(ys).astype(np.intp), np.floor(xs).astype(np.intp)
    bottoms, rights = np.ceil(ys).astype(np.intp), np.ceil(xs).astype(np.intp)
    down, right = (ys - tops)[:, None, None], (xs - lefts)[None, :, None]
    rows = []
    for row in (tops, bottoms):
        a = image[row[:, None], lefts[None]].astype(_Float)
        b = image[row[:, None], rights[None]].astype(_Float)
        rows.append(a + (b - a) * right.astype(_Float))
    return np.asarray(rows[0] + (rows[1] - rows[0]) * down.astype(_Float), _Float)
