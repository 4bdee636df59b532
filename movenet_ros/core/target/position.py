"""Where the target is, in metres."""
from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config.declarations import TargetConfig
from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.core.geometry.ground_plane import on_ground
from movenet_ros.core.geometry.poses_3d import Poses3D
from movenet_ros.core.rotation import upright_vectors
from movenet_ros.core.skeleton import LEFT_ANKLE, RIGHT_ANKLE
from movenet_ros.core.types import Poses

ANKLE_HEIGHT = 0.1
"""Height of ankles above the floor [m]."""


def target_position(row: int, poses: Poses, poses_3d: Poses3D | None, camera: CameraModel | None,
                    config: TargetConfig, degrees: int = 0) -> NDArray[np.float64] | None:
    """The position of a person: from depth; else from the floor, if the camera's height is known.

    Args:
        row: The person.
        poses: The people in an image.
        poses_3d: The same people in metres; None where nothing is known.
        camera: The camera of the image; None where it is not calibrated.
        config: Height and pitch of the camera.
        degrees: By which the image is to be rotated to be upright: the parameter `rotate`.

    Returns:
        float64 [3], in the optical frame of the image [m]: of the torso's surface where it is
        from depth, of the floor between the feet otherwise. None where it is not known.
    """
    if poses_3d is not None and np.isfinite(poses_3d.position[row]).all():
        return np.asarray(poses_3d.position[row], np.float64)
    # A camera below the ankles does not see them above a floor.
    if camera is None or config.camera_height <= ANKLE_HEIGHT:
        return None
    ankles = [ankle for ankle in (LEFT_ANKLE, RIGHT_ANKLE) if poses.visible[row, ankle]]
    if not ankles:
        return None
    pitch = math.radians(config.camera_pitch)
    above_floor = config.camera_height - ANKLE_HEIGHT
    ray = _rotated(camera.rays(poses.xy[row, ankles].mean(axis=0)), degrees)
    down = np.array([0.0, math.cos(pitch), math.sin(pitch)])
    point = on_ground(ray, above_floor, pitch) + ANKLE_HEIGHT * down
    return _rotated(point, -degrees % 360) if np.isfinite(point).all() else None


def _rotated(vector: NDArray[np.float64], degrees: int) -> NDArray[np.float64]:
    """A vector in the optical frame [3], when the image is rotated about the frame's z axis."""
    return np.append(upright_vectors(vector[:2], degrees), vector[2])
