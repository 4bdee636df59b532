"""The colours of people's torsos, as histograms that tell them apart after a while.

Pixels are sampled on a grid that lies on the torso, whatever its size and direction, so the time
does not depend on the image's size, nor does it matter whether the camera is upright. Before,
they are divided by the mean colour of the whole image (grey-world): exposure and white balance,
which cameras change by themselves, then cancel. Measured on PETS 2009 S3-MF1 (people 100 px tall)
and on drawn clips: the share of views recognised where 1 % of strangers are taken for the person
is 0.60 and 0.98, and with each channel's gain changed by 0.7 to 1.4 the same; without the division
0.33 and 0.94, and with changed gain 0.23 and 0.30.

The mean colours of limbs (`refined.limb_colors`) are for people who cross, a moment later in the
same light; used here, they recognise fewer (see docs/target.md).
"""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.resample import to_rgb
from movenet_ros.core.skeleton import (
    LEFT_HIP,
    LEFT_SHOULDER,
    RIGHT_HIP,
    RIGHT_SHOULDER,
    TORSO,
)
from movenet_ros.core.types import Picture, Poses

BINS = (8, 4, 4)
"""Number of bins of hue, saturation and value."""

ALONG = np.linspace(0.1, 0.85, 16)
"""Where along the torso pixels are sampled: 0 between the shoulders, 1 between the hips."""

ACROSS = np.linspace(-0.38, 0.38, 10)
"""Where across it, as a multiple of its width from the middle."""

MIN_WIDTH = 0.35
"""The torso is at least this wide, as a multiple of its length: seen from the side as well."""

MIN_LENGTH = 36.0
"""A shorter torso has too few pixels [px]: with 20, 5 % of the targets in PETS, whose torsos are 22
to 33 px long, were confused with somebody else even at a similarity of 0.92; with 32, 1 %."""

MIN_SHOULDER_RATIO = 0.7
"""A torso shorter than this multiple of the shoulders' distance leans towards the camera."""

SAMPLED_SIDE = 32
"""Rows and columns of pixels from which the mean colour of the image is taken."""

GREY = 0.43
"""The mean of each channel that pixels are scaled to, of the full range."""


def usable_torsos(poses: Poses, width: int, height: int) -> NDArray[np.bool_]:
    """Whose torso is visible, large enough, not foreshortened and not overlapped by another box.

    Args:
        poses: N people.
        width: Of the image [px].
        height: Of the image [px].

    Returns:
        bool [N].
    """
    if not len(poses):
        return np.zeros(0, np.bool_)
    points, length = _grid(poses.xy.astype(np.float64))
    flat = points.reshape(len(poses), -1, 2)
    low, high = flat.min(axis=1), flat.max(axis=1)
    shoulders = np.linalg.norm(poses.xy[:, LEFT_SHOULDER] - poses.xy[:, RIGHT_SHOULDER], axis=1)
    overlaps = ((low[:, None] < poses.box[None, :, 2:]) & (high[:, None] > poses.box[None, :, :2]))
    covered = overlaps.all(axis=2)
    np.fill_diagonal(covered, False)
    return np.asarray(
        poses.visible[:, TORSO].all(axis=1)
        & (length >= MIN_LENGTH) & (length >= MIN_SHOULDER_RATIO * shoulders)
        & (low >= 0).all(axis=1) & (high <= (width, height)).all(axis=1)
        & ~covered.any(axis=1))


def torso_colors(picture: Picture, poses: Poses,
                 rows: Sequence[int] | NDArray[np.intp]) -> NDArray[np.float32]:
    """The colours of some people's torsos.

    Args:
        picture: The image.
        poses: The people in it.
        rows: K of them.

    Returns:
        float32 [K,128]: the square roots of the shares of the bins, so that the scalar product of
        two rows is their Bhattacharyya coefficient, 0..1.
    """
    points, _ = _grid(poses.xy[np.asarray(rows, np.intp)].astype(np.float64))
    x = np.clip(points[..., 0], 0, picture.width - 1).astype(np.intp)
    y = np.clip(points[..., 1], 0, picture.height - 1).astype(np.intp)
    rgb = to_rgb(picture.pixels[y, x].reshape(len(rows), -1, picture.pixels.shape[2]),
                 picture.order)
    scaled = rgb * (GREY / np.maximum(mean_color(picture), 1.0)).astype(np.float32)
    return np.asarray(np.sqrt(_histograms(np.minimum(scaled, 1.0))), np.float32)


