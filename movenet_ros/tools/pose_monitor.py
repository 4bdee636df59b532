"""A subscriber of the poses that measures latency, rate and losses."""
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rclpy.context import Context
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.serialization import deserialize_message

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.msg import PoseArray
from movenet_ros.ros.conversions import receive_ns, stamp_ns
from movenet_ros.tools.pose_statistics import PoseStatistics

if TYPE_CHECKING:
    # Jazzy passes it without having a name for it
    from rclpy.subscription import MessageInfo


@dataclass(frozen=True, eq=False)
class Observation:
    """One PoseArray as it came.

    Attributes:
        message: The message.
        serialized: The same as bytes (CDR), as a bag holds it.
        received_ns: When the middleware received it, by the system clock [ns]: the time that
            this program takes to process it does not count.
        latency: Time from the header stamp until then [s].
        count: How many have come, with this one.
        lost: How many have not, by the messages' sequence.
        rate: Messages per second over the last 2 s.
    """

    message: PoseArray
    serialized: bytes
    received_ns: int
    latency: float
    count: int
    lost: int
    rate: float


class PoseMonitor(Node):
    """Subscribes to a node's poses and passes each on with its latency, rate and losses."""

    def __init__(self, on_poses: Callable[[Observation], None], topic: str = 'movenet/poses', *,
                 context: Context | None = None) -> None:
        """Subscribes.

        Args:
            on_poses: Called with each observation, by the executor that spins this node.
            topic: Where the poses are.
            context: An initialised rclpy context; None for the default one.
        """
        super().__init__('pose_monitor', context=context)
        self._on_poses = on_poses
        self._statistics = PoseStatistics()
        self._subscription = self.create_subscription(
            PoseArray, topic, self._receive, QoSProfile(depth=100), raw=True,
            event_callbacks=SubscriptionEventCallbacks(use_default_callbacks=False))

    def _receive(self, serialized: bytes, info: MessageInfo) -> None:
        received = receive_ns(info)
        message: PoseArray = deserialize_message(serialized, PoseArray)
        self._statistics.add(message.sequence, time.monotonic())
        self._on_poses(Observation(
            message, serialized, received, (received - stamp_ns(message.header)) / NANOSECONDS,
            self._statistics.count, self._statistics.lost, self._statistics.rate))
