"""How many people can be read in an image before it takes too long."""
from __future__ import annotations

import time

import numpy as np

from movenet_ros.config import Config
from movenet_ros.core.network import Network

RUNS = 3
"""Runs of which the fastest counts: others may have been interrupted."""


def reading_time(network: Network, batch: int) -> float:
    """How long a warm single-person network takes for each person [s].

    Args:
        network: It is run a few times.
        batch: How many people it reads at once.
    """
    side = network.info.input_size or 0
    blank = np.zeros((batch, side, side, 3), np.uint8)
    taken = []
    for _ in range(RUNS):
        started = time.perf_counter()
        network.infer(blank)
        taken.append(time.perf_counter() - started)
    return min(taken) / batch


def most_people(config: Config, reading: float) -> int:
    """How many people can be read in `tracker.max_age`, at least 1.

    Args:
        config: All parameters.
        reading: Time for each person [s].
    """
    return max(1, int(config.tracker.max_age / reading))


def warning(config: Config, reading: float) -> str | None:
    """What to say where `people.max_people` are too many, or None.

    Args:
        config: All parameters.
        reading: Time for each person [s].
    """
    count, fitting = config.people.max_people, most_people(config, reading)
    if count <= fitting:
        return None
    return (f'people.max_people = {count}: reading that many people takes {count * reading:.2g} s '
            f'per image on this engine, longer than tracker.max_age = {config.tracker.max_age:g} s;'
            f' {fitting} can be read in that time')
