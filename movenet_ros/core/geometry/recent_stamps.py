"""The stamps of one of the two streams that are paired, see `pairing`."""
from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from movenet_ros.core.stamps import Stamps
from movenet_ros.core.types import NANOSECONDS

JUMP = NANOSECONDS
"""A larger step back of a stamp is no late image [ns]."""
RECENT = 9
"""Intervals that the median is of."""
MOST_STAMPS = 30
"""Stamps that are kept: more than poses and depth are apart."""


@dataclass(frozen=True)
class RecentStamps:
    """Stamps since the stream has started, or started again; `RecentStamps()` is a reset.

    Attributes:
        stamps_ns: The last ones, in the order in which they came [ns].
        course: How they have come in; None before the first.
    """

    stamps_ns: tuple[int, ...] = ()
    course: Stamps | None = None

    @property
    def latest_ns(self) -> int | None:
        """The latest; None before the first [ns]."""
        return None if self.course is None else self.course.latest_ns

    def add(self, stamp_ns: int) -> tuple[RecentStamps, bool]:
        """The stamps with another one, and whether the stream has started again with it.

        It has where a clock was set back by more than `JUMP`, or a recording loops, be it as
        short as it may: see `core.stamps.Stamps`.
        """
        if self.course is None:
            return RecentStamps((stamp_ns,), Stamps.start(stamp_ns)), False
        course = self.course.add(stamp_ns, JUMP / NANOSECONDS)
        if course is None:
            return RecentStamps((stamp_ns,), Stamps.start(stamp_ns)), True
        return replace(self, stamps_ns=(*self.stamps_ns, stamp_ns)[-MOST_STAMPS:],
                       course=course), False

    def interval(self, until_ns: int) -> float:
        """The median of the last intervals until then [ns]; 0 if there is none."""
        last = sorted({stamp for stamp in self.stamps_ns if stamp <= until_ns})[-RECENT - 1:]
        return median(b - a for a, b in pairwise(last)) if len(last) > 1 else 0
