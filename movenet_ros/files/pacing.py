"""Images with stamps, as frames of a video that has one rate."""
from __future__ import annotations

import statistics
from collections.abc import Sequence
from itertools import pairwise

from movenet_ros.core.types import NANOSECONDS

SAME_RATE = 0.02  # relative
MIN_RATE, MAX_RATE = 1.0, 60.0  # Hz
LONGEST_PAUSE = 10.0  # s


def choose_rate(stamps_ns: Sequence[int], nominal: float) -> float:
    """The rate of a video in which these images have a frame each, if they come evenly [Hz].

    Args:
        stamps_ns: Stamps of the first images.
        nominal: The rate that they are said to have [Hz]; taken if it is theirs, give or take
            2 %, or if the stamps have none.

    Returns:
        `nominal`, or the rate of those images that follow closest on one another.
    """
    gaps = sorted(after - before for before, after in pairwise(stamps_ns) if after > before)
    if not gaps or abs(statistics.median(gaps) * nominal / NANOSECONDS - 1) <= SAME_RATE:
        return nominal
    # Not the shortest: one image that came late makes the next one follow at once.
    close = gaps[len(gaps) // 4] / NANOSECONDS
    return round(min(MAX_RATE, max(MIN_RATE, 1 / close)), 2)


class Pacer:
    """Computes for each image how many frames have passed since the one before."""

    def __init__(self, fps: float) -> None:
        """Begins before the first image.

        Args:
            fps: Rate of the video [Hz].
        """
        self._fps = fps
        self._origin_ns: int | None = None
        self._stamp_ns = 0
        self._slot = 0

    def advance(self, stamp_ns: int) -> int:
        """Frames from the image before to this one: 1 if it is the next, 0 if it has no own.

        Pauses are cut to 10 s. After a stamp that is the same or goes back, time goes on from
        there, with the next frame.
        """
        if self._origin_ns is None:
            self._origin_ns = self._stamp_ns = stamp_ns
            return 1
        longest = round(LONGEST_PAUSE * self._fps)
        step = round((stamp_ns - self._origin_ns) * self._fps / NANOSECONDS) - self._slot
        if stamp_ns <= self._stamp_ns or step > longest:
            step = 1 if stamp_ns <= self._stamp_ns else longest
            self._origin_ns = stamp_ns - round((self._slot + step) * NANOSECONDS / self._fps)
        step = max(0, step)
        self._slot, self._stamp_ns = self._slot + step, stamp_ns
        return step
