"""The highest rate at which hardly anything is dropped."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ACCEPTED = 0.05   # of the images may be dropped, as in ros2_benchmark
STEP = 1.25       # from one rate to the next, until the peak is enclosed
PRECISION = 1.08  # between the two rates that enclose it in the end
TRIES = 2
FAITHFUL = 0.95   # of the rate that was asked for
LOWEST, HIGHEST = 1.0, 2000.0  # Hz


@dataclass(frozen=True)
class Probe:
    """One attempt.

    Attributes:
        rate: Images that the camera did publish [Hz].
        dropped: The share that was not processed.
    """

    rate: float
    dropped: float


def peak_rate(probe: Callable[[float], Probe], guess: float) -> float:
    """Searches for it: in steps from a guess on until it is enclosed, then by bisection.

    A rate counts as served if one of two attempts is, as other processes get in the way
    now and then.

    Args:
        probe: Tries a rate [Hz].
        guess: Where to begin [Hz].

    Returns:
        The highest rate that was served [Hz]; 0 if none was.
    """
    served, rejected, rate = 0.0, float('inf'), guess
    while LOWEST <= rate <= HIGHEST and rejected > served * PRECISION:
        if _is_served(probe, rate):
            served = rate
        else:
            rejected = rate
        if not served:
            rate = rejected / STEP
        elif rejected == float('inf'):
            rate = served * STEP
        else:
            rate = (served * rejected) ** 0.5
    return served


def _is_served(probe: Callable[[float], Probe], rate: float) -> bool:
    tried = (probe(rate) for _ in range(TRIES))
    return any(t.dropped < ACCEPTED and t.rate >= FAITHFUL * rate for t in tried)
