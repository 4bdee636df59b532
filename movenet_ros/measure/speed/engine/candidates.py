"""Loads every network with every engine and precision that can run it."""
from __future__ import annotations

import itertools
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import find
from movenet_ros.core.network import Network
from movenet_ros.core.resample import to_rgb
from movenet_ros.errors import EngineError, MovenetError
from movenet_ros.measure.speed.options import MULTIPOSE_SIDE, TITLES, Options
from movenet_ros.measure.speed.scenes import scene

GFLOP = {'lightning': 0.548, 'thunder': 2.459, 'multipose': 1.965}
"""Arithmetic of a picture; a multiply-add is two. Of MultiPose: at 256x256."""


@dataclass(frozen=True)
class Combination:
    """A network, and what runs it.

    Attributes:
        model: Its name.
        engine: A key of `loading.LOADERS`.
        precision: What it computes in.
    """

    model: str
    engine: str
    precision: str

    @property
    def runtime(self) -> str:
        """What runs it, for people."""
        return f'{self.engine} {self.precision}'

    def key(self) -> tuple[object, ...]:
        """The first columns of its rows."""
        return (TITLES[self.model], self.engine, self.precision)


@dataclass(frozen=True, eq=False)
class Candidate:
    """One way to call one network.

    Attributes:
        combination: The network, and what runs it.
        batch: Pictures per call.
        network: Loaded.
        pictures: uint8 [B,S,S,3], what it is shown.
    """

    combination: Combination
    batch: int
    network: Network
    pictures: NDArray[np.uint8]

    @property
    def threads(self) -> int:
        """How many it may use."""
        return self.network.info.threads

    @property
    def name(self) -> str:
        """Its own among all."""
        return f'{self.combination.model} {self.combination.runtime} {self.threads} {self.batch}'

    def key(self) -> tuple[object, ...]:
        """The first columns of its rows."""
        return (*self.combination.key(), self.threads, self.batch)

    @property
    def gflop(self) -> float:
        """Arithmetic of a call."""
        return GFLOP[self.combination.model] * self.batch


class LeftOut:
    """What cannot be measured, by reason."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, name: str, reason: str) -> None:
        """Keeps one; the same name and reason count once."""
        names = self._names.setdefault(reason, [])
        if name not in names:
            names.append(name)

    def lines(self) -> tuple[str, ...]:
        """A line for each reason."""
        return tuple(f'{", ".join(names)} left out: {reason}'
                     for reason, names in self._names.items())


def load_candidates(options: Options,
                    stack: ExitStack) -> tuple[list[Candidate], tuple[str, ...]]:
    """Loads what is to be called; what cannot be loaded is left out.

    Args:
        options: What to measure.
        stack: Closes the networks.

    Returns:
        The candidates, by model, engine, precision, threads and batch; a line on what is left out
        for each reason.

    Raises:
        MovenetError: Nothing can be measured, in the words of the first reason; or a clip cannot
            be read.
    """
    candidates: list[Candidate] = []
    left_out = LeftOut()
    errors: list[MovenetError] = []
    for words in itertools.product(options.models or find('model').choices, options.engines,
                                   options.precisions):
        asked = Combination(*words)
        try:
            networks = _load(asked, options, stack, left_out)
        except MovenetError as error:
            left_out.add(asked.runtime, str(error))
            errors.append(error)
            continue
        combination = replace(asked, precision=networks[0].info.precision)
        if any(each.combination == combination for each in candidates):
            left_out.add(asked.runtime, f'it is {combination.runtime}, which is measured')
            continue
        candidates += [each for network in networks
                       for each in _with_batches(combination, network, options, left_out)]
    if not candidates:
        raise errors[0] if errors else EngineError('; '.join(left_out.lines()))
    return candidates, left_out.lines()


def _load(combination: Combination, options: Options, stack: ExitStack,
          left_out: LeftOut) -> list[Network]:
    """The network with each number of threads."""
    loaded: dict[int, Network] = {}
    for threads in options.threads_of(combination.engine):
        network = options.load(combination.model, threads, combination.engine,
                               combination.precision)
        stack.callback(network.close)
        if network.info.threads in loaded:
            left_out.add(f'{combination.engine} with {threads} threads',
                         f'this process gives it {network.info.threads}')
        loaded.setdefault(network.info.threads, network)
    return list(loaded.values())


def _with_batches(combination: Combination, network: Network, options: Options,
                  left_out: LeftOut) -> list[Candidate]:
    candidates = []
    for batch in options.batches:
        if batch > 1 and not network.info.batches:
            left_out.add(f'{combination.engine} with batches of {batch}',
                         'a batch takes it as long as its pictures one by one')
            continue
        candidates.append(Candidate(combination, batch, network, _pictures(
            combination.model, network, batch, options.clip)))
    return candidates


def _pictures(model: str, network: Network, batch: int, clip: Path | None) -> NDArray[np.uint8]:
    """uint8 [B,S,S,3]: the first images of the scene, again and again."""
    side = network.info.input_size or MULTIPOSE_SIDE
    shown = [to_rgb(picture.pixels, picture.order)
             for picture in scene(model, (side, side), clip)]
    return np.stack([shown[index % len(shown)] for index in range(batch)])
