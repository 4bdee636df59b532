"""Where the images come from: a subscription of which only the newest image is worked on."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import (
    QoSDurabilityPolicy,
    QoSHistoryPolicy,
    QoSPolicyKind,
    QoSProfile,
    QoSReliabilityPolicy,
)
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo

from movenet_ros.ros.qos_overrides import check_overrides
from movenet_ros.ros.subscription import image_advice
from movenet_ros.ros.subscription.arrivals import Arrivals, Missed
from movenet_ros.ros.subscription.first_seen import FirstSeen
from movenet_ros.ros.subscription.image_advice import offers_reliable, qos_words
from movenet_ros.ros.subscription.image_topic import TRANSPORTS, ImageTopic

if TYPE_CHECKING:
    # Jazzy passes it without having a name for it
    from rclpy.subscription import MessageInfo

DEPTH = 10
"""Of the queue: what a publisher of default depth keeps until it is delivered can all be here.

Images of 1920x1080 at 30 Hz on the default transport, two busy cores: of 150 none was lost with 8,
10 or 16, up to 39 with 5, and most with 1.
"""

# Only the newest image is worth anything, so history and depth cannot be overridden.
OVERRIDABLE = (QoSPolicyKind.RELIABILITY, QoSPolicyKind.DURABILITY)

ADAPT_PERIOD = 1.0  # s
SETTLING = 0.1
"""What comes all at once after a pause of the process is here after this time [s]."""


class ImageInput:
    """A subscription of which only the newest image is worked on.

    Reliable where every publisher offers it, best effort otherwise; it is chosen again when
    publishers come and go, unless an override has set it. Reliable delivery through the default
    transport of Fast DDS needs room for the parts of several large images. So the queue is deep,
    and whenever an image is to be worked on it is emptied, down to the newest.

    Works in the executor's only thread. Measured on two cores at 30 Hz, 640x480, lightning,
    from stamp to answer: p50 4.1 ms, p95 6.9 ms, 6.7 ms of CPU per image; with a receiving and a
    working thread and a mailbox between them 4.4, 7.8 and 6.8 ms.
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
        self._on_image, self._on_missed, self._pause = on_image, on_missed, pause
        self._type: Any = TRANSPORTS[transport]
        self._arrivals = Arrivals()
        self._overridden = self._interrupted = False
        self._size = 0  # bytes, of the latest message
        self._first_seen: FirstSeen[bytes] = FirstSeen()
        self._qos = QoSProfile(
            history=QoSHistoryPolicy.KEEP_LAST, depth=DEPTH,
            reliability=QoSReliabilityPolicy.BEST_AVAILABLE,
            durability=QoSDurabilityPolicy.VOLATILE)
        check_overrides(node, self.topic, 'subscription', OVERRIDABLE)
        # The profile is changed by the overrides in place.
        self._subscription = self._subscribe(
            QoSOverridingOptions(OVERRIDABLE, callback=self._choose))
        # A steady clock: simulated time may be paused.
        self._timer = node.create_timer(
            ADAPT_PERIOD, self._adapt, clock=Clock(clock_type=ClockType.STEADY_TIME))
        self._see_publishers()

    def close(self) -> None:
        """Unsubscribes."""
        self._node.destroy_timer(self._timer)
        self._node.destroy_subscription(self._subscription)

    @property
    def topic(self) -> str:
        """The full name of the topic."""
        return self._topic.name

    @property
    def kind(self) -> str:
        """Type of the messages, e.g. 'sensor_msgs/msg/Image'."""
        return self._topic.message_type

    @property
    def qos(self) -> str:
        """The quality of service in words."""
        return qos_words(self._qos)

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
        return ImageTopic(self._node, self._camera, self._transport, self._qos, self._overridden)

    def _subscribe(self, overrides: QoSOverridingOptions | None = None) -> Subscription[Any]:
        return self._node.create_subscription(
            self._type, self._topic.relative_name, self._receive, self._qos,
            qos_overriding_options=overrides, raw=True,
            event_callbacks=SubscriptionEventCallbacks(
                incompatible_qos=self._incompatible, message_lost=self._lost,
                use_default_callbacks=False))

    def _choose(self, qos: QoSProfile) -> SetParametersResult:
        """Chooses the reliability, once the overrides are in the profile."""
        self._overridden = qos.reliability != QoSReliabilityPolicy.BEST_AVAILABLE
        if not self._overridden:
            qos.reliability = self._best_reliability()
        return SetParametersResult(successful=True)

    def _best_reliability(self) -> QoSReliabilityPolicy:
        offered = all(offers_reliable(p) for p in self._candidates())
        return QoSReliabilityPolicy.RELIABLE if offered else QoSReliabilityPolicy.BEST_EFFORT

    def _candidates(self) -> list[TopicEndpointInfo]:
        """Publishers whose messages can come here."""
        return [p for p in self.publishers if p.topic_type == self.kind]

    def _see_publishers(self) -> None:
        present = [bytes(p.endpoint_gid) for p in self.publishers]
        self._first_seen.see(present, time.monotonic())

    def _adapt(self) -> None:
        """Chooses the reliability again; without publishers it stays as it is."""
        self._see_publishers()
        publishers, best = self._candidates(), self._best_reliability()
        if self._overridden or not publishers or best == self._qos.reliability:
            return
        if best == QoSReliabilityPolicy.RELIABLE:
            self._resubscribe(best, f'every publisher on {self.topic} offers reliable')
        else:
            name = next(image_advice.endpoint_name(p) for p in publishers
                        if not offers_reliable(p))
            self._resubscribe(best, f'{name} on {self.topic} offers only best effort')

    def _resubscribe(self, reliability: QoSReliabilityPolicy, reason: str) -> None:
        self._node.destroy_subscription(self._subscription)
        self._qos.reliability = reliability
        self._subscription = self._subscribe()
        self._interrupted = True
        self._node.get_logger().info(f'{reason}: subscribed to it again with {self.qos}')

    def _receive(self, message: bytes, info: MessageInfo) -> None:
        # Of those that were published while nothing received them none is lost on the way.
        away = self._interrupted
        if self._pause():
            time.sleep(SETTLING)
            away = True
        taken = [self._origin(info)]
        # No more than there can be at one time, or a fast camera would never let go.
        while len(taken) <= DEPTH and (newer := self._take()) is not None:
            message, info = newer
            taken.append(self._origin(info))
        self._interrupted, self._size = False, len(message)
        self._on_image(message, self._arrivals.taken(
            taken, overflowed=len(taken) >= DEPTH, away=away))

    def _take(self) -> tuple[bytes, MessageInfo] | None:
        with self._subscription.handle:
            return self._subscription.handle.take_message(self._type, True)

    def _origin(self, info: MessageInfo) -> tuple[bytes, int | None]:
        """Publisher and number of a message."""
        publisher = info.get('publisher_gid')
        if publisher is None and self._node.count_publishers(self.topic) > 1:
            # Jazzy does not distinguish publishers: the numbers of several mean nothing.
            self._arrivals.forget()
            return b'', None
        gid = b'' if publisher is None else publisher['data']
        return gid, info['publication_sequence_number']

    def _lost(self, event: Any) -> None:
        missed = self._arrivals.reported(event.total_count_change)
        if self._pause():
            missed = missed.while_away()
        self._on_missed(missed)

    def _incompatible(self, event: Any) -> None:
        # Comes before discovery knows whose publisher it is.
        policy = QoSPolicyKind(event.last_policy_kind)
        if policy == QoSPolicyKind.RELIABILITY and not self._overridden:
            self._resubscribe(QoSReliabilityPolicy.BEST_EFFORT,
                              f'a publisher on {self.topic} offers only best effort')
            return
        self._node.get_logger().warning(
            f'a publisher on {self.topic} offers another {policy.name.lower()} than we ask for '
            f'({self.qos}): no image will come from it. '
            f'{image_advice.remedy(self._topic, policy)}')
