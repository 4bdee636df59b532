"""Subscribes to what belongs to one camera, for as long as somebody watches it.

Only the poses wake the executor; with them all else is taken that has come. Each callback takes
rclpy 0.4 ms, for images at 30 Hz 1.2 % of a core.
"""
from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from rclpy.callback_groups import CallbackGroup
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import QoSProfile

from movenet_ros.errors import ImageError
from movenet_ros.images.cdr import ImageMessage, read_image
from movenet_ros.msg import PoseArray, PoseArray3D, Target
from movenet_ros.ros.conversions import receive_ns
from movenet_ros.ros.subscription.adaptive_subscription import AdaptiveSubscription
from movenet_ros.ros.subscription.image_topic import type_name
from movenet_ros.tools.pose_statistics import PoseStatistics, latency
from movenet_ros.tools.view.node_topics import image_type
from movenet_ros.tools.view.page_image import PageImage
from movenet_ros.tools.view.page_picture import PagePicture
from movenet_ros.tools.view.pairing import PairedImage, Pairing
from movenet_ros.tools.view.reading import read_pose_array, read_positions, read_target

if TYPE_CHECKING:
    # Jazzy passes it without having a name for it
    from rclpy.subscription import MessageInfo

POSES_DEPTH = 10
IMAGE_DEPTH = 4
"""An image that is missed does no harm, and each place of the queue takes memory of its size."""
SETTLING = 0.002
"""Between poses and what else is published of their image [s]."""
PARTS_PERIOD = 0.01
"""How often to look for the image of poses that have come [s]."""
IMAGES_PERIOD = 0.04
"""How often to take images, of which `IMAGE_DEPTH` are kept, where poses are fewer [s]."""

FIT_PERIOD = 0.1
"""How often to look whether a camera has appeared, while no images come [s]."""


class NeverExecuted(CallbackGroup):
    """Of subscriptions whose messages are taken, instead of waking the executor.

    Neither are their events: to wait for those took 58 % of a core instead of 8 %.
    """

    def can_execute(self, entity: Any) -> bool:
        """Never."""
        return False

    def beginning_execution(self, entity: Any) -> bool:
        """Never."""
        return False

    def ending_execution(self, entity: Any) -> None:
        """Nothing was begun."""


class CameraInput:
    """The subscriptions to a camera's images and to what a node publishes of them.

    Attributes:
        topics: What it is subscribed to, by the keys of `node_topics.TYPES`, and `image`.
        statistics: Of the poses.
        latency: From the stamp of the last image until its poses were received [s]; None if
            the stamps are not of the system's clock, as simulated time.
    """

    def __init__(self, node: Node, topics: dict[str, str],
                 read_picture: Callable[[ImageMessage], PagePicture]) -> None:
        """Subscribes; to the images when their type is known.

        Args:
            node: Who subscribes.
            topics: Full names; empty for the images where they are not known, and for `poses_3d`
                where there will be none.
            read_picture: Makes the picture for the page; may raise ImageError.
        """
        self._node, self.topics, self._read_picture = node, topics, read_picture
        self.statistics = PoseStatistics()
        self.latency: float | None = None
        self._pairing = Pairing()
        self._images: AdaptiveSubscription | None = None
        self._fitted = float('-inf')  # when images came, or their subscription was fitted
        self._group = NeverExecuted()
        self._poses = self._subscribe(PoseArray, 'poses', self._receive_poses)
        self._parts = [
            (self._subscribe(kind, name, _ignore, self._group), kind, read)
            for kind, name, read in ((PoseArray3D, 'poses_3d', read_positions),
                                     (Target, 'target', read_target)) if topics[name]]
        self.find_images()

    def close(self) -> None:
        """Unsubscribes."""
        for subscription in (self._poses, *(part[0] for part in self._parts)):
            self._node.destroy_subscription(subscription)
        if self._images is not None:
            self._images.close()

    def find_images(self) -> None:
        """Subscribes to the images, if it is not, and their type is known."""
        topic = self.topics['image']
        kind = image_type(self._node, topic) if topic and self._images is None else None
        if kind is not None:
            self._image_type = type_name(kind)
            self._images = AdaptiveSubscription(
                self._node, kind, topic, depth=IMAGE_DEPTH, on_message=_ignore, on_lost=_ignore,
                on_restart=_nothing, on_check=_nothing, callback_group=self._group)

    def take(self, now: float) -> PairedImage | None:
        """The newest image that is to be shown now, see `Pairing`."""
        self._collect(now)
        paired = self._pairing.take(now)
        if paired is None and self._pairing.due_in(now) is not None:
            # What the node publishes after the poses takes it a moment.
            time.sleep(SETTLING)
            now = time.monotonic()
            self._collect(now)
            paired = self._pairing.take(now)
        return paired

    def due_in(self, now: float) -> float:
        """When to take again at the latest, if no poses come [s]."""
        return PARTS_PERIOD if self._pairing.due_in(now) is not None else IMAGES_PERIOD

    def _subscribe(self, kind: Any, name: str, receive: Callable[..., None],
                   group: CallbackGroup | None = None) -> Any:
        # rclpy's own callbacks use what rclpy has deprecated
        return self._node.create_subscription(
            kind, self.topics[name], receive, QoSProfile(depth=POSES_DEPTH), raw=True,
            callback_group=group,
            event_callbacks=SubscriptionEventCallbacks(use_default_callbacks=False))

    def _receive_poses(self, serialized: bytes, info: MessageInfo) -> None:
        now = time.monotonic()
        message = _readable(read_pose_array, serialized)
        if message is None:
            return
        self.statistics.add(message.sequence, now)
        self.latency = latency(message.stamp_ns, receive_ns(info))
        self._pairing.add(message.stamp_ns, message, now)

    def _collect(self, now: float) -> None:
        """Takes what has come beside the poses."""
        for subscription, kind, read in self._parts:
            for serialized in _taken(subscription, kind):
                if (found := _readable(read, serialized)) is not None:
                    stamp_ns, part = found
                    self._pairing.add(stamp_ns, part, now)
        # No more than there can be at one time, or a fast camera would never let go.
        for _ in range(IMAGE_DEPTH if self._images is not None else 0):
            if (taken := self._images.take()) is None:  # type: ignore[union-attr]
                break
            if (message := _readable(self._read_image, taken[0])) is not None:
                image = PageImage(message, self._read_picture)
                self._pairing.add(message.stamp_ns, image, now)
                self._fitted = now
        self._fit(now)

    def _fit(self, now: float) -> None:
        """Fits the subscription to a camera that has appeared; by itself that takes a second."""
        if self._images is not None and now - self._fitted > FIT_PERIOD:
            self._fitted = now
            self._images.adapt()

    def _read_image(self, serialized: bytes) -> ImageMessage:
        return read_image(serialized, self._image_type)


def _taken(subscription: Any, kind: Any) -> Iterator[bytes]:
    """The messages in the queue of a subscription, serialized."""
    for _ in range(POSES_DEPTH):
        with subscription.handle:
            taken = subscription.handle.take_message(kind, True)
        if taken is None:
            return
        yield taken[0]


def _readable(read: Callable[[bytes], Any], serialized: bytes) -> Any:
    """What was read; None for a damaged message, which the node counts where it matters."""
    try:
        return read(serialized)
    except ImageError:
        return None


def _ignore(*_: Any) -> None:
    pass


def _nothing() -> None:
    pass
