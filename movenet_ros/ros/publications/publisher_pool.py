"""Publishers that come and go while the node is active."""
from __future__ import annotations

from typing import Any

from rclpy.event_handler import PublisherEventCallbacks
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile


class PublisherPool:
    """Creates publishers on topics of any name, and removes those that are left at the end.

    Their quality of service cannot be overridden: the parameters for that, once declared, would
    remain.
    """

    def __init__(self, node: Node) -> None:
        """Publishes as `node`."""
        self._node = node
        self._publishers: set[Publisher[Any]] = set()

    def create(self, kind: Any, topic: str) -> Publisher[Any]:
        """A new publisher: reliable, volatile."""
        publisher = self._node.create_publisher(
            kind, topic, QoSProfile(depth=10),
            event_callbacks=PublisherEventCallbacks(use_default_callbacks=False))
        self._publishers.add(publisher)
        return publisher

    def remove(self, publisher: Publisher[Any]) -> None:
        """Removes one."""
        self._publishers.discard(publisher)
        self._node.destroy_publisher(publisher)

    def close(self) -> None:
        """Removes all."""
        for publisher in tuple(self._publishers):
            self.remove(publisher)
