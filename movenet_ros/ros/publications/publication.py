"""What the files of this package have in common."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile

from movenet_ros.core.observation import Observation
from movenet_ros.messages.published_image import PublishedImage

# As a text: on Jazzy a Publisher is not generic.
CreatePublisher: TypeAlias = 'Callable[[Any, str, QoSProfile], Publisher[Any]]'
"""Creates a publisher of a message type, on a camera's topic of this name (without `~/`), or on
another topic (with `/` at the beginning)."""


class Publication(Protocol):
    """Publishes one part of what was observed.

    Made at configure, with the publishers, for all activations until cleanup: what it keeps from
    image to image must do no harm after another activation, whose ids begin again.
    """

    def publish(self, image: PublishedImage, observation: Observation) -> None:
        """Publishes it.

        Args:
            image: The image; messages carry its header, and its sequence.
            observation: What was observed in it.
        """
