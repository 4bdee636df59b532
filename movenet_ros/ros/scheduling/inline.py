"""One camera: each image is processed when it is received."""
from __future__ import annotations

from movenet_ros.core.inference import run_inference
from movenet_ros.ros.network_timer import NetworkTimer
from movenet_ros.ros.scheduling.scheduler import ImageProcessor, ReceivedImage
from movenet_ros.ros.watchdog import Watchdog


class InlineScheduler:
    """Processes each image at once, in the executor's thread."""

    def __init__(self, watchdog: Watchdog) -> None:
        """Args: watchdog: Watches each run of a network."""
        self._watchdog = watchdog

    def submit(self, camera: ImageProcessor, image: ReceivedImage) -> None:
        """Processes an image."""
        timer = NetworkTimer(self._watchdog)
        finish = run_inference(camera.process(image), timer.run)
        finish(timer.seconds)

    def close(self) -> None:
        """Nothing waits here."""
