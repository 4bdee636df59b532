"""Which way people are, from their keypoints and the camera; no depth is needed."""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.core.skeleton import TORSO
from movenet_ros.core.types import Poses


def person_rays(camera: CameraModel, poses: Poses) -> NDArray[np.float64]:
    """The directions toward people: one unit vector each, see `torso_middles`.

    Args:
        camera: The camera of the image.
        poses: The people.

    Returns:
        float64 [N,3], in the optical frame: x right, y down, z forward.
    """
    return camera.rays(torso_middles(poses))


def torso_middles(poses: Poses) -> NDArray[np.float64]:
    """The middle of each torso [px]: between its shoulders and its hips.

    One of a pair stands for both where the other is not visible; shoulders alone, or hips alone,
    are taken as the middle. Where none is visible, it is the centre of the box.

    Args:
        poses: The people.

    Returns:
        float64 [N,2].
    """
    # [N, shoulders or hips, left or right]
    seen = poses.visible[:, TORSO].reshape(-1, 2, 2, 1)
    points = poses.xy[:, TORSO].astype(np.float64).reshape(-1, 2, 2, 2)
    pairs, pair_seen = _means(points, seen)
    middles, any_seen = _means(pairs, pair_seen)
    centres = (poses.box[:, :2].astype(np.float64) + poses.box[:, 2:]) / 2
    return np.where(any_seen, middles, centres)


def azimuth_elevation(rays: NDArray[np.float64]) -> NDArray[np.float64]:
    """Directions as two angles, for a camera that is mounted upright.

    The signs are those of a robot's base (REP-103), so that turning by the azimuth, with
    `angular.z` of a geometry_msgs/Twist of the same sign, turns toward what is seen.

    Args:
        rays: [...,3], in the optical frame, of any length.

    Returns:
        float64 [...,2], in radians: azimuth, positive to the left; elevation above the plane of
        the camera's x and z axes, positive upward.
    """
    x, y, z = np.moveaxis(rays, -1, 0)
    return np.stack((np.arctan2(-x, z), np.arctan2(-y, np.hypot(x, z))), axis=-1)


def _means(points: NDArray[np.float64], seen: NDArray[np.bool_],
           ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Means along the last axis but one, of those seen, and whether any is."""
    count = seen.sum(-2)
    return np.where(seen, points, 0).sum(-2) / np.maximum(count, 1), count > 0
