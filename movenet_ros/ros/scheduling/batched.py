"""Several cameras, on a network that takes several pictures in little more time than one."""
from __future__ import annotations

from rclpy.node import Node

from movenet_ros.core.inference import run_batched
from movenet_ros.ros.network_timer import NetworkTimer
from movenet_ros.ros.scheduling.scheduler import ImageProcessor, ReceivedImage
from movenet_ros.ros.watchdog import Watchdog


class BatchedScheduler:
    """Processes the newest images of all cameras together, in one run of the network."""

    def __init__(self, node: Node, watchdog: Watchdog) -> None:
        """Creates it.

        Args:
            node: Its executor calls when it has received from all cameras.
            watchdog: Watches each run of a network.
        """
        self._node, self._watchdog = node, watchdog
        self._waiting: dict[ImageProcessor, ReceivedImage] = {}
        self._all_received = node.create_guard_condition(self._process_waiting)

    def submit(self, camera: ImageProcessor, image: ReceivedImage) -> None:
        """Leaves an image for the batch that begins when all cameras have been received."""
        if self._waiting.pop(camera, None) is not None:
            camera.skip()
        self._waiting[camera] = image
        self._all_received.trigger()

    def close(self) -> None:
        """Drops the images that are not processed."""
        self._node.destroy_guard_condition(self._all_received)

    def _process_waiting(self) -> None:
        batch, self._waiting = self._waiting, {}
        timer = NetworkTimer(self._watchdog)
        # All poses are published before the first overlay is drawn.
        for finish in run_batched(
                [camera.process(image) for camera, image in batch.items()], timer.run):
            finish(timer.seconds)
