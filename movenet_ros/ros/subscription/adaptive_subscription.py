"""A subscription that is reliable where every publisher offers it, and best effort otherwise."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rcl_interfaces.msg import SetParametersResult
from rclpy.callback_groups import CallbackGroup
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
from movenet_ros.ros.subscription.image_advice import (
    endpoint_name,
    offers_reliable,
    qos_words,
    remedy,
)
from movenet_ros.ros.subscription.image_topic import type_name

if TYPE_CHECKING:
    # Jazzy passes it without having a name for it
    from rclpy.subscription import MessageInfo

# History and depth are chosen for what is done with the messages, so they cannot be overridden.
OVERRIDABLE = (QoSPolicyKind.RELIABILITY, QoSPolicyKind.DURABILITY)

ADAPT_PERIOD = 1.0  # s


class AdaptiveSubscription:
    """A subscription to large messages, serialized, that fits the publishers that there are.

    Its reliability is chosen again when publishers come and go, unless an override has set it.

    Attributes:
        qos: What is asked for now.
        is_overridden: Whether a parameter sets its reliability.
    """

    def __init__(self, node: Node, kind: Any, topic: str, *, depth: int,
                 on_message: Callable[[bytes, MessageInfo], None],
                 on_lost: Callable[[Any], None], on_restart: Callable[[], None],
                 on_check: Callable[[], None],
                 callback_group: CallbackGroup | None = None) -> None:
        """Subscribes.

        Args:
            node: Who subscribes.
            kind: Type of the messages.
            topic: Name of the topic, before it is remapped.
            depth: Of the queue.
            on_message: Called with each message, serialized, because a message object would
                hold a copy of the pixels.
            on_lost: Called with the event of lost messages.
            on_restart: Called when it has subscribed again, after a moment without.
            on_check: Called every `ADAPT_PERIOD`.
            callback_group: Of the messages; None for that of the node.

        Raises:
            ParameterError: An override of the quality of service means nothing.
        """
        self._node, self._kind, self._relative_name = node, kind, topic
        self._on_message, self._on_lost = on_message, on_lost
        self._on_restart, self._on_check = on_restart, on_check
        self._callback_group = callback_group
        self.is_overridden = False
        self.qos = QoSProfile(
            history=QoSHistoryPolicy.KEEP_LAST, depth=depth,
            reliability=QoSReliabilityPolicy.BEST_AVAILABLE,
            durability=QoSDurabilityPolicy.VOLATILE)
        check_overrides(node, self.topic, 'subscription', OVERRIDABLE)
        # The profile is changed by the overrides in place.
        self._subscription = self._subscribe(
            QoSOverridingOptions(OVERRIDABLE, callback=self._choose))
        # A steady clock: simulated time may be paused.
        self._timer = node.create_timer(
            ADAPT_PERIOD, self.adapt, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def close(self) -> None:
        """Unsubscribes."""
        self._node.destroy_timer(self._timer)
        self._node.destroy_subscription(self._subscription)

    @property
    def topic(self) -> str:
        """The full name of the topic."""
        return self._node.resolve_topic_name(self._relative_name)

    @property
    def publishers(self) -> list[TopicEndpointInfo]:
        """Who publishes on the topic, as far as discovery knows, compatible or not."""
        return list(self._node.get_publishers_info_by_topic(self.topic))

    def take(self) -> tuple[bytes, MessageInfo] | None:
        """The next message in the queue; None where there is none."""
        with self._subscription.handle:
            return self._subscription.handle.take_message(self._kind, True)

    def adapt(self) -> None:
        """Chooses the reliability again; without publishers it stays as it is."""
        self._on_check()
        publishers, best = self._candidates(), self._best_reliability()
        if self.is_overridden or not publishers or best == self.qos.reliability:
            return
        if best == QoSReliabilityPolicy.RELIABLE:
            self._resubscribe(best, f'every publisher on {self.topic} offers reliable')
        else:
            name = next(endpoint_name(p) for p in publishers if not offers_reliable(p))
            self._resubscribe(best, f'{name} on {self.topic} offers only best effort')

    def _subscribe(self, overrides: QoSOverridingOptions | None = None) -> Subscription[Any]:
        return self._node.create_subscription(
            self._kind, self._relative_name, self._on_message, self.qos,
            callback_group=self._callback_group, qos_overriding_options=overrides, raw=True,
            event_callbacks=SubscriptionEventCallbacks(
                incompatible_qos=self._incompatible, message_lost=self._on_lost,
                use_default_callbacks=False))

    def _choose(self, qos: QoSProfile) -> SetParametersResult:
        """Chooses the reliability, once the overrides are in the profile."""
        self.is_overridden = qos.reliability != QoSReliabilityPolicy.BEST_AVAILABLE
        if not self.is_overridden:
            qos.reliability = self._best_reliability()
        return SetParametersResult(successful=True)

    def _best_reliability(self) -> QoSReliabilityPolicy:
        offered = all(offers_reliable(p) for p in self._candidates())
        return QoSReliabilityPolicy.RELIABLE if offered else QoSReliabilityPolicy.BEST_EFFORT

    def _candidates(self) -> list[TopicEndpointInfo]:
        """Publishers whose messages can come here."""
        return [p for p in self.publishers if p.topic_type == type_name(self._kind)]

    def _resubscribe(self, reliability: QoSReliabilityPolicy, reason: str) -> None:
        self._node.destroy_subscription(self._subscription)
        self.qos.reliability = reliability
        self._subscription = self._subscribe()
        self._on_restart()
        self._node.get_logger().info(
            f'{reason}: subscribed to it again with {qos_words(self.qos)}')

    def _incompatible(self, event: Any) -> None:
        # Comes before discovery knows whose publisher it is.
        policy = QoSPolicyKind(event.last_policy_kind)
        if policy == QoSPolicyKind.RELIABILITY and not self.is_overridden:
            self._resubscribe(QoSReliabilityPolicy.BEST_EFFORT,
                              f'a publisher on {self.topic} offers only best effort')
            return
        self._node.get_logger().warning(
            f'a publisher on {self.topic} offers another {policy.name.lower()} than we ask for '
            f'({qos_words(self.qos)}): no image will come from it. '
            f'{remedy(self.topic, policy)}')
