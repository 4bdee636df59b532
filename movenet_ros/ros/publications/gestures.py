"""`~/gestures`: a GestureArray for every image, with `gestures.enabled`."""
from __future__ import annotations

from rclpy.qos import QoSProfile

from movenet_ros.core.observation import Observation
from movenet_ros.messages.gesture_array import serialize_gestures
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.msg import GestureArray
from movenet_ros.ros.publications.publication import CreatePublisher


class GesturePublication:
    """Publishes what the people of an image do, while anybody listens."""

    def __init__(self, create: CreatePublisher) -> None:
        """Creates the publisher."""
        self._publisher = create(GestureArray, 'gestures', QoSProfile(depth=10))

    def publish(self, image: PublishedImage, observation: Observation) -> None:
        """See `Publication`."""
        if observation.gestures is not None and self._publisher.get_subscription_count():
            self._publisher.publish(serialize_gestures(image, observation.gestures))
