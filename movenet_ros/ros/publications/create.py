"""All publications of a camera."""
from __future__ import annotations

from movenet_ros.config import Config
from movenet_ros.ros.publications.events import EventPublication
from movenet_ros.ros.publications.poses_3d import Poses3DPublication
from movenet_ros.ros.publications.publication import CreatePublisher, Publication
from movenet_ros.ros.publications.target import TargetPublication
from movenet_ros.ros.publications.target_frame import (
    HAS_TF,
    TargetFramePublication,
    frame_name,
)
from movenet_ros.ros.publications.target_pose import TargetPosePublication


def create_publications(create: CreatePublisher, config: Config) -> tuple[Publication, ...]:
    """Those that the parameters ask for.

    Args:
        create: Creates the camera's publishers.
        config: The parameters at configure.
    """
    target = TargetPublication(create)
    publications: tuple[Publication, ...] = (
        EventPublication(create), Poses3DPublication(create), target,
        TargetPosePublication(create))
    if config.target.frame and HAS_TF:
        publications += (TargetFramePublication(create, frame_name(target.topic)),)
    return publications