def mean_color(picture: Picture) -> NDArray[np.float32]:
    """The mean colour of the whole image, from some of its pixels.

    Returns:
        float32 [3], RGB, 0..255.
    """
    rows = np.linspace(0, picture.height - 1, SAMPLED_SIDE).astype(np.intp)
    columns = np.linspace(0, picture.width - 1, SAMPLED_SIDE).astype(np.intp)
    rgb = to_rgb(picture.pixels[rows[:, None], columns], picture.order)
    return np.asarray(rgb.reshape(-1, 3).mean(axis=0), np.float32)


def _grid(xy: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points on the torsos of people with keypoints [N,17,2]: [N,16,10,2], and lengths [N] [px]."""
    shoulders = xy[:, RIGHT_SHOULDER] - xy[:, LEFT_SHOULDER]
    hips = xy[:, RIGHT_HIP] - xy[:, LEFT_HIP]
    top = (xy[:, LEFT_SHOULDER] + xy[:, RIGHT_SHOULDER]) / 2
    axis = (xy[:, LEFT_HIP] + xy[:, RIGHT_HIP]) / 2 - top
    length = np.linalg.norm(axis, axis=1)
    mean_width = (np.linalg.norm(shoulders, axis=1) + np.linalg.norm(hips, axis=1)) / 2
    width = np.maximum(MIN_WIDTH * length, mean_width)
    normal = np.stack([-axis[:, 1], axis[:, 0]], axis=1) / np.maximum(length, 1e-6)[:, None]
    points = (top[:, None, None] + ALONG[None, :, None, None] * axis[:, None, None]
              + ACROSS[None, None, :, None] * (width[:, None] * normal)[:, None, None])
    return points, length


def _histograms(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shares of the bins of pixels [K,P,3], 0..1; each counts for the two nearest bins per axis."""
    people, pixels = rgb.shape[:2]
    hue, saturation, value = _hue_saturation_value(rgb)
    h, a = _neighbours(hue, BINS[0], is_cyclic=True)
    s, b = _neighbours(saturation, BINS[1])
    v, c = _neighbours(value, BINS[2])
    size = int(np.prod(BINS))
    first = np.arange(people)[:, None] * size
    # [2,2,2,K,P]: all combinations of the two bins per axis
    bins = (h[:, None, None] * BINS[1] + s[None, :, None]) * BINS[2] + v[None, None, :] + first
    weights = a[:, None, None] * b[None, :, None] * c[None, None, :]
    counts = np.bincount(bins.ravel(), weights.ravel(), people * size)
    return np.asarray(counts.reshape(people, size) / max(pixels, 1), np.float32)


def _neighbours(value: NDArray[np.float32], count: int, *, is_cyclic: bool = False) -> tuple[
        NDArray[np.intp], NDArray[np.float32]]:
    """The two bins nearest to values 0..1 [K,P], and their weights: two arrays [2,K,P]."""
    place = value * count - 0.5
    lower = np.floor(place)
    share = place - lower
    pair = np.stack((lower, lower + 1)).astype(np.intp)
    pair = pair % count if is_cyclic else pair.clip(0, count - 1)
    return pair, np.stack((1 - share, share))


def _hue_saturation_value(rgb: NDArray[np.float32]) -> tuple[
        NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Hue, saturation and value, each 0..1, of colours [...,3], 0..1."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    value = rgb.max(axis=-1)
    chroma = value - rgb.min(axis=-1)
    safe = np.maximum(chroma, 1e-6)
    hue = np.where(value == red, (green - blue) / safe % 6, np.where(
        value == green, (blue - red) / safe + 2, (red - green) / safe + 4)) / 6
    return hue, chroma / np.maximum(value, 1e-6), value
