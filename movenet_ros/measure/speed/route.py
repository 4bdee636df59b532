"""The chain on one clip beside the bare network on what the chain showed it."""
from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config
from movenet_ros.core.crop import first_crop
from movenet_ros.core.decode import decode_multi, decode_single
from movenet_ros.core.network import Network, NetworkInfo, Networks
from movenet_ros.core.pipeline import advance
from movenet_ros.core.resample import multipose_size
from movenet_ros.core.state import State
from movenet_ros.core.types import NANOSECONDS, Crop, Detections, Picture
from movenet_ros.measure.speed.timing import MILLISECONDS, Interleaved

INTERVAL_NS = NANOSECONDS // 30
WARM_UP = 2
"""Images at the start that do not count: in the first nobody is tracked yet, and the network runs
twice."""
CHAIN, ENGINE = 'chain', 'engine'
STEPS = ('crop, resample', 'infer', 'decode', 'track, filter')


class Watched:
    """A network that notes when it was called, with what, and what it gave."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.seen: NDArray[np.uint8] = np.empty((0, 0, 0, 3), np.uint8)
        self.rows: NDArray[np.float32] = np.empty((0, 0, 0), np.float32)
        self.called = self.processed = 0.0

    @property
    def info(self) -> NetworkInfo:
        """See ``Network.info``."""
        return self._network.info

    def infer(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``Network.infer``."""
        self.seen = pictures
        self.called = time.perf_counter()
        self.rows = self._network.infer(pictures)
        self.processed = time.perf_counter()
        return self.rows

    def close(self) -> None:
        """See ``Network.close``."""
        self._network.close()


class Route:
    """One network with its clip, which is played from the start again and again.

    The chain has no chance and no clock in it: each time it makes the same of the same images.
    So what it is going to show the network is known from the first time, before it counts, and
    the bare network can be run on the very same, now before the chain and now after it.

    Attributes:
        timer: What the chain and the bare network took.
        steps: What the steps of the chain took, by name [ms].
        people: How many were found in each image.
    """

    def __init__(self, network: Network, pictures: Sequence[Picture], config: Config) -> None:
        """Plays the clip once, which also warms up what is to be measured.

        Args:
            network: Stays with whoever loaded it.
            pictures: The clip.
            config: All parameters.

        Raises:
            EngineError: The network failed.
        """
        self._network, self._watched = network, Watched(network)
        self._networks = Networks(self._watched)
        self._pictures, self._config = pictures, config
        self._state, self._begun = State(), 0.0
        self.timer = Interleaved()
        self.steps: dict[str, list[float]] = {step: [] for step in STEPS}
        self.people: list[int] = []
        self._seen = []
        for index in range(len(pictures)):
            self._advance(index)
            self._seen.append(self._watched.seen)

    @property
    def info(self) -> NetworkInfo:
        """What the network is."""
        return self._network.info

    def play(self) -> None:
        """Plays the clip once, and measures."""
        self._state = State()
        self.people.clear()
        for index, seen in enumerate(self._seen):
            if index < WARM_UP:
                self._advance(index)
                continue
            crop = self._state.crop
            taken = self.timer.round({CHAIN: partial(self._advance, index),
                                      ENGINE: partial(self._network.infer, seen)})
            self._note_steps(taken[CHAIN], self._time_decode(index, crop))

    def _advance(self, index: int) -> None:
        self._begun = time.perf_counter()
        self._state, poses = advance(self._state, self._pictures[index], index * INTERVAL_NS,
                                     self._networks, self._config)
        self.people.append(len(poses))

    def _note_steps(self, chain: float, decode: float) -> None:
        before = (self._watched.called - self._begun) * MILLISECONDS
        infer = (self._watched.processed - self._watched.called) * MILLISECONDS
        for step, taken in zip(STEPS, (before, infer, decode, chain - before - infer - decode),
                               strict=True):
            self.steps[step].append(taken)

    def _time_decode(self, index: int, crop: Crop | None) -> float:
        """What the decoding of the last answer takes by itself [ms]."""
        size = self._pictures[index].width, self._pictures[index].height
        start = time.perf_counter()
        self._decode(crop or first_crop(*size, self._config.crop), size)
        return (time.perf_counter() - start) * MILLISECONDS

    def _decode(self, crop: Crop, size: tuple[int, int]) -> Detections:
        rows, multipose = self._watched.rows[0], self._config.multipose
        if self.info.input_size is not None:
            return decode_single(rows, crop, *size, self._config)
        height, width = self._watched.seen.shape[1:3]
        return decode_multi(rows, multipose_size(*size, multipose.long_side), (width, height),
                            multipose.min_pose_score, self._config.tfjs)
