"""Several cameras, on a network that takes one picture at a time."""
from __future__ import annotations

import threading
from dataclasses import dataclass
from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node

from movenet_ros.core.inference import Inference, InferenceRequest, resume
from movenet_ros.ros.network_timer import NetworkTimer
from movenet_ros.ros.scheduling.scheduler import Finish, ImageProcessor, ReceivedImage
from movenet_ros.ros.watchdog import Watchdog

MOST_IN_PROGRESS = 2
"""Images in progress: one is on the network, the next is prepared."""


@dataclass(eq=False)
class _Job:
    """An image in progress.

    Attributes:
        camera: Its camera.
        inference: Its processing, which yields requests.
        timer: Runs and times the networks for it.
    """

    camera: ImageProcessor
    inference: Inference[Finish]
    timer: NetworkTimer


class PipelinedScheduler:
    """Runs the network in a thread of its own, and everything else in the executor's.

    While the network runs on one camera's image the next one is received and resampled, and the
    one before published. One camera alone would only pay for passing images between the threads,
    some 0.3 ms; of several at full load a third more images are processed, where there is a core
    for it. The camera that has waited longest is next, with its newest image.
    """

    def __init__(self, node: Node, watchdog: Watchdog) -> None:
        """Starts the thread.

        Args:
            node: Its executor does the rest.
            watchdog: Watches each run of a network.
        """
        self._node, self._watchdog = node, watchdog
        self._waiting: dict[ImageProcessor, ReceivedImage] = {}
        self._in_progress: dict[ImageProcessor, _Job] = {}
        self._requests: SimpleQueue[tuple[_Job, InferenceRequest] | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[_Job, NDArray[np.float32] | Exception]] = SimpleQueue()
        self._has_results = node.create_guard_condition(self._take_results)
        self._thread = threading.Thread(target=self._run_networks, name='network', daemon=True)
        self._thread.start()

    def submit(self, camera: ImageProcessor, image: ReceivedImage) -> None:
        """Takes an image, which is processed when its camera's turn comes."""
        if camera in self._waiting:
            camera.skip()
        # The newer image takes the turn of the older one.
        self._waiting[camera] = image
        self._begin()

    def close(self) -> None:
        """Waits for the network, and drops the images that are not processed."""
        self._requests.put(None)
        self._thread.join()
        self._node.destroy_guard_condition(self._has_results)

    def _begin(self) -> None:
        for camera in [camera for camera in self._waiting if camera not in self._in_progress]:
            if len(self._in_progress) == MOST_IN_PROGRESS:
                return
            image = self._waiting.pop(camera)
            job = _Job(camera, camera.process(image), NetworkTimer(self._watchdog))
            self._in_progress[camera] = job
            self._resume(job, None)

    def _resume(self, job: _Job, answer: NDArray[np.float32] | Exception | None) -> None:
        """Continues with an image until it needs the network again, or is done."""
        try:
            request = resume(job.inference, answer)
        except StopIteration as end:
            del self._in_progress[job.camera]
            end.value(job.timer.seconds)
        else:
            self._requests.put((job, request))

    def _take_results(self) -> None:
        while not self._results.empty():
            self._resume(*self._results.get())
        self._begin()

    def _run_networks(self) -> None:
        while (item := self._requests.get()) is not None:
            job, request = item
            answer: NDArray[np.float32] | Exception
            try:
                answer = job.timer.run(request)
            except Exception as error:
                answer = error
            self._results.put((job, answer))
            self._has_results.trigger()
