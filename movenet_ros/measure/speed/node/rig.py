"""A camera and a receiver, and between them whoever is measured."""
from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from movenet_ros.errors import MovenetError
from movenet_ros.measure.speed.node.processes import Process, Processes, Program
from movenet_ros.measure.speed.node.statistics import Burst, Calls

PROGRAMS = 'movenet_ros.measure.speed.node'

MEETING = 20.0  # s, to find each other
WARM_UP = 0.3   # s, at most, of images before those that count
DRAIN = 0.5     # s, at most, for the last answers
POLL = 0.01     # s


@dataclass(frozen=True)
class Route:
    """A way from the camera to the receiver.

    Attributes:
        images: Topic of the images.
        answers: Topic of what comes of them; that of the images where nobody is between.
        process: Who answers; the receiver itself where nobody is between.
        camera: Who publishes the images.
    """

    images: str
    answers: str
    process: Process
    camera: Process


def topics(namespace: str, name: str = '') -> tuple[str, str]:
    """Where a node in this namespace hears images, and gives answers: of one of its cameras."""
    inner = f'/{name}' if name else ''
    return f'{namespace}{inner}/image', f'{namespace}/movenet{inner}/poses'


class Rig:
    """The processes of one measurement.

    Attributes:
        processes: Starts and ends them.
        camera: Publishes with the transport settings with which large images arrive.
        receiver: Notes when messages come.
    """

    def __init__(self, clip: Path | None = None) -> None:
        """Prepares the measurement.

        Args:
            clip: A video to show instead of the sample clip.
        """
        self._stack = contextlib.ExitStack()
        self._clip = () if clip is None else (str(clip.resolve()),)

    def __enter__(self) -> Rig:
        self.processes = self._stack.enter_context(Processes())
        self.camera = self.processes.start('camera', Program(
            f'{PROGRAMS}.camera', self._clip, takes_commands=True, large_images=True))
        self.receiver = self.processes.start('receiver', Program(
            f'{PROGRAMS}.receiver', takes_commands=True))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._stack.close()

    def engine(self, **network: Any) -> Process:
        """A process that runs the network alone; see `NodeOptions.network`."""
        engine = self.processes.start('engine', Program(
            f'{PROGRAMS}.engine', self._clip, takes_commands=True))
        engine.ask('load', **network)
        return engine

    def calls(self, engine: Process, rate: float, seconds: float) -> Calls:
        """Has the engine run; `rate` 0 is one call after the other."""
        engine.ask('run', min(WARM_UP, seconds / 4), rate=rate)
        calls = engine.ask('run', seconds, rate=rate)
        return Calls(tuple(wall for wall, _ in calls), tuple(cpu for _, cpu in calls))

    def hop(self) -> Route:
        """The bare way: from the camera to the receiver."""
        self.camera.ask('open', topic='/hop/image', reliable=True)
        self.receiver.ask('images', topic='/hop/image')
        return Route('/hop/image', '/hop/image', self.receiver, self.camera)

    def poses_hop(self) -> Route:
        """The bare way of poses: from a process that only publishes them to the receiver."""
        publisher = self.processes.start('publisher of poses', Program(
            f'{PROGRAMS}.pose_publisher', takes_commands=True))
        publisher.ask('open', topic='/hop/poses', reliable=True)
        self.receiver.ask('poses', topic='/hop/poses')
        return Route('/hop/poses', '/hop/poses', publisher, publisher)

    def node(self, namespace: str, **parameters: object) -> Process:
        """Our node, with these parameters."""
        return self._start('node', 'movenet_ros.ros.main', namespace, {
            'autostart': 'true', **parameters})

    def straightforward(self, namespace: str, **parameters: object) -> Process:
        """The straightforward node, see `baseline`, with these parameters."""
        return self._start('straightforward node', f'{PROGRAMS}.baseline', namespace, parameters,
                           '-r', 'poses:=movenet/poses')

    def _start(self, name: str, module: str, namespace: str, parameters: Mapping[str, object],
               *more: str) -> Process:
        given = (word for key, value in parameters.items() for word in ('-p', f'{key}:={value}'))
        return self.processes.start(f'{name} in {namespace}', Program(
            module, ('--ros-args', '-r', f'__ns:={namespace}', *more, *given)))

    def open(self, namespace: str, cameras: Sequence[str] = ('',)) -> None:
        """Prepares to show pictures to a node in this namespace, and to hear its answers.

        Args:
            namespace: Of the node.
            cameras: Their names, if the node has several.
        """
        for name in cameras:
            images, answers = topics(namespace, name)
            self.camera.ask('open', topic=images, reliable=True)
            self.receiver.ask('poses', topic=answers)

    def route(self, process: Process, namespace: str, name: str = '') -> Route:
        """The way through a node, from one camera on."""
        return Route(*topics(namespace, name), process, self.camera)

    def meet(self, routes: Sequence[Route], size: str) -> None:
        """Shows pictures until answers come from everywhere.

        Each side learns of the others at its own time, and loses what it is sent before.

        Raises:
            MovenetError: Somebody has ended, logged an error, or stays silent.
        """
        waiting = list(routes)
        end = time.monotonic() + MEETING
        while waiting:
            route = waiting[0]
            self.show([route], size, [30.0], WARM_UP)
            route.process.check()
            if self.receiver.ask('take', topic=route.answers):
                waiting.remove(route)
            elif time.monotonic() > end:
                raise MovenetError(f'{route.process.name} does not answer the images on '
                                   f'{route.images}: {route.process.last_words()}')

    def show(self, routes: Sequence[Route], size: str, rates: Sequence[float],
             seconds: float) -> Any:
        """Has the first route's camera publish; see `camera.Camera.publish`."""
        camera = routes[0].camera
        camera.ask('load', size=size)
        return camera.ask('publish', seconds, topics=[route.images for route in routes],
                          rates=list(rates))

    def burst(self, route: Route, size: str, rate: float, seconds: float) -> Burst:
        """Shows pictures and collects the answers."""
        return self.bursts([route], size, [rate], seconds)[0]

    def bursts(self, routes: Sequence[Route], size: str, rates: Sequence[float],
               seconds: float) -> list[Burst]:
        """Shows pictures on several routes at once, through one process.

        Args:
            routes: With the same camera and process.
            size: Of the pictures.
            rates: For each route [Hz].
            seconds: For how long [s].

        Returns:
            For each route what came of it; the CPU time of the process is in the first.
        """
        process = routes[0].process
        self.show(routes, size, rates, min(WARM_UP, seconds / 4))
        before = process.cpu()
        shown = self.show(routes, size, rates, seconds)
        answers = self._collect(routes, [stamps[-1] for stamps in shown['stamps']])
        cpu = process.cpu() - before
        process.check()
        return [Burst.of(stamps, shown['seconds'], notes, 0.0 if index else cpu)
                for index, (stamps, notes) in enumerate(zip(
                    shown['stamps'], answers, strict=True))]

    def _collect(self, routes: Sequence[Route], last: Sequence[int]) -> list[list[list[int]]]:
        """For each route what was noted, when its last image is processed or will not be."""
        notes: list[list[list[int]]] = [[] for _ in routes]
        end = time.monotonic() + DRAIN
        while True:
            for route, taken in zip(routes, notes, strict=True):
                taken += self.receiver.ask('take', topic=route.answers)
            processed = all(stamp in (note[0] for note in taken)
                           for stamp, taken in zip(last, notes, strict=True))
            if processed or time.monotonic() > end:
                return notes
            time.sleep(POLL)
