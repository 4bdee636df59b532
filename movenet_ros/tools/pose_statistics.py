"""Rate and losses of messages that are numbered."""
from __future__ import annotations

from collections import deque

RATE_WINDOW = 2.0


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
