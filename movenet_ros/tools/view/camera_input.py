"""Subscribes to what belongs to one camera, for as long as somebody watches it."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import QoSProfile

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import ImageError
from movenet_ros.images.cdr import ImageMessage, read_image
from movenet_ros.messages.pose_array import PoseMessage
from movenet_ros.msg import PoseArray, PoseArray3D, Target
from movenet_ros.ros.subscription.adaptive_subscription import AdaptiveSubscription
from movenet_ros.ros.subscription.image_topic import type_name
from movenet_ros.tools.pose_statistics import PoseStatistics
from movenet_ros.tools.view.node_topics import image_type
from movenet_ros.tools.view.pairing import PairedImage, Pairing
from movenet_ros.tools.view.reading import read_pose_array, read_positions, read_target

if TYPE_CHECKING:
    # Jazzy passes it without having a name for it
    from rclpy.subscription import MessageInfo

POSES_DEPTH = 10
IMAGE_DEPTH = 4
"""An image that is missed does no harm, and each place of the queue takes memory of its size."""
LONGEST_LATENCY = 60.0
"""Poses that seem to be older [s] have stamps of another clock than the system's."""


class CameraInput:
    """The subscriptions to a camera's images and to what a node publishes of them.

    Attributes:
        topics: What it is subscribed to, by the keys of `node_topics.TYPES`, and `image`.
        statistics: Of the poses.
        latency: From the stamp of the last image until its poses were received [s]; None if
            the stamps are not of the system's clock, as simulated time.
    """

    def __init__(self, node: Node, topics: dict[str, str]) -> None:
        """Subscribes; to the images when their type is known.

        Args:
            node: Who subscribes.
            topics: Full names; that of the images may be empty.
        """
        self._node, self.topics = node, topics
        self.statistics = PoseStatistics()
        self.latency: float | None = None
        self._pairing = Pairing()
        self._images: AdaptiveSubscription | None = None
        # Not by lambdas: rclpy looks at the parameters, and passes two what is known of a message.
        self._subscriptions = [self._subscribe(kind, topics[name], receive) for name, kind, receive
                               in (('poses', PoseArray, self._receive_poses),
                                   ('poses_3d', PoseArray3D, self._receive_positions),
                                   ('target', Target, self._receive_target))]
        self.find_images()

    def close(self) -> None:
        """Unsubscribes."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        if self._images is not None:
            self._images.close()

    @property
    def has_images(self) -> bool:
        """Whether it is subscribed to images."""
        return self._images is not None

    def find_images(self) -> None:
        """Subscribes to the images, if it is not, and their type is known."""
        topic = self.topics['image']
        kind = image_type(self._node, topic) if topic and self._images is None else None
        if kind is not None:
            self._image_type = type_name(kind)
            self._images = AdaptiveSubscription(
                self._node, kind, topic, depth=IMAGE_DEPTH, on_message=self._receive_image,
                on_lost=_ignore, on_restart=_nothing, on_check=_nothing)

    def take(self, now: float) -> PairedImage | None:
        """The newest image that is to be shown now, see `Pairing`."""
        return self._pairing.take(now)

    def due_in(self, now: float) -> float | None:
        """When to take at the latest, if nothing comes before, see `Pairing`."""
        return self._pairing.due_in(now)

    def _subscribe(self, kind: Any, topic: str, receive: Callable[..., None]) -> Any:
        # rclpy's own callbacks use what rclpy has deprecated
        return self._node.create_subscription(
            kind, topic, receive, QoSProfile(depth=POSES_DEPTH), raw=True,
            event_callbacks=SubscriptionEventCallbacks(use_default_callbacks=False))

    def _receive_poses(self, serialized: bytes, info: MessageInfo) -> None:
        now = time.monotonic()
        message = _readable(read_pose_array, serialized)
        if message is None:
            return
        self.statistics.add(message.sequence, now)
        self.latency = _latency(message, info)
        self._pairing.add(message.stamp_ns, message, now)

    def _receive_positions(self, serialized: bytes) -> None:
        if (read := _readable(read_positions, serialized)) is not None:
            stamp_ns, positions = read
            self._pairing.add(stamp_ns, positions, time.monotonic())

    def _receive_target(self, serialized: bytes) -> None:
        if (read := _readable(read_target, serialized)) is not None:
            stamp_ns, target = read
            self._pairing.add(stamp_ns, target, time.monotonic())

    def _receive_image(self, serialized: bytes, info: MessageInfo) -> None:
        message = _readable(self._read_image, serialized)
        if message is not None:
            self._pairing.add(message.stamp_ns, message, time.monotonic())

    def _read_image(self, serialized: bytes) -> ImageMessage:
        return read_image(serialized, self._image_type)


def _readable(read: Callable[[bytes], Any], serialized: bytes) -> Any:
    """What was read; None for a damaged message, which the node counts where it matters."""
    try:
        return read(serialized)
    except ImageError:
        return None


def _latency(message: PoseMessage, info: MessageInfo) -> float | None:
    received = int(info['received_timestamp']) or time.time_ns()
    latency = (received - message.stamp_ns) / NANOSECONDS
    return latency if 0.0 <= latency <= LONGEST_LATENCY else None


def _ignore(event: Any) -> None:
    pass


def _nothing() -> None:
    pass
