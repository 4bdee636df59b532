"""The people of one image as gestures see them: upright, and only keypoints that are visible.

A coordinate that is not known is NaN. Every comparison with NaN is false, so nothing is found in
keypoints that are not visible.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.rotation import upright_vectors
from movenet_ros.core.skeleton import (
    LEFT_ANKLE,
    LEFT_EAR,
    LEFT_ELBOW,
    LEFT_EYE,
    LEFT_HIP,
    LEFT_KNEE,
    LEFT_SHOULDER,
    LEFT_WRIST,
    NOSE,
    RIGHT_ANKLE,
    RIGHT_EAR,
    RIGHT_ELBOW,
    RIGHT_EYE,
    RIGHT_HIP,
    RIGHT_KNEE,
    RIGHT_SHOULDER,
    RIGHT_WRIST,
)
from movenet_ros.core.types import Poses

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SHOULDERS = [LEFT_SHOULDER, RIGHT_SHOULDER]
ELBOWS = [LEFT_ELBOW, RIGHT_ELBOW]
WRISTS = [LEFT_WRIST, RIGHT_WRIST]
HIPS = [LEFT_HIP, RIGHT_HIP]
KNEES = [LEFT_KNEE, RIGHT_KNEE]
ANKLES = [LEFT_ANKLE, RIGHT_ANKLE]
EYES = [LEFT_EYE, RIGHT_EYE]
HEAD = [NOSE, LEFT_EYE, RIGHT_EYE, LEFT_EAR, RIGHT_EAR]

TORSO_PER_SHOULDERS = 1.3
"""Length of the torso per distance of the shoulders, of people who face the camera: the lower
quartile of 109 people of COCO whose eyes are both visible is 1.36, turned people have more."""


@dataclass(frozen=True, eq=False)
class Bodies:
    """N people of one image, rotated upright.

    Attributes:
        xy: float64 [N,17,2], keypoints, x to the right and y down [px]; NaN where not visible.
        size: float64 [N], length of the torso, shoulder to hip [px]; NaN if unknown. Thresholds
            are multiples of it, so they hold at any distance.
        positions: float64 [N,17,3], keypoints in the optical frame, rotated upright about its z
            axis [m]; NaN where not known.
    """

    xy: Floats
    size: Floats
    positions: Floats


def bodies(poses: Poses, positions: NDArray[np.floating] | None, degrees: int) -> Bodies:
    """The people of an image as gestures see them.

    Args:
        poses: N people, in the frame of the image.
        positions: float [N,17,3], in the optical frame of the image [m]; NaN where not known.
        degrees: By which the image is to be rotated to be upright.
    """
    known = poses.visible & np.isfinite(poses.xy).all(axis=2)
    xy = np.where(known[:, :, None], upright_vectors(poses.xy.astype(np.float64), degrees), np.nan)
    if positions is None:
        placed = np.full((*known.shape, 3), np.nan)
    else:
        known = known & np.isfinite(positions).all(axis=2)
        placed = np.where(known[:, :, None], positions, np.nan)
        placed[..., :2] = upright_vectors(placed[..., :2], degrees)
    return Bodies(xy, _torso_size(xy), placed)


def _torso_size(xy: Floats) -> Floats:
    """The largest of three measures, as a turned or bent torso makes each of them smaller."""
    sides = lengths(xy[:, SHOULDERS] - xy[:, HIPS])
    width = lengths(xy[:, LEFT_SHOULDER] - xy[:, RIGHT_SHOULDER])
    size = np.fmax(np.fmax(sides[:, 0], sides[:, 1]), TORSO_PER_SHOULDERS * width)
    return np.where(size > 0, size, np.nan)


def lengths(vectors: Floats) -> Floats:
    """Of vectors [...,D]."""
    return np.asarray(np.sqrt(np.einsum('...i,...i->...', vectors, vectors)))


def known_mean(points: Floats) -> Floats:
    """The mean of those points [...,K,D] that are known; NaN if none is."""
    known = ~np.isnan(points[..., :1])
    count = known.sum(axis=-2)
    total = np.where(known, points, 0.0).sum(axis=-2)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def angles_between(first: Floats, second: Floats) -> Floats:
    """Angles of vectors [...,D] in 0..pi [rad]; NaN where one has no length."""
    product = lengths(first) * lengths(second)
    cosine = np.einsum('...i,...i->...', first, second) / np.where(product > 0, product, np.nan)
    return np.asarray(np.arccos(np.clip(cosine, -1.0, 1.0)))


def all_known(points: Floats) -> Bools:
    """Which of N sets of points [N,K,D] have no unknown one."""
    return np.asarray(~np.isnan(points).any(axis=(1, 2)))


def angles_from_up(vectors: Floats) -> Floats:
    """Angles to the image's (or, in 3-D, the camera's) upward direction, 0..pi [rad]."""
    up = np.zeros(vectors.shape[-1])
    up[1] = -1.0
    return angles_between(vectors, up)
