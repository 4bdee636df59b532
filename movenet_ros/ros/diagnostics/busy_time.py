"""How much of the latest time the node worked on images, those of all cameras together.

Nothing here knows ROS or a clock; times come from the caller, in seconds.
"""
from __future__ import annotations

from collections import deque

LEAST_SPAN = 1.0  # s; the share of less says nothing


class BusyTime:
    """The spans of time in which at least one image was worked on."""

    def __init__(self, memory: float) -> None:
        """Nothing was worked on yet.

        Args:
            memory: How long a span is remembered after its end [s].
        """
        self._memory = memory
        # In order, and no two of them overlap
        self._spans: deque[tuple[float, float]] = deque()

    def note(self, started: float, ended: float) -> None:
        """An image was worked on; the one that ends last is noted last."""
        while self._spans and self._spans[-1][1] >= started:
            started = min(started, self._spans.pop()[0])
        self._spans.append((started, ended))
        while ended - self._spans[0][1] > self._memory:
            self._spans.popleft()

    def share(self, start: float, end: float, beyond: float = 0.0) -> float:
        """Share of the time from `start` to `end` that the node was busy, 0 to 1.

        What is being worked on is not known yet, so the time after the last span does not
        count. 1 if less than `LEAST_SPAN` is left.

        Args:
            start: When the time in question begins.
            end: When it ends.
            beyond: So much of each span does not count [s].
        """
        end = min(end, self._spans[-1][1]) if self._spans else start
        if end - start < LEAST_SPAN:
            return 1.0
        busy = sum(max(0.0, min(end, ended) - max(start, started) - beyond)
                   for started, ended in self._spans)
        return busy / (end - start)
