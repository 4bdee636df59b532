"""Waving: a hand that is held up and moves sideways to and fro."""
from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from movenet_ros.core.gestures.bodies import (
    ELBOWS,
    SHOULDERS,
    WRISTS,
    Bodies,
    Floats,
    angles_from_up,
)
from movenet_ros.core.types import NANOSECONDS

LOWEST = -0.15
"""Height of a waving wrist above its shoulder, at least [torso lengths]."""

FOREARM_UP = math.radians(65)
"""Largest angle of a waving forearm to the upward direction."""

SWING = 0.18
"""A swing moves the wrist sideways by this at least [torso lengths]."""

MIN_SWING = 12.0
"""And by this [px], so that the jitter of a small person's wrist is none."""

TURNS = 3
"""Waving takes so many reversals, with a swing before and after each: to, fro, to, and fro."""

SHORTEST = 0.1
"""Shortest time of one swing [s]: 5 Hz. A keypoint that jumps for an image is quicker."""

LONGEST = 0.8
"""Longest time of one swing [s]: 0.6 Hz. Slower motion is no waving."""


@dataclass(frozen=True)
class Swings:
    """The sideways motion of one hand while it is held up.

    Attributes:
        direction: In which it moves: 1 to the right, -1 to the left; 0 before the first swing.
        extreme: The furthest place in this direction, or the first place [px].
        extreme_ns: When it was there [ns].
        turns: When it turned, the last `TURNS` times [ns].
    """

    direction: int = 0
    extreme: float = 0.0
    extreme_ns: int = 0
    turns: tuple[int, ...] = ()

    def add(self, place: float, swing: float, stamp_ns: int) -> Swings:
        """The motion with another image.

        Args:
            place: Of the wrist relative to its shoulder, to the right [px]; NaN if it is not
                held up.
            swing: What counts as one swing [px].
            stamp_ns: Of the image, later than that of the image before.
        """
        if math.isnan(place):
            is_lost = stamp_ns - self.extreme_ns > LONGEST * NANOSECONDS
            return Swings() if is_lost else self
        if self == Swings():
            return Swings(0, place, stamp_ns)
        moved = place - self.extreme
        if moved * self.direction > 0:
            return replace(self, extreme=place, extreme_ns=stamp_ns)
        if abs(moved) < swing:
            return self
        turns = (*self.turns, self.extreme_ns)[-TURNS:] if self.direction else ()
        return Swings(1 if moved > 0 else -1, place, stamp_ns, turns)

    def is_waving(self, stamp_ns: int) -> bool:
        """Whether the last swings took as long as those of waving, until now."""
        if len(self.turns) < TURNS:
            return False
        times = [(after - before) / NANOSECONDS
                 for before, after in zip(self.turns, (*self.turns[1:], stamp_ns), strict=True)]
        return max(times) <= LONGEST and min(times[:-1]) >= SHORTEST


def places_of_hands(people: Bodies) -> Floats:
    """The wrists relative to their shoulders, to the right [px], [N,2]; NaN if not held up."""
    shoulder, wrist = people.xy[:, SHOULDERS], people.xy[:, WRISTS]
    height = (shoulder[..., 1] - wrist[..., 1]) / people.size[:, None]
    forearm = angles_from_up(wrist - people.xy[:, ELBOWS])
    is_up = (height > LOWEST) & (forearm < FOREARM_UP)
    return np.where(is_up, wrist[..., 0] - shoulder[..., 0], np.nan)


def swing_of(people: Bodies) -> Floats:
    """What counts as one swing [px], [N]."""
    return np.asarray(np.fmax(SWING * people.size, MIN_SWING))
