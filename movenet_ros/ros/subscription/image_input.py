"""Where the images come from: a subscription of which only the newest image is worked on."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rclpy.node import Node
from rclpy.topic_endpoint_info import TopicEndpointInfo

from movenet_ros.ros.subscription import image_advice
from movenet_ros.ros.subscription.adaptive_subscription import AdaptiveSubscription
from movenet_ros.ros.subscription.arrivals import Arrivals, Missed, origin
from movenet_ros.ros.subscription.first_seen import FirstSeen
from movenet_ros.ros.subscription.image_advice import qos_words
from movenet_ros.ros.subscription.image_topic import (
    TRANSPORTS,
    ImageTopic,
    image_topic_name,
    type_name,
)

if TYPE_CHECKING:
    # Jazzy passes it without having a name for it
    from rclpy.subscription import MessageInfo

DEPTH = 10
"""Of the queue: what a publisher of default depth keeps until it is delivered can all be here.

Images of 1920x1080 at 30 Hz on the default transport, two busy cores: of 150 none was lost with 8,
10 or 16, up to 39 with 5, and most with 1.
"""

SETTLING = 0.1
"""What comes all at once after a pause of the process is here after this time [s]."""


class ImageInput:
    """A subscription of which only the newest image is worked on.

    Reliable delivery through the default transport of Fast DDS needs room for the parts of several
    large images. So the queue is deep, and whenever an image is to be worked on it is emptied, down
    to the newest.

    Works in the executor's only thread. Measured on two cores at 30 Hz, 640x480, lightning,
    from stamp to answer: p50 4.1 ms, p95 6.9 ms, 6.7 ms of CPU per image; with a receiving and a
    working thread and a mailbox between them 4.4, 7.8 and 6.8 ms.

    Attributes:
        kind: Type of the messages, e.g. 'sensor_msgs/msg/Image'.
    """

    def __init__(self, node: Node, camera: str, transport: str, *,
                 on_image: Callable[[bytes, Missed], None], on_missed: Callable[[Missed], None],
                 pause: Callable[[], float]) -> None:
        """Subscribes.

        Args:
            node: Who subscribes.
            camera: Name of the camera; may be empty.
            transport: A key of `TRANSPORTS`.
            on_image: Called with the newest image, serialized, and what was missed before it.
                Serialized, because a message object would hold a copy of the pixels.
            on_missed: Called with what else was missed, whether or not another image comes.
            pause: Tells how long the process was paused until just now [s]; 0 if it was not.

        Raises:
            ParameterError: An override of the quality of service means nothing.
        """
        self._node, self._camera, self._transport = node, camera, transport
        self.kind = type_name(TRANSPORTS[transport])
        self._on_image, self._on_missed, self._pause = on_image, on_missed, pause
        self._arrivals = Arrivals()
        self._interrupted = False
        self._size = 0  # bytes, of the latest message
        self._first_seen: FirstSeen[bytes] = FirstSeen()
        self._subscription = AdaptiveSubscription(
            node, TRANSPORTS[transport], image_topic_name(camera, transport), depth=DEPTH,
            on_message=self._receive, on_lost=self._lost, on_restart=self._interrupt,
            on_check=self._see_publishers)
        self._see_publishers()

    def close(self) -> None:
        """Unsubscribes."""
        self._subscription.close()

    @property
    def topic(self) -> str:
        """The full name of the topic."""
        return self._topic.name

    @property
    def qos(self) -> str:
        """The quality of service in words."""
        return qos_words(self._subscription.qos)

    @property
    def publishers(self) -> list[TopicEndpointInfo]:
        """Who publishes on the topic, as far as discovery knows, compatible or not."""
        return self._topic.publishers

    def just_appeared(self, patience: float) -> str:
        """What to say while no image can be expected yet; empty if one should have come.

        Args:
            patience: How long the first image of a publisher may take [s].
        """
        self._see_publishers()
        if self._first_seen.longest(time.monotonic()) > patience:
            return ''
        return image_advice.when_just_appeared(self._topic)

    def advice(self) -> str:
        """What to check when no image comes."""
        return image_advice.when_silent(self._topic, self._arrivals.publishers)

    def loss_advice(self) -> str:
        """What to do when images are lost on the way."""
        return image_advice.when_lost(self._topic, self._size)

    def bursts_advice(self) -> str:
        """What to do when images come in bursts."""
        return image_advice.when_in_bursts(self._size)

    @property
    def _topic(self) -> ImageTopic:
        return ImageTopic(self._node, self._camera, self._transport, self._subscription.qos,
                          self._subscription.is_overridden)

    def _see_publishers(self) -> None:
        present = [bytes(p.endpoint_gid) for p in self.publishers]
        self._first_seen.see(present, time.monotonic())

    def _interrupt(self) -> None:
        self._interrupted = True

    def _receive(self, message: bytes, info: MessageInfo) -> None:
        # Of those that were published while nothing received them none is lost on the way.
        away = self._interrupted
        if self._pause():
            time.sleep(SETTLING)
            away = True
        taken = [self._origin(info)]
        # No more than there can be at one time, or a fast camera would never let go.
        while len(taken) <= DEPTH and (newer := self._subscription.take()) is not None:
            message, info = newer
            taken.append(self._origin(info))
        self._interrupted, self._size = False, len(message)
        self._on_image(message, self._arrivals.taken(
            taken, overflowed=len(taken) >= DEPTH, away=away))

    def _origin(self, info: MessageInfo) -> tuple[bytes, int | None]:
        """Publisher and number of a message."""
        return origin(info, self._arrivals,
                      lambda: self._node.count_publishers(self.topic) > 1)

    def _lost(self, event: Any) -> None:
        missed = self._arrivals.reported(event.total_count_change)
        if self._pause():
            missed = missed.while_away()
        self._on_missed(missed)
