"""Resampling as the reference implementation computes it, to the last bit.

The same two operations as in resample.py, in float32 and in the reference's order of
operations, and truncated to integers instead of rounded. For comparisons with it.
"""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.resample import multipose_size, padded_side, to_rgb
from movenet_ros.core.types import Crop, Picture


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
    ys = np.arange(height, dtype=np.float32) * np.float32(picture.height / height)
    xs = np.arange(width, dtype=np.float32) * np.float32(picture.width / width)
    padded = np.zeros((padded_side(height), padded_side(width), 3), np.uint8)
    padded[:height, :width] = _interpolate(image, ys, xs).astype(np.uint8)
    return padded


def _samples(start: float, end: float, side: int, count: int) -> NDArray[np.float32]:
    first, last = np.float32(start / side), np.float32(end / side)
    step = (last - first) * np.float32(side - 1) / np.float32(count - 1)
    steps = np.arange(count, dtype=np.float32) * step
    return np.asarray(first * np.float32(side - 1) + steps, np.float32)


def _interpolate(image: NDArray[np.uint8], ys: NDArray[np.float32],
                 xs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bilinear interpolation at ys x xs [px], float32 [H,W,3]; edge pixels are repeated outside."""
    ys, xs = (np.clip(place, 0, side - 1) for place, side in zip(
        (ys, xs), image.shape[:2], strict=True))
    tops, lefts = np.floor(ys).astype(np.intp), np.floor(xs).astype(np.intp)
    bottoms, rights = np.ceil(ys).astype(np.intp), np.ceil(xs).astype(np.intp)
    down, right = (ys - tops)[:, None, None], (xs - lefts)[None, :, None]
    rows = []
    for row in (tops, bottoms):
        a = image[row[:, None], lefts[None]].astype(np.float32)
        b = image[row[:, None], rights[None]].astype(np.float32)
        rows.append(a + (b - a) * right.astype(np.float32))
    return np.asarray(rows[0] + (rows[1] - rows[0]) * down.astype(np.float32), np.float32)
