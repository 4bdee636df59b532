"""A subscriber of the poses that measures latency, rate and losses."""
from __future__ import annotations

import time
from collections import deque
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
from movenet_ros.ros.conversions import stamp_ns

if TYPE_CHECKING:
    # Jazzy passes it without having a name for it
    from rclpy.subscription import MessageInfo

RATE_WINDOW = 2.0


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
        self._count = self._lost = 0
        self._last: int | None = None
        self._arrivals: deque[float] = deque()
        self._subscription = self.create_subscription(
            PoseArray, topic, self._receive, QoSProfile(depth=100), raw=True,
            event_callbacks=SubscriptionEventCallbacks(use_default_callbacks=False))

    def _receive(self, serialized: bytes, info: MessageInfo) -> None:
        received = int(info['received_timestamp']) or time.time_ns()
        message: PoseArray = deserialize_message(serialized, PoseArray)
        self._count += 1
        # A smaller number than the last: the node was activated again.
        if self._last is not None and message.sequence > self._last:
            self._lost += message.sequence - self._last - 1
        self._last = message.sequence
        self._on_poses(Observation(
            message, serialized, received, (received - stamp_ns(message.header)) / NANOSECONDS,
            self._count, self._lost, self._rate()))

    def _rate(self) -> float:
        now = time.monotonic()
        self._arrivals.append(now)
        while now - self._arrivals[0] > RATE_WINDOW:
            self._arrivals.popleft()
        seconds = now - self._arrivals[0]
        return (len(self._arrivals) - 1) / seconds if seconds else 0.0
