"""`~/markers`: skeletons in 3-D, for RViz and Foxglove."""
from __future__ import annotations

from types import ModuleType

from rclpy.qos import QoSProfile

from movenet_ros.core.observation import Observation
from movenet_ros.core.types import NANOSECONDS
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.conversions import to_header
from movenet_ros.ros.publications.marker_messages import SkeletonMarkers
from movenet_ros.ros.publications.publication import CreatePublisher


class MarkerPublication:
    """Publishes `~/markers`, while it has subscribers."""

    def __init__(self, create: CreatePublisher, messages: ModuleType) -> None:
        """Creates the publisher.

        Args:
            create: Creates it.
            messages: `visualization_msgs.msg`.
        """
        self._publisher = create(messages.MarkerArray, 'markers', QoSProfile(depth=10))
        self._markers = SkeletonMarkers(messages)

    def publish(self, image: PublishedImage, observation: Observation) -> None:
        """See `Publication`."""
        people = observation.poses_3d
        if people is not None and self._publisher.get_subscription_count():
            seconds, nanoseconds = image.stamp
            self._publisher.publish(self._markers.of_image(
                to_header(image.stamp, image.frame_id), seconds * NANOSECONDS + nanoseconds,
                people.id.tolist(), people.keypoint_position))
