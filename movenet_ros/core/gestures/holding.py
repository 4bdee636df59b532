"""Hysteresis in seconds: a gesture begins after it was seen for a time, and ends after it was not.

Between two images in both of which a gesture is seen, it is taken to have been seen. So neither the
image rate nor dropped images matter, and single wrong images delay, but do not start or
end anything.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.gestures.arms import NOT_SEEN, SEEN, Grades
from movenet_ros.core.types import NANOSECONDS

LARGEST_GAP = 1.0
"""After a longer time without the person everything begins again [s]."""

MIN_IMAGES = 3
"""A gesture begins at the third image in which it is seen or later, however slow images are."""


@dataclass(frozen=True, eq=False)
class Held:
    """What has been seen of one person; G gestures.

    Attributes:
        stamp_ns: Of the last image with them.
        grade: int8 [G], in that image.
        certainty: float64 [G]: rises from 0 to 1 while a gesture is seen, and falls to 0 while not.
        active: bool [G]: since the certainty was 1, until it is 0.
    """

    stamp_ns: int
    grade: Grades
    certainty: NDArray[np.float64]
    active: NDArray[np.bool_]


def hold(before: Held | None, grade: Grades, stamp_ns: int, begin: NDArray[np.float64],
         end: NDArray[np.float64]) -> Held:
    """What has been seen of a person after another image.

    Args:
        before: After the image before; None if there was none.
        grade: int8 [G], see `arms`.
        stamp_ns: Of the image. If it is not later than that of the image before, nothing changes.
        begin: float64 [G], for how long a gesture must be seen to begin [s].
        end: float64 [G], for how long it must not be seen to end [s].
    """
    if before is None or (stamp_ns - before.stamp_ns) / NANOSECONDS > LARGEST_GAP:
        begins = (grade == SEEN) & (begin <= 0)
        return Held(stamp_ns, grade, begins.astype(np.float64), begins)
    if stamp_ns <= before.stamp_ns:
        return before
    time = (stamp_ns - before.stamp_ns) / NANOSECONDS
    rise = np.minimum(time / np.maximum(begin, 1e-9), 1 / (MIN_IMAGES - 1))
    rise = np.where(begin <= 0, 1.0, rise)
    seen = (np.minimum(grade, before.grade) >= 0) & (grade + before.grade > 0)
    not_seen = np.maximum(grade, before.grade) == NOT_SEEN
    change = np.where(seen, rise, np.where(not_seen, -time / np.maximum(end, 1e-9), 0.0))
    change = np.where((begin <= 0) & (grade == SEEN), 1.0, change)
    certainty = np.clip(before.certainty + change, 0.0, 1.0)
    active = (before.active | (certainty > 1 - 1e-9)) & (certainty > 1e-9)
    return Held(stamp_ns, grade, certainty, active)
