"""People in metres: what `lift` makes of the poses of one image."""
from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.skeleton import KEYPOINTS


class Reason(IntEnum):
    """Why a keypoint has a position, or none."""

    OK = 0
    """It has one."""
    NO_DEPTH = 1
    """The depth image has none around it."""
    OUTSIDE = 2
    """It is outside of the image."""
    BEYOND_REACH = 3
    """The depth there is farther from the torso's than a limb reaches: the background, or something
    in front."""
    UNREGISTERED = 4
    """The depth image is of another size or frame than the image."""
    NO_DEPTH_IMAGE = 5
    """No depth image belongs to the image."""


@dataclass(frozen=True, eq=False)
class Poses3D:
    """The N people of one `Poses`, in the same order; in the optical frame of the image.

    Axes (REP-103): x to the right, y down, z forward, from the camera's optical centre.

    Attributes:
        id: int32 [N], as in the poses.
        keypoint_ray: float32 [N,17,3], unit vectors towards the keypoints.
        keypoint_position: float32 [N,17,3] [m], smoothed; NaN where unknown.
        keypoint_reason: uint8 [N,17], see `Reason`.
        keypoint_spread: float32 [N,17] [m], from the 10th to the 90th percentile of the depths
            around the keypoint: large at an edge. NaN where there are none.
        ray: float32 [N,3], unit vector towards the middle of the torso, see `bearing`.
        position: float32 [N,3] [m], of the torso's surface there, smoothed; NaN where unknown.
        velocity: float32 [N,3] [m/s], of `position`; NaN where unknown, as in the first image.
        distance: float32 [N] [m], of `position` from the camera.
        extent: float32 [N,2] [m], nearest and farthest depth (z) of the person; NaN where unknown.
        unregistered: Why the depth image does not belong to the image; empty if it does.
    """

    id: NDArray[np.int32]
    keypoint_ray: NDArray[np.float32]
    keypoint_position: NDArray[np.float32]
    keypoint_reason: NDArray[np.uint8]
    keypoint_spread: NDArray[np.float32]
    ray: NDArray[np.float32]
    position: NDArray[np.float32]
    velocity: NDArray[np.float32]
    distance: NDArray[np.float32]
    extent: NDArray[np.float32]
    unregistered: str = ''

    def __len__(self) -> int:
        return len(self.id)

    @classmethod
    def unknown(cls, id: NDArray[np.int32], reason: Reason, unregistered: str = '') -> Poses3D:
        """People of whom nothing is known in metres."""
        def nans(*shape: int) -> NDArray[np.float32]:
            return np.full((len(id), *shape), np.nan, np.float32)

        return cls(id, nans(KEYPOINTS, 3), nans(KEYPOINTS, 3),
                   np.full((len(id), KEYPOINTS), reason, np.uint8), nans(KEYPOINTS), nans(3),
                   nans(3), nans(3), nans(), nans(2), unregistered)
