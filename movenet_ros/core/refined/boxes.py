"""Boxes around keypoints; image-normalised, x_min, y_min, x_max, y_max, float64 [4]."""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.tracker import MIN_KEYPOINT_SCORE, iou

Box = NDArray[np.float64]


def box_around(points: NDArray[np.float64]) -> Box:
    """The smallest box around points [N,2]."""
    return np.concatenate((points.min(axis=0), points.max(axis=0)))


def keypoint_box(xy: NDArray[np.float64], score: NDArray[np.float64]) -> Box:
    """The box around the keypoints of at least `MIN_KEYPOINT_SCORE`; of fewer than two, around all.

    Args:
        xy: float64 [17,2].
        score: float64 [17].
    """
    seen = score >= MIN_KEYPOINT_SCORE
    return box_around(xy[seen] if seen.sum() >= 2 else xy)


def union(box: Box, other: Box) -> Box:
    """The smallest box around both."""
    return np.concatenate((np.minimum(box[:2], other[:2]), np.maximum(box[2:], other[2:])))


def overlap(box: Box, other: Box) -> float:
    """Intersection over union."""
    return float(iou(box[None], other[None])[0, 0])


def moved(box: Box, shift: NDArray[np.float64]) -> Box:
    """The box moved by `shift`, float64 [2]."""
    return box + np.tile(shift, 2)
