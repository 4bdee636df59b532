"""What the node has only while it is active: cameras, their scheduler and the watchdog."""
from __future__ import annotations

from collections.abc import Callable

from rclpy.node import Node

from movenet_ros.config import Config
from movenet_ros.ros.camera import Camera
from movenet_ros.ros.diagnostics.busy_time import BusyTime
from movenet_ros.ros.diagnostics.recent_images import WINDOW
from movenet_ros.ros.resources import Resources
from movenet_ros.ros.scheduling.batched import BatchedScheduler
from movenet_ros.ros.scheduling.inline import InlineScheduler
from movenet_ros.ros.scheduling.pipelined import PipelinedScheduler
from movenet_ros.ros.scheduling.scheduler import Scheduler
from movenet_ros.ros.watchdog import Watchdog


class Activation:
    """Processes the newest image of each camera, from an activation to its end.

    Attributes:
        cameras: In the order of the parameter.
    """

    def __init__(self, node: Node, resources: Resources, config: Callable[[], Config],
                 alarm: Callable[[float], None]) -> None:
        """Subscribes to all cameras, with a fresh state.

        Args:
            node: Who subscribes.
            resources: Networks and publishers.
            config: Gives the parameters that count now; called for each image.
            alarm: Called, from another thread, while a network takes longer than it may, with
                the time taken so far [s].

        Raises:
            ParameterError: An override of the quality of service means nothing.
        """
        self._watchdog = Watchdog(lambda: config().watchdog.timeout, alarm)
        self._scheduler = self._choose_scheduler(node, resources, len(config().cameras))
        busy = BusyTime(WINDOW)
        self.cameras: tuple[Camera, ...] = ()
        try:
            for name in config().cameras:
                self.cameras += (Camera(
                    node, name, resources.networks, resources.outputs.cameras[name],
                    self._scheduler, config, pause=self._watchdog.pause, busy=busy),)
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Unsubscribes."""
        for camera in self.cameras:
            camera.close()
        self._scheduler.close()
        self._watchdog.close()

    def pause(self) -> float:
        """How long the process was paused until just now [s]; 0 if it was not."""
        return self._watchdog.pause()

    def _choose_scheduler(self, node: Node, resources: Resources, cameras: int) -> Scheduler:
        if cameras == 1:
            return InlineScheduler(self._watchdog)
        if resources.networks.info.batches:
            return BatchedScheduler(node, self._watchdog)
        return PipelinedScheduler(node, self._watchdog)
