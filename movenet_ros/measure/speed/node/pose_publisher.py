"""A process that publishes poses at a steady rate: the way out of a node that does nothing else."""
from __future__ import annotations

import struct
import time

import numpy as np
import rclpy
from rclpy.event_handler import PublisherEventCallbacks
from rclpy.qos import QoSProfile

from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.core.types import NANOSECONDS, Poses
from movenet_ros.measure.speed.node.camera import Camera
from movenet_ros.measure.speed.node.json_commands import serve
from movenet_ros.messages.pose_array import PoseMessage, serialize
from movenet_ros.msg import PoseArray

WIDTH, HEIGHT = 640, 480
STAMP = struct.Struct('<iI')
STAMP_OFFSET = 4
"""Of the header's stamp in the serialized message, after its encapsulation [bytes]."""


class PosePublisher(Camera):
    """Publishes one person, as bytes that were made beforehand, as the node publishes poses."""

    def open(self, topic: str, reliable: bool) -> None:
        """Prepares to publish on a topic, with the quality of service of the node's poses."""
        assert reliable
        quiet = PublisherEventCallbacks(use_default_callbacks=False)
        self._publishers[topic] = self._node.create_publisher(
            PoseArray, topic, QoSProfile(depth=10), event_callbacks=quiet)

    def load(self, size: str) -> None:
        """The message is the same for images of all sizes."""
        self._message = serialize(PoseMessage(
            (0, 0), '', WIDTH, HEIGHT, 0, 'lightning', _one_person()))

    def _publish(self, topic: str, index: int) -> int:
        stamp = time.time_ns()
        begin, end = self._message[:STAMP_OFFSET], self._message[STAMP_OFFSET + STAMP.size:]
        self._publishers[topic].publish(begin + STAMP.pack(*divmod(stamp, NANOSECONDS)) + end)
        return stamp


def _one_person() -> Poses:
    numbers = np.zeros((1, KEYPOINTS), np.float32)
    row = np.zeros(1, np.float32)
    return Poses(
        np.zeros((1, KEYPOINTS, 2), np.float32), numbers, np.zeros((1, 4), np.float32), row,
        np.ones(1, np.int32), row, numbers > 0, np.zeros((1, 2), np.float32), row > 0, row)


def main() -> None:
    """The entry point."""
    rclpy.init(args=[])
    node = rclpy.create_node('pose_publisher', start_parameter_services=False)
    publisher = PosePublisher(node, None)
    serve({'open': publisher.open, 'load': publisher.load, 'publish': publisher.publish})
    node.destroy_node()
    rclpy.try_shutdown()


if __name__ == '__main__':
    main()
