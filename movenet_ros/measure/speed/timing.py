"""Compares what takes turns, so that a machine that others use as well disturbs all alike.

In every round each candidate runs once, and the order goes round. What is compared is one round's
ratio, of calls that ran side by side; the median of these ratios stays put where medians of
times, taken minutes apart, do not.
"""
from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

MILLISECONDS = 1000.0
MIN_ROUNDS = 5
"""Fewer say nothing, however little time there is."""


@dataclass(frozen=True)
class Spent:
    """What one candidate's calls took.

    Attributes:
        p50, p95, p99: Half, 95 % and 99 % of the calls took no longer [ms].
        cpu: Mean time of all of the process's threads per call [ms]. A thread that spins while it
            waits for work counts as well.
        calls: How many there were.
    """

    p50: float
    p95: float
    p99: float
    cpu: float
    calls: int


@dataclass(frozen=True)
class Ratio:
    """How two quantities compare, round by round.

    Attributes:
        median: Of the rounds' ratios.
        low, high: Half of the rounds lie between these two.
        rounds: How many there were.
    """

    median: float
    low: float
    high: float
    rounds: int


class Interleaved:
    """Runs candidates in turn and keeps what each call took."""

    def __init__(self) -> None:
        self._wall: dict[str, list[float]] = {}
        self._cpu: dict[str, list[float]] = {}
        self._rounds = 0

    def round(self, candidates: Mapping[str, Callable[[], object]]) -> dict[str, float]:
        """Runs every candidate once; another one begins each time.

        Args:
            candidates: What to run, by name; the same names in every round.

        Returns:
            What each took [ms].
        """
        names = list(candidates)
        turn = self._rounds % len(names)
        self._rounds += 1
        return {name: self._run(name, candidates[name]) for name in names[turn:] + names[:turn]}

    def _run(self, name: str, candidate: Callable[[], object]) -> float:
        cpu, start = time.process_time(), time.perf_counter()
        candidate()
        wall = (time.perf_counter() - start) * MILLISECONDS
        self._cpu.setdefault(name, []).append((time.process_time() - cpu) * MILLISECONDS)
        self._wall.setdefault(name, []).append(wall)
        return wall

    def spent(self, name: str) -> Spent:
        """What the calls of a candidate took."""
        return Spent(**percentiles(self._wall[name]), cpu=float(np.mean(self._cpu[name])),
                     calls=len(self._wall[name]))

    def ratio(self, numerator: str, denominator: str) -> Ratio:
        """How many times as long one candidate takes as another."""
        return ratio(self._wall[numerator], self._wall[denominator])


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99 of some values."""
    return {f'p{share}': float(np.percentile(values, share)) for share in (50, 95, 99)}


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Ratio:
    """Compares two quantities of the same rounds."""
    each = np.divide(numerators, denominators)
    low, median, high = (float(np.percentile(each, share)) for share in (25, 50, 75))
    return Ratio(median, low, high, len(each))


def rounds(seconds: float, least: int = MIN_ROUNDS) -> Iterator[int]:
    """Counts rounds until time is up.

    Args:
        seconds: For all rounds together [s].
        least: As many there are in any case.
    """
    end = time.perf_counter() + seconds
    count = 0
    while count < least or time.perf_counter() < end:
        yield count
        count += 1


def numbers(value: Spent | Ratio) -> dict[str, float]:
    """The numbers by name, as in the JSON."""
    return asdict(value)
