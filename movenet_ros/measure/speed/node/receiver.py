"""A process that notes when messages come."""
from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import rclpy
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, QoSReliabilityPolicy
from rclpy.task import Future
from sensor_msgs.msg import Image

from movenet_ros.measure.speed.node.json_commands import serve
from movenet_ros.msg import PoseArray
from movenet_ros.ros.conversions import stamp_ns
from movenet_ros.ros.memory import keep_image_memory

if TYPE_CHECKING:
    from rclpy.subscription import MessageInfo

BEST_EFFORT = QoSProfile(depth=1, reliability=QoSReliabilityPolicy.BEST_EFFORT)


class Receiver:
    """Subscribes to any number of topics and does nothing with what comes, but note it.

    A note is the stamp of the message's header, when the middleware of its publisher sent
    it, and when our callback had it as a Python object [ns].
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._notes: dict[str, list[tuple[int, int, int]]] = {}

    def images(self, topic: str) -> None:
        """Subscribes to images, as the node does."""
        self._subscribe(Image, topic, BEST_EFFORT)

    def poses(self, topic: str) -> None:
        """Subscribes to poses, reliably."""
        self._subscribe(PoseArray, topic, QoSProfile(depth=10))

    def take(self, topic: str) -> list[tuple[int, int, int]]:
        """All notes since they were last taken."""
        # Another thread goes on adding to the end.
        notes = self._notes[topic]
        taken = notes[:]
        del notes[:len(taken)]
        return taken

    def _subscribe(self, kind: type, topic: str, qos: QoSProfile) -> None:
        if topic in self._notes:
            return
        self._notes[topic] = []
        quiet = SubscriptionEventCallbacks(use_default_callbacks=False)

        def note(message: Any, info: MessageInfo) -> None:
            now = time.time_ns()
            self._notes[topic].append(
                (stamp_ns(message.header), int(info['source_timestamp']), now))

        self._node.create_subscription(kind, topic, note, qos, event_callbacks=quiet)


def main() -> None:
    """The entry point."""
    # As in the node: what is measured here is what it cannot do without.
    keep_image_memory()
    rclpy.init(args=[])
    node = rclpy.create_node('receiver', start_parameter_services=False)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    receiver = Receiver(node)
    done: Future[None] = Future()
    actions = {'images': receiver.images, 'poses': receiver.poses, 'take': receiver.take}

    def listen() -> None:
        try:
            serve(actions)
        finally:
            done.set_result(None)

    threading.Thread(target=listen, daemon=True).start()
    executor.spin_until_future_complete(done)
    executor.shutdown()
    node.destroy_node()
    rclpy.try_shutdown()


if __name__ == '__main__':
    main()
