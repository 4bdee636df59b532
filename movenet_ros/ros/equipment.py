"""What a configured node has: networks that are loaded and warm, and publishers."""
from __future__ import annotations

import mmap
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node

from movenet_ros.config import Config
from movenet_ros.core.looks import complete_all
from movenet_ros.core.network import Network, NetworkInfo, Networks
from movenet_ros.core.pipeline import State, chain
from movenet_ros.core.types import Picture
from movenet_ros.engines import load_networks
from movenet_ros.errors import EngineError
from movenet_ros.ros.budget import Cost
from movenet_ros.ros.outputs import Outputs

# MultiPose adapts to the shape of the image: the two usual ones.
WARM_UP_SIZES = ((640, 480), (1280, 720))

ON_CPU = {'engine': 'litert', 'device': 'cpu', 'precision': 'float32'}


class Stopwatch:
    """Adds up time.

    Attributes:
        seconds: Time since this was last set to 0.
    """

    seconds = 0.0


class TimedNetwork:
    """A network whose runs a stopwatch times."""

    def __init__(self, network: Network, watch: Stopwatch) -> None:
        self._network, self._watch = network, watch

    @property
    def info(self) -> NetworkInfo:
        """What it is."""
        return self._network.info

    def infer(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Runs it."""
        started = time.perf_counter()
        try:
            return self._network.infer(pictures)
        finally:
            self._watch.seconds += time.perf_counter() - started

    def close(self) -> None:
        """Releases it."""
        self._network.close()


@dataclass(frozen=True)
class Loaded:
    """Networks that have run once; the attributes are as in `Equipment`."""

    networks: Networks
    watch: Stopwatch
    warm_up: float
    cost: Cost | None

    @classmethod
    def warm(cls, config: Config) -> Loaded:
        """Loads the networks and warms them up.

        Raises:
            MovenetError: A file is missing or damaged, or a runtime refuses it.
        """
        networks, watch = _timed(load_networks(config))
        try:
            # All that will be asked of the networks: what they have no memory for shows here.
            _warm_up(networks, config)
            warm_up = watch.seconds
            cost = Cost.measure(networks, _blank(*WARM_UP_SIZES[-1]), config)
        except Exception:
            networks.close()
            raise
        return cls(networks, watch, warm_up, cost)


@dataclass(frozen=True)
class Equipment:
    """What a configured node has.

    Attributes:
        networks: The loaded networks.
        watch: Times them.
        outputs: The publishers.
        warm_up: How long the networks took for their first pictures [s].
        cost: What an image takes with `refine`; None without.
    """

    networks: Networks
    watch: Stopwatch
    outputs: Outputs
    warm_up: float
    cost: Cost | None = None

    @classmethod
    def load(cls, node: Node, config: Config) -> Equipment:
        """Loads and warms up the networks, and creates the publishers on `node`.

        Raises:
            MovenetError: A file is missing or damaged, or a runtime refuses it.
        """
        try:
            loaded = Loaded.warm(config)
        except EngineError as error:
            if not config.fallback or config.engine == 'litert':
                raise
            node.get_logger().warning(f'{error}. Falling back to litert on the CPU')
            loaded = Loaded.warm(config.replace(ON_CPU))
        if loaded.cost is not None and (text := loaded.cost.warning(config)):
            node.get_logger().warning(text)
        return cls(loaded.networks, loaded.watch, Outputs(node, config.cameras), loaded.warm_up,
                   loaded.cost)

    def close(self) -> None:
        """Releases everything."""
        self.outputs.close()
        self.networks.close()

    def __str__(self) -> str:
        info = self.networks.info
        return (f'{info.model} on {info.engine} ({info.device}, {info.threads} threads; '
                f'{info.reason})')


def _timed(networks: Networks) -> tuple[Networks, Stopwatch]:
    watch = Stopwatch()
    refine = networks.refine
    return Networks(TimedNetwork(networks.main, watch),
                    None if refine is None else TimedNetwork(refine, watch)), watch


def _warm_up(networks: Networks, config: Config) -> None:
    """Shows the networks blank pictures, in all the batches that the cameras can make."""
    cameras = len(config.cameras) if networks.info.batches else 1
    for width, height in WARM_UP_SIZES:
        blank = _blank(width, height)
        for count in _doublings(cameras):
            complete_all([chain(State(), blank, 0, networks, config) for _ in range(count)])
    if networks.refine is not None:
        # Blank pictures have nobody to read.
        side = networks.refine.info.input_size or 0
        people = cameras * config.people.max_people if networks.info.batches else 1
        for count in _doublings(people):
            networks.refine.infer(np.zeros((count, side, side, 3), np.uint8))


def _blank(width: int, height: int) -> Picture:
    """A black picture in memory of its own, which goes back to the system with it.

    The process keeps what its heap has once taken (see `memory`), and in a heap that is in
    pieces a block of this size takes a new place now and then, at any configure.
    """
    pixels = np.frombuffer(mmap.mmap(-1, height * width * 3), np.uint8)
    return Picture(pixels.reshape(height, width, 3))


def _doublings(most: int) -> list[int]:
    """1, 2, 4 and so on until `most` or more: batches in between are filled up to these."""
    return [1 << power for power in range((most - 1).bit_length() + 1)]
