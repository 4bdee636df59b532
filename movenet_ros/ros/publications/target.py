"""`~/target`: a Target for every image."""
from __future__ import annotations

from rclpy.qos import QoSProfile

from movenet_ros.core.observation import Observation
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.messages.target import serialize_target
from movenet_ros.msg import Target
from movenet_ros.ros.publications.publication import CreatePublisher


class TargetPublication:
    """Publishes the chosen person, while anybody listens."""

    def __init__(self, create: CreatePublisher) -> None:
        """Creates the publisher."""
        # Not latched: the next image brings the next message, and nobody should act on an old one.
        self._publisher = create(Target, 'target', QoSProfile(depth=10))

    @property
    def topic(self) -> str:
        """Full name of the topic."""
        return str(self._publisher.topic_name)

    def publish(self, image: PublishedImage, observation: Observation) -> None:
        """See `Publication`."""
        if self._publisher.get_subscription_count():
            self._publisher.publish(serialize_target(image, observation.target))
