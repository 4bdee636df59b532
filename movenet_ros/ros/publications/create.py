"""All publications of a camera."""
from __future__ import annotations

from movenet_ros.config import Config
from movenet_ros.ros.publications.bodies import BodyPublication
from movenet_ros.ros.publications.detections import DetectionPublication
from movenet_ros.ros.publications.events import EventPublication
from movenet_ros.ros.publications.markers import MarkerPublication
from movenet_ros.ros.publications.optional_messages import find_messages, require_messages
from movenet_ros.ros.publications.poses_3d import Poses3DPublication
from movenet_ros.ros.publications.publication import CreatePublisher, Publication
from movenet_ros.ros.publications.publisher_pool import PublisherPool


def create_publications(create: CreatePublisher, pool: PublisherPool,
                        config: Config) -> tuple[Publication, ...]:
    """Those that the parameters ask for, and whose messages are installed.

    Args:
        create: Creates the camera's publishers.
        pool: Creates those that come and go.
        config: The parameters at configure.

    Raises:
        ParameterError: A parameter asks for messages that are not installed.
    """
    publications: list[Publication] = [EventPublication(create), Poses3DPublication(create)]
    if visualization_msgs := find_messages('visualization_msgs'):
        publications.append(MarkerPublication(create, visualization_msgs))
    if vision_msgs := find_messages('vision_msgs'):
        publications.append(DetectionPublication(create, vision_msgs))
    if config.hri:
        publications.append(BodyPublication(pool, require_messages('hri_msgs', 'hri')))
    return tuple(publications)
