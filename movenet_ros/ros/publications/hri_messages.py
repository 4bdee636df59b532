"""hri_msgs of a person (REP-155).

Coordinates there are fractions of the image's width and height, within [0, 1]. A keypoint
outside is moved to the edge, with confidence 0.
"""
from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from std_msgs.msg import Header

from movenet_ros.core.skeleton import KEYPOINT_NAMES, SHOULDERS

NECK = len(KEYPOINT_NAMES)
"""Not a keypoint of COCO: the middle between the shoulders, added after the last one."""

ORDER = [{**{name: index for index, name in enumerate(KEYPOINT_NAMES)}, 'neck': NECK}[name]
         for name in (
    'nose', 'neck', 'right_shoulder', 'right_elbow', 'right_wrist', 'left_shoulder', 'left_elbow',
    'left_wrist', 'right_hip', 'right_knee', 'right_ankle', 'left_hip', 'left_knee', 'left_ankle',
    'left_eye', 'right_eye', 'left_ear', 'right_ear')]
"""The keypoints of Skeleton2D, in its order."""


def body_id(number: int) -> str:
    """A person's id as REP-155 has it; no part of a topic's name may begin with a digit."""
    return f'p{number}'


def to_skeleton(messages: ModuleType, header: Header, xy: NDArray[np.float32],
                score: NDArray[np.float32], size: tuple[int, int]) -> Any:
    """A person's Skeleton2D.

    Args:
        messages: `hri_msgs.msg`.
        header: Of the image.
        xy: [17,2], keypoints [px].
        score: [17].
        size: Width and height of the image [px].
    """
    shoulders = list(SHOULDERS)
    points = np.vstack([xy, xy[shoulders].mean(axis=0)])[ORDER] / size
    confidence = np.append(score, score[shoulders].min())[ORDER]
    inside = ((points >= 0.0) & (points <= 1.0)).all(axis=1)
    points, confidence = np.clip(points, 0.0, 1.0), np.where(inside, confidence, 0.0)
    return messages.Skeleton2D(header=header, skeleton=[
        messages.NormalizedPointOfInterest2D(x=x, y=y, c=c)
        for (x, y), c in zip(points.tolist(), confidence.tolist(), strict=True)])


def to_region(messages: ModuleType, header: Header, box: NDArray[np.float32], score: float,
              size: tuple[int, int]) -> Any:
    """A person's NormalizedRegionOfInterest2D.

    Args:
        messages: `hri_msgs.msg`.
        header: Of the image.
        box: [4], x_min, y_min, x_max, y_max [px], within the image.
        score: Of the person.
        size: Width and height of the image [px].
    """
    x_min, y_min, x_max, y_max = np.clip(box / (size + size), 0.0, 1.0).tolist()
    return messages.NormalizedRegionOfInterest2D(
        header=header, xmin=x_min, ymin=y_min, xmax=x_max, ymax=y_max, c=score)
