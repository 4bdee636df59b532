"""How a chain asks for a network, so that the chains of several cameras can share its runs.

Whatever needs a network is a generator: it yields a `Look` and is sent the rows that
the network gives for it. Alone, a chain is answered look by look; side by side, looks
at pictures of one size go to the network as one batch.
"""
from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.network import Network
from movenet_ros.errors import EngineError

Result = TypeVar('Result')


@dataclass(frozen=True, eq=False)
class Look:
    """A wish to see what a network makes of some pictures.

    Attributes:
        network: Which one.
        pictures: uint8 [B,H,W,3], RGB.
    """

    network: Network
    pictures: NDArray[np.uint8]


Looking = Generator[Look, NDArray[np.float32], Result]
"""Yields looks, is sent the rows of each as `Network.infer` gives them, returns a result."""


def complete(chain: Looking[Result]) -> Result:
    """Runs one chain to its end.

    Raises:
        EngineError: A network failed or gave something that is not a number.
    """
    return complete_all([chain])[0]


def complete_all(chains: Sequence[Looking[Result]]) -> list[Result]:
    """Runs chains side by side to their ends; none waits for another but within a batch.

    Raises:
        EngineError: A network failed or gave something that is not a number. All chains end.
    """
    results: dict[int, Result] = {}
    open_looks: dict[int, Look] = {}

    def go_on(number: int, rows: NDArray[np.float32] | None) -> None:
        open_looks.pop(number, None)
        try:
            # A generator that has not begun takes only None.
            open_looks[number] = (next(chains[number]) if rows is None
                                  else chains[number].send(rows))
        except StopIteration as end:
            results[number] = end.value

    for number in range(len(chains)):
        go_on(number, None)
    while open_looks:
        batch = _one_batch(open_looks)
        for number, rows in zip(batch, _answers([open_looks[n] for n in batch]), strict=True):
            go_on(number, rows)
    return [results[number] for number in range(len(chains))]


def _one_batch(open_looks: dict[int, Look]) -> list[int]:
    """Those that the network can see together with the first."""
    first = next(iter(open_looks.values()))
    network, shape = first.network, first.pictures.shape[1:]
    return [number for number, look in open_looks.items()
            if look.network is network and look.pictures.shape[1:] == shape]


def answer(look: Look) -> NDArray[np.float32]:
    """What the network makes of the pictures.

    Raises:
        EngineError: It failed or gave something that is not a number.
    """
    rows = look.network.infer(look.pictures)
    # One number that is not finite makes the sum so, and a sum is cheaper than a look at each.
    if not math.isfinite(np.add.reduce(rows, axis=None)):
        raise EngineError('the network gave values that are not numbers (NaN or infinite)')
    return rows


def _answers(looks: Sequence[Look]) -> list[NDArray[np.float32]]:
    if len(looks) == 1:
        return [answer(looks[0])]
    pictures = np.concatenate([look.pictures for look in looks])
    ends = np.cumsum([len(look.pictures) for look in looks])
    return np.split(answer(Look(looks[0].network, pictures)), ends[:-1])
