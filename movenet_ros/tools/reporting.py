"""When a node that reports on /diagnostics is silent."""
from __future__ import annotations

from dataclasses import dataclass

SILENCE = 3.0
"""How long a node may be silent [s], unless it reports less often than once in a second."""
MISSED_REPORTS = 2.5


@dataclass(frozen=True)
class Reporting:
    """When a node has reported; times are of `time.monotonic` [s].

    Attributes:
        last: Its newest report.
        interval: Between that and the one before [s]; 0 if it is the first.
    """

    last: float
    interval: float = 0.0

    @classmethod
    def after(cls, before: Reporting | None, now: float) -> Reporting:
        """The node has reported now; `before` is None if that is the first time."""
        return cls(now, now - before.last if before else 0.0)

    def is_silent(self, now: float) -> bool:
        """Whether another report should have come by now."""
        return now - self.last > max(SILENCE, MISSED_REPORTS * self.interval)
