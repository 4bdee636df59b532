"""Boxes around keypoints; image-normalised, x_min, y_min, x_max, y_max, float64 [4]."""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.tracker import iou

Box = NDArray[np.float64]

MIN_KEYPOINT_SCORE = 0.2
"""Keypoints below say nothing about where a person is."""


def keypoint_box(xy: NDArray[np.float64], score: NDArray[np.float64]) -> Box:
    """The box around the keypoints of at least `MIN_KEYPOINT_SCORE`; of fewer than two, around all.

    Args:
        xy: float64 [17,2].
        score: float64 [17].
    """
    seen = score >= MIN_KEYPOINT_SCORE
    points = xy[seen] if seen.sum() >= 2 else xy
    return np.concatenate((points.min(axis=0), points.max(axis=0)))


def union(box: Box, other: Box) -> Box:
    """The smallest box around both."""
    return np.concatenate((np.minimum(box[:2], other[:2]), np.maximum(box[2:], other[2:])))


def overlap(box: Box, other: Box) -> float:
    """Intersection over union."""
    return float(iou(box[None], other[None])[0, 0])


def moved(box: Box, shift: NDArray[np.float64]) -> Box:
    """The box moved by `shift`, float64 [2]."""
    return box + np.tile(shift, 2)
