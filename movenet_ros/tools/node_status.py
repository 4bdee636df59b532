"""What running nodes report on /diagnostics, of each of their cameras."""
from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import QoSProfile

from movenet_ros.errors import printable
from movenet_ros.ros.diagnostics.levels import Level
from movenet_ros.ros.diagnostics.reporter import TOPIC

# `movenet: front/poses (/robot1)`, see `Reporter._name`
NAME = re.compile(r'(?P<node>[A-Za-z_]\w*): (?:(?P<camera>[\w/]+)/)?poses'
                  r'(?: \((?P<namespace>/[\w/]+)\))?', re.ASCII)
OWN_KEYS = {'state', 'configuration'}
"""What every status of this package has; another node may call one of its own `poses` too."""
DEPTH = 100
"""All nodes of a robot share the topic, and each may send several reports at a time."""


@dataclass(frozen=True)
class CameraStatus:
    """The newest report of one camera of a node; all text is printable.

    Attributes:
        node: Name of the node, e.g. `movenet`.
        namespace: Its namespace, e.g. `/robot1`; `/` for none.
        camera: Name of the camera; empty if it has none.
        level: How bad it is.
        message: The state in words.
        topic: Of the images (`hardware_id` of the report).
        values: What was measured, as in docs/topics.md.
        received: When the report came, by `time.monotonic` [s].
    """

    node: str
    namespace: str
    camera: str
    level: Level
    message: str
    topic: str
    values: Mapping[str, str]
    received: float

    @property
    def full_name(self) -> str:
        """Name of the node with its namespace, e.g. `/robot1/movenet`."""
        return f'{self.namespace.rstrip("/")}/{self.node}'


def read_statuses(message: DiagnosticArray, received: float) -> list[CameraStatus]:
    """What a message of /diagnostics says of cameras of this package's nodes.

    Args:
        message: Of any node; what other nodes report is left out.
        received: When it came, by `time.monotonic` [s].
    """
    statuses = (_read(status, received) for status in message.status)
    return [status for status in statuses if status is not None]


def _read(status: DiagnosticStatus, received: float) -> CameraStatus | None:
    name = NAME.fullmatch(status.name)
    values = {printable(item.key): printable(item.value) for item in status.values}
    if name is None or not values.keys() >= OWN_KEYS:
        return None
    return CameraStatus(
        node=name['node'], namespace=name['namespace'] or '/', camera=name['camera'] or '',
        level=Level(min(ord(status.level), Level.STALE)), message=printable(status.message),
        topic=printable(status.hardware_id), values=values, received=received)


class NodeStatusInput:
    """A subscription to /diagnostics."""

    def __init__(self, node: Node, on_status: Callable[[Sequence[CameraStatus]], None]) -> None:
        """Subscribes.

        Args:
            node: Subscribes.
            on_status: Called with what each report says of cameras, by the executor that spins
                the node; not for reports of other nodes.
        """
        self._node, self._on_status = node, on_status
        # rclpy's own callbacks use what rclpy has deprecated
        self._subscription = node.create_subscription(
            DiagnosticArray, TOPIC, self._receive, QoSProfile(depth=DEPTH),
            event_callbacks=SubscriptionEventCallbacks(use_default_callbacks=False))

    def close(self) -> None:
        """Unsubscribes."""
        self._node.destroy_subscription(self._subscription)

    def _receive(self, message: DiagnosticArray) -> None:
        if statuses := read_statuses(message, time.monotonic()):
            self._on_status(statuses)
