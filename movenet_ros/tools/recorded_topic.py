"""A subscription of which every message is recorded, as bytes."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import QoSDurabilityPolicy, QoSProfile, QoSReliabilityPolicy
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo

from movenet_ros.files.bags.bag_writer import OfferedQos
from movenet_ros.files.bags.write_queue import WriteQueue
from movenet_ros.ros.conversions import receive_ns
from movenet_ros.ros.subscription.arrivals import Arrivals, origin

if TYPE_CHECKING:
    # Jazzy passes it without having a name for it
    from rclpy.subscription import MessageInfo

LARGE = {'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'}
LARGE_DEPTH, DEPTH = 30, 100
"""Of the middleware's queue, which takes memory only while this process is late.

Images of 1920x1080 at 30 Hz, reliable on the default transport: of 300 in each round 105, 7 and 6
were not recorded with a depth of 10; none, none and 34 with 30.
"""
MOST_AT_ONCE = 100


class RecordedTopic:
    """A subscription that fits the publishers that there are.

    Attributes:
        name: Of the topic.
        kind: Type of the messages, e.g. `sensor_msgs/msg/Image`.
        received: How many messages came.
        lost: How many did not, by the numbers that the middleware gives them.
        size: Bytes of those that came.
        has_publishers: Whether somebody publishes on it, or did.
    """

    def __init__(self, node: Node, name: str, kind: str, message_class: Any, queue: WriteQueue,
                 publishers: Sequence[TopicEndpointInfo]) -> None:
        """Subscribes.

        Args:
            node: Who subscribes.
            name: Of the topic.
            kind: Type of the messages.
            message_class: Its Python class.
            queue: What takes the messages.
            publishers: Who publishes on it now.
        """
        self._node, self._class, self._queue = node, message_class, queue
        self.name, self.kind = name, kind
        self.received = self.lost = self.size = 0
        self._arrivals = Arrivals()
        self._was_away = self.has_publishers = False
        self._qos = self._fitting(publishers)
        self._subscription = self._subscribe()
        if publishers:
            self._announce(publishers)

    def adapt(self, publishers: Sequence[TopicEndpointInfo]) -> None:
        """Subscribes again if what the publishers offer has changed; without any it stays."""
        if not publishers:
            return
        self._announce(publishers)
        if self._fitting(publishers) != self._qos:
            self._node.destroy_subscription(self._subscription)
            self._qos, self._was_away = self._fitting(publishers), True
            self._subscription = self._subscribe()

    def close(self) -> None:
        """Unsubscribes."""
        self._node.destroy_subscription(self._subscription)

    def _announce(self, publishers: Sequence[TopicEndpointInfo]) -> None:
        """Adds the topic to the recording, with what its publishers offer."""
        if not self.has_publishers:
            self.has_publishers = True
            self._queue.add_topic(self.name, self.kind, [
                offered_qos(publisher) for publisher in publishers])

    def _fitting(self, publishers: Sequence[TopicEndpointInfo]) -> QoSProfile:
        """The most that all publishers offer; without any what most drivers offer."""
        offers = [publisher.qos_profile for publisher in publishers]
        reliable, latched = QoSReliabilityPolicy.RELIABLE, QoSDurabilityPolicy.TRANSIENT_LOCAL
        return QoSProfile(
            depth=LARGE_DEPTH if self.kind in LARGE else DEPTH,
            reliability=(reliable if all(qos.reliability == reliable for qos in offers)
                         else QoSReliabilityPolicy.BEST_EFFORT),
            durability=(latched if offers and all(qos.durability == latched for qos in offers)
                        else QoSDurabilityPolicy.VOLATILE))

    def _subscribe(self) -> Subscription[Any]:
        return self._node.create_subscription(
            self._class, self.name, self._receive, self._qos, raw=True,
            event_callbacks=SubscriptionEventCallbacks(
                message_lost=self._lost, use_default_callbacks=False))

    def _receive(self, message: bytes, info: MessageInfo) -> None:
        """Takes what has come, which is cheaper than a callback for each."""
        if not self.has_publishers:
            # Whoever has sent it may have left already.
            self._announce(self._node.get_publishers_info_by_topic(self.name))
        taken = [self._keep(message, info)]
        while len(taken) < MOST_AT_ONCE and (newer := self._take()) is not None:
            taken.append(self._keep(*newer))
        missed = self._arrivals.taken(taken, away=self._was_away)
        self._was_away = False
        self.lost += missed.lost

    def _take(self) -> tuple[bytes, MessageInfo] | None:
        with self._subscription.handle:
            return self._subscription.handle.take_message(self._class, True)

    def _keep(self, message: bytes, info: MessageInfo) -> tuple[bytes, int | None]:
        self.received += 1
        self.size += len(message)
        self._queue.write(self.name, receive_ns(info), message)
        return origin(info, self._arrivals,
                      lambda: self._node.count_publishers(self.name) > 1)

    def _lost(self, event: Any) -> None:
        self.lost += self._arrivals.reported(event.total_count_change).lost


def offered_qos(publisher: TopicEndpointInfo) -> OfferedQos:
    """What a publisher offers, as far as discovery knows."""
    qos = publisher.qos_profile
    return OfferedQos(
        int(qos.history), qos.depth, int(qos.reliability), int(qos.durability),
        qos.deadline.nanoseconds, qos.lifespan.nanoseconds, int(qos.liveliness),
        qos.liveliness_lease_duration.nanoseconds)
