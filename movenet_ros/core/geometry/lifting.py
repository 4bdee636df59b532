"""Poses in metres, from the depth at their keypoints."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from movenet_ros.config import Config
from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.core.geometry.depth_image import DepthImage
from movenet_ros.core.geometry.poses_3d import Poses3D
from movenet_ros.core.one_euro import FilterState
from movenet_ros.core.types import Poses


@dataclass(frozen=True)
class LiftingState:
    """What is remembered between two images; `LiftingState()` is a reset."""

    filters: Mapping[int, FilterState] = field(default_factory=dict)


def lift(state: LiftingState, poses: Poses, camera: CameraModel | None, depth: DepthImage | None,
         stamp_ns: int, config: Config) -> tuple[LiftingState, Poses3D]:
    """The poses of an image in metres; nobody is left out where depth is missing.

    Args:
        state: After the image before.
        poses: In the image, N people.
        camera: Its calibration, if known.
        depth: Of the same size and frame, if there is one that belongs to the image.
        stamp_ns: Of the image [ns].
        config: All parameters.

    Returns:
        The new state, and the N people, in the same order.
    """
    raise NotImplementedError
