"""Several cameras on a network that takes one picture at a time, of whose time none is lost."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node

from movenet_ros.config import Config
from movenet_ros.core.looks import Look, Looking, answer
from movenet_ros.core.network import Networks
from movenet_ros.core.pipeline import State
from movenet_ros.core.types import Picture, Poses
from movenet_ros.ros.camera import Camera, Shot
from movenet_ros.ros.watchdog import Watchdog

AT_WORK = 2
"""Images that are worked on: one is with the network, the next is ready for it."""


@dataclass(eq=False)
class Job:
    """An image that is worked on.

    Attributes:
        shot: The image.
        picture: Its picture.
        chain: Where the chain has got to.
        config: The parameters that counted when it began.
        inference: Time of the networks so far [s].
    """

    shot: Shot
    picture: Picture
    chain: Looking[tuple[State, Poses]]
    config: Config
    inference: float = 0.0


class Overlap:
    """Runs the network in a thread of its own, while the executor's does all the rest.

    While the network sees one camera's image the next one is received and resampled, and the
    one before published. One camera alone would only pay for the hand-over, some 0.3 ms; several
    at full load are answered a third more often, where there is a core for it. The camera that
    has waited longest is next, with its newest image.
    """

    def __init__(self, node: Node, networks: Networks, config: Callable[[], Config],
                 watchdog: Watchdog) -> None:
        """Starts the thread.

        Args:
            node: Whose executor does the rest.
            networks: See an image one after the other.
            config: Gives the parameters that count now.
            watchdog: Watches each run of a network.
        """
        self._node, self._networks = node, networks
        self._config, self._watchdog = config, watchdog
        self._waiting: dict[Camera, Shot] = {}
        self._jobs: dict[Camera, Job] = {}
        self._asked: SimpleQueue[tuple[Job, Look] | None] = SimpleQueue()
        self._answered: SimpleQueue[tuple[Job, NDArray[np.float32] | Exception]] = SimpleQueue()
        self._news = node.create_guard_condition(self._go_on)
        self._thread = threading.Thread(target=self._run_networks, name='network', daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Waits for the run that is under way, and forgets the images that are not answered."""
        self._asked.put(None)
        self._thread.join()
        self._node.destroy_guard_condition(self._news)

    def take(self, shot: Shot) -> None:
        """Takes an image, which is worked on when its camera's turn comes."""
        if shot.camera in self._waiting:
            shot.camera.monitor.overtaken(shot.started)
        # The newer image takes the place of the older one, and its turn.
        self._waiting[shot.camera] = shot
        self._begin()

    def _begin(self) -> None:
        for camera in [camera for camera in self._waiting if camera not in self._jobs]:
            if len(self._jobs) == AT_WORK:
                return
            shot = self._waiting.pop(camera)
            config = self._config()
            picture = camera.read(shot, config)
            if picture is not None:
                chain = camera.chain(shot, picture, self._networks, config)
                self._jobs[camera] = Job(shot, picture, chain, config)
                self._step(self._jobs[camera], None)

    def _step(self, job: Job, rows: NDArray[np.float32] | None) -> None:
        """Goes on with a chain until it wants to look again, or ends."""
        try:
            look = next(job.chain) if rows is None else job.chain.send(rows)
        except StopIteration as end:
            self._end(job, end.value)
        except Exception as error:
            self._fail(job, error)
        else:
            self._asked.put((job, look))

    def _end(self, job: Job, result: tuple[State, Poses]) -> None:
        camera = job.shot.camera
        del self._jobs[camera]
        camera.publish(job.shot, job.picture, result, self._networks.info.model, job.inference)
        camera.warn(job.shot, job.picture, job.config)
        camera.draw(job.shot, job.picture, result[1], job.config)
        camera.finish(job.shot)

    def _fail(self, job: Job, error: Exception) -> None:
        del self._jobs[job.shot.camera]
        job.shot.camera.fail(error)
        job.shot.camera.finish(job.shot)

    def _go_on(self) -> None:
        """Called by the executor when the network has seen something."""
        while not self._answered.empty():
            job, rows = self._answered.get()
            if isinstance(rows, Exception):
                self._fail(job, rows)
            else:
                self._step(job, rows)
        self._begin()

    def _run_networks(self) -> None:
        while (asked := self._asked.get()) is not None:
            job, look = asked
            started = time.perf_counter()
            rows: NDArray[np.float32] | Exception
            try:
                with self._watchdog:
                    rows = answer(look)
            except Exception as error:
                rows = error
            job.inference += time.perf_counter() - started
            self._answered.put((job, rows))
            self._news.trigger()
