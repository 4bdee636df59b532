"""All publications of a camera."""
from __future__ import annotations

from movenet_ros.config import Config
from movenet_ros.ros.publications.annotations import AnnotationPublication, has_known_fields
from movenet_ros.ros.publications.bodies import BodyPublication
from movenet_ros.ros.publications.detections import DetectionPublication
from movenet_ros.ros.publications.events import EventPublication
from movenet_ros.ros.publications.markers import MarkerPublication
from movenet_ros.ros.publications.optional_messages import find_messages, require_messages
from movenet_ros.ros.publications.poses_3d import Poses3DPublication
from movenet_ros.ros.publications.publication import CreatePublisher, Publication
from movenet_ros.ros.publications.publisher_pool import PublisherPool
from movenet_ros.ros.publications.target import TargetPublication
from movenet_ros.ros.publications.target_frame import TargetFramePublication, frame_name
from movenet_ros.ros.publications.target_pose import TargetPosePublication


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
    target = TargetPublication(create)
    publications: list[Publication] = [EventPublication(create), Poses3DPublication(create),
                                       target, TargetPosePublication(create)]
    if config.target.frame and (tf2_msgs := find_messages('tf2_msgs')):
        publications.append(TargetFramePublication(create, tf2_msgs, frame_name(target.topic)))
    if visualization_msgs := find_messages('visualization_msgs'):
        publications.append(MarkerPublication(create, visualization_msgs))
    if vision_msgs := find_messages('vision_msgs'):
        publications.append(DetectionPublication(create, vision_msgs))
    foxglove_msgs = find_messages('foxglove_msgs')
    if foxglove_msgs and has_known_fields(foxglove_msgs):
        publications.append(AnnotationPublication(create, foxglove_msgs))
    if config.hri:
        publications.append(BodyPublication(pool, require_messages('hri_msgs', 'hri')))
    if config.gestures.enabled:
        # Most have no use for it, and do not load it.
        from movenet_ros.ros.publications.gestures import GesturePublication
        publications.append(GesturePublication(create))
    return tuple(publications)
