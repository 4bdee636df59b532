"""The number of threads that `threads: 0` stands for, by measurement.

A second thread makes a call of a network nearly twice as fast where a core is free for it, and no
faster where none is, so the number of cores alone does not tell.
"""
from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from movenet_ros.core.network import Network

COUNTS = (1, 2, 4, 8)
LEAST_GAIN = 1.25
"""Times as fast that a larger number has to be: more threads take more CPU time for the same."""
LEAST_ROUNDS, MOST_ROUNDS, MOST_SECONDS = 3, 20, 0.5
MULTIPOSE_SIDE = 256  # px


@dataclass(frozen=True)
class ThreadsChoice:
    """A number of threads.

    Attributes:
        threads: The number.
        reason: Why it was chosen, for the log and the diagnostics.
    """

    threads: int
    reason: str


def usable_cores() -> int:
    """The number of cores that this process may run on."""
    return len(os.sched_getaffinity(0))


def choose_threads(load: Callable[[int], Network], cores: int) -> ThreadsChoice:
    """Chooses by timing calls with different numbers of threads, in turns.

    Args:
        load: Loads the network with a number of threads.
        cores: No more threads than these are tried.

    Raises:
        MovenetError: The network cannot be loaded or run.
    """
    counts = [count for count in COUNTS if count <= cores]
    if len(counts) < 2:
        return ThreadsChoice(1, '1 thread: there is 1 core')
    seconds = _measure(load, counts)
    chosen = worthwhile(seconds)
    times = ', '.join(f'{1e3 * taken:.1f} ms with {count}' for count, taken in seconds.items())
    return ThreadsChoice(chosen, f'threads chosen by the time of a call: {times}')


def worthwhile(seconds: Mapping[int, float]) -> int:
    """The number of threads above which more of them gain less than `LEAST_GAIN`.

    Args:
        seconds: Time of a call, by the number of threads [s].
    """
    chosen, *larger = sorted(seconds)
    for count in larger:
        if seconds[chosen] >= LEAST_GAIN * seconds[count]:
            chosen = count
    return chosen


def _measure(load: Callable[[int], Network], counts: list[int]) -> dict[int, float]:
    """The median time of a call, by the number of threads [s]."""
    networks: dict[int, Network] = {}
    times: dict[int, list[float]] = {count: [] for count in counts}
    try:
        for count in counts:
            networks[count] = load(count)
            _call(networks[count])  # the first one takes longer
        end = time.perf_counter() + MOST_SECONDS
        for done in range(MOST_ROUNDS):
            if done >= LEAST_ROUNDS and time.perf_counter() > end:
                break
            for count, network in networks.items():
                times[count].append(_call(network))
    finally:
        for network in networks.values():
            network.close()
    return {count: statistics.median(taken) for count, taken in times.items()}


def _call(network: Network) -> float:
    """How long a call with a black picture takes [s]."""
    side = network.info.input_size or MULTIPOSE_SIDE
    picture = np.zeros((1, side, side, 3), np.uint8)
    started = time.perf_counter()
    network.infer(picture)
    return time.perf_counter() - started
