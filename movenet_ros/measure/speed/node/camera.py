"""A process that publishes pictures at a steady rate.

Everything but the stamp is made beforehand, so that the time from a stamp on is that of
the transport and of whoever receives the image.
"""
from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rclpy
from rclpy.event_handler import PublisherEventCallbacks
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile, QoSReliabilityPolicy
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from movenet_ros.measure.speed.node.json_commands import serve
from movenet_ros.measure.speed.scenes import SIZES, scene, there_and_back
from movenet_ros.ros.conversions import set_stamp, to_image


def schedule(rates: Sequence[float], seconds: float) -> list[tuple[float, int]]:
    """When which camera takes a picture: (time [s], place in `rates`), in order of time.

    Cameras of one rate take turns, as those of a robot, which do not run in step.
    """
    return sorted(((i + turn / len(rates)) / rate, turn)
                  for turn, rate in enumerate(rates) for i in range(round(rate * seconds)))


class Camera:
    """Publishes on any number of topics."""

    def __init__(self, node: Node, clip: Path | None) -> None:
        """Prepares.

        Args:
            node: Who publishes.
            clip: A video to show; None for the sample clip.
        """
        self._node, self._clip = node, clip
        self._publishers: dict[str, Publisher[Any]] = {}
        self._size, self._images = '', list[Image]()

    def open(self, topic: str, reliable: bool) -> None:
        """Prepares to publish on a topic, at depth 1."""
        reliability = (QoSReliabilityPolicy.RELIABLE if reliable
                       else QoSReliabilityPolicy.BEST_EFFORT)
        # rclpy's own callbacks use what rclpy has deprecated
        quiet = PublisherEventCallbacks(use_default_callbacks=False)
        self._publishers[topic] = self._node.create_publisher(
            Image, topic, QoSProfile(depth=1, reliability=reliability), event_callbacks=quiet)

    def load(self, size: str) -> None:
        """Takes pictures of this size from now on."""
        if size != self._size:
            self._images = there_and_back([to_image(picture, Header()) for picture in scene(
                'lightning', SIZES[size], self._clip)])
            self._size = size

    def publish(self, topics: Sequence[str], rates: Sequence[float],
                seconds: float) -> dict[str, Any]:
        """Publishes pictures.

        Args:
            topics: Where; each is a camera of its own.
            rates: How often, for each topic [Hz].
            seconds: For how long [s].

        Returns:
            `stamps`: those of each topic's images [ns]; `seconds`: the time it took.
        """
        stamps: list[list[int]] = [[] for _ in topics]
        started = time.monotonic()
        late = 0.0
        for due, turn in schedule(rates, seconds):
            wait = started + due + late - time.monotonic()
            if wait > 0.0:
                time.sleep(wait)
            elif -wait > 1.0 / sum(rates):
                # Behind by a picture: no camera makes up for that, so all others are later too.
                late -= wait
            stamps[turn].append(self._publish(topics[turn], len(stamps[turn])))
        # The last picture stands for as long as the others.
        return {'stamps': stamps, 'seconds': time.monotonic() - started + 1.0 / sum(rates)}

    def _publish(self, topic: str, index: int) -> int:
        message = self._images[index % len(self._images)]
        stamp = time.time_ns()
        set_stamp(message.header, stamp)
        self._publishers[topic].publish(message)
        return stamp


def main() -> None:
    """The entry point."""
    rclpy.init(args=[])
    node = rclpy.create_node('camera', start_parameter_services=False)
    camera = Camera(node, Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    serve({'open': camera.open, 'load': camera.load, 'publish': camera.publish})
    node.destroy_node()
    rclpy.try_shutdown()


if __name__ == '__main__':
    main()
