"""`~/events`: a PersonEvent for everything that happens to a person."""
from __future__ import annotations

from rclpy.qos import QoSProfile

from movenet_ros.core.observation import Observation
from movenet_ros.messages.person_event import serialize_event
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.msg import PersonEvent
from movenet_ros.ros.publications.publication import CreatePublisher


class EventPublication:
    """Publishes what happened to people, one message each."""

    def __init__(self, create: CreatePublisher) -> None:
        """Creates the publisher."""
        # All people may be lost in one image.
        self._publisher = create(PersonEvent, 'events', QoSProfile(depth=100))

    def publish(self, image: PublishedImage, observation: Observation) -> None:
        """See `Publication`."""
        for event in observation.events:
            self._publisher.publish(serialize_event(image, event))
