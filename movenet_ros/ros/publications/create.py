"""All publications of a camera."""
from __future__ import annotations

from movenet_ros.config import Config
from movenet_ros.ros.publications.events import EventPublication
from movenet_ros.ros.publications.poses_3d import Poses3DPublication
from movenet_ros.ros.publications.publication import CreatePublisher, Publication


def create_publications(create: CreatePublisher, config: Config) -> tuple[Publication, ...]:
    """Those that the parameters ask for.

    Args:
        create: Creates the camera's publishers.
        config: The parameters at configure.
    """
    return (EventPublication(create), Poses3DPublication(create))
