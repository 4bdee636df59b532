"""Angles of joints."""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.gestures.bodies import Bodies, angles_between
from movenet_ros.core.skeleton import (
    LEFT_ANKLE,
    LEFT_ELBOW,
    LEFT_HIP,
    LEFT_KNEE,
    LEFT_SHOULDER,
    LEFT_WRIST,
    RIGHT_ANKLE,
    RIGHT_ELBOW,
    RIGHT_HIP,
    RIGHT_KNEE,
    RIGHT_SHOULDER,
    RIGHT_WRIST,
)

JOINTS = {
    'left_elbow': (LEFT_SHOULDER, LEFT_ELBOW, LEFT_WRIST),
    'right_elbow': (RIGHT_SHOULDER, RIGHT_ELBOW, RIGHT_WRIST),
    'left_shoulder': (LEFT_HIP, LEFT_SHOULDER, LEFT_ELBOW),
    'right_shoulder': (RIGHT_HIP, RIGHT_SHOULDER, RIGHT_ELBOW),
    'left_hip': (LEFT_SHOULDER, LEFT_HIP, LEFT_KNEE),
    'right_hip': (RIGHT_SHOULDER, RIGHT_HIP, RIGHT_KNEE),
    'left_knee': (LEFT_HIP, LEFT_KNEE, LEFT_ANKLE),
    'right_knee': (RIGHT_HIP, RIGHT_KNEE, RIGHT_ANKLE),
}
"""The three keypoints of each joint; the joint is the second."""

JOINT_NAMES = tuple(JOINTS)

_FIRST, _JOINT, _LAST = (list(column) for column in zip(*JOINTS.values(), strict=True))


def joint_angles(people: Bodies) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The angle between the two limbs at each joint.

    Args:
        people: N people.

    Returns:
        float32 [N,8], in the order of `JOINT_NAMES`, 0..pi [rad]: pi is a stretched elbow,
        knee or hip, and 0 an arm that hangs down along the torso. NaN where a keypoint
        is not visible. And bool [N,8]: whether it is the angle in space; else it is the one
        in the image, which is the same only for limbs parallel to the image.
    """
    flat, space = (_angles(points) for points in (people.xy, people.positions))
    is_spatial = ~np.isnan(space)
    return np.where(is_spatial, space, flat).astype(np.float32), is_spatial


def _angles(points: NDArray[np.float64]) -> NDArray[np.float64]:
    joint = points[:, _JOINT]
    return angles_between(points[:, _FIRST] - joint, points[:, _LAST] - joint)
