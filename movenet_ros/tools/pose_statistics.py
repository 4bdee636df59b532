"""Rate, losses and latency of messages that are numbered."""
from __future__ import annotations

from collections import deque

from movenet_ros.core.types import NANOSECONDS

RATE_WINDOW = 2.0
LONGEST_LATENCY = 60.0
"""Poses that seem to be older [s] have stamps of another clock than the receiver's."""


def latency(stamp_ns: int, receive_ns: int) -> float | None:
    """Time from the stamp of an image until its poses were received [s].

    Args:
        stamp_ns: Of the image [ns].
        receive_ns: When the poses were received [ns].

    Returns:
        None if the two are not of one clock, as with simulated time.
    """
    seconds = (receive_ns - stamp_ns) / NANOSECONDS
    return seconds if 0.0 <= seconds <= LONGEST_LATENCY else None


class PoseStatistics:
    """Counts PoseArrays as they come.

    Attributes:
        count: How many have come.
        lost: How many have not, by their sequence.
        rate: Messages per second over the last 2 s.
    """

    def __init__(self) -> None:
        self.count = self.lost = 0
        self.rate = 0.0
        self._last: int | None = None
        self._arrivals: deque[float] = deque()

    def add(self, sequence: int, now: float) -> None:
        """A message has come.

        Args:
            sequence: Its number.
            now: The time, by `time.monotonic` [s].
        """
        self.count += 1
        # A smaller number than the last: the node was activated again.
        if self._last is not None and sequence > self._last:
            self.lost += sequence - self._last - 1
        self._last = sequence
        self._arrivals.append(now)
        while now - self._arrivals[0] > RATE_WINDOW:
            self._arrivals.popleft()
        seconds = now - self._arrivals[0]
        self.rate = (len(self._arrivals) - 1) / seconds if seconds else 0.0
