"""The highest rate at which hardly anything is dropped."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ACCEPTED = 0.05   # of the images may be dropped, as in ros2_benchmark
PRECISION = 1.1   # between the two rates that enclose the peak
TRIES = 2
FAITHFUL = 0.95   # of the rate that was asked for


@dataclass(frozen=True)
class Probe:
    """One attempt.

    Attributes:
        rate: Images that the camera did publish [Hz].
        dropped: The share that was not answered.
    """

    rate: float
    dropped: float


def peak_rate(probe: Callable[[float], Probe], start: float, highest: float) -> float:
    """Searches for it: doubles the rate until too many are dropped, then halves the interval.

    A rate counts as served if one of two attempts is, as other processes get in the way
    now and then.

    Args:
        probe: Tries a rate [Hz].
        start: The first rate [Hz].
        highest: What is not exceeded [Hz].

    Returns:
        The highest rate that was served [Hz]; 0 if not even `start / 8` is.
    """
    served, refused = 0.0, float('inf')
    rate = start
    while rate <= highest and refused > served * PRECISION and rate >= start / 8:
        result = _attempt(probe, rate)
        if result is None:
            refused = rate
        else:
            served = max(served, result)
        if refused == float('inf'):
            rate = 2.0 * rate
        else:
            rate = (served * refused) ** 0.5 if served else rate / 2.0
    return served


def _attempt(probe: Callable[[float], Probe], rate: float) -> float | None:
    """The rate that was served, or None."""
    for _ in range(TRIES):
        tried = probe(rate)
        if tried.dropped < ACCEPTED and tried.rate >= FAITHFUL * rate:
            return tried.rate
    return None
