"""How long a person who is not seen keeps the id.

For `tracker.max_age`. Where images are processed so slowly that this is over before the next one,
for `INTERVALS` of the recent intervals between images instead, but no longer than `LONGEST_LIFE`:
ids survive from one image to the next also at one image in two seconds, and after a camera was
off for a minute all people get new ids.
"""
from __future__ import annotations

from dataclasses import dataclass

from movenet_ros.core.types import NANOSECONDS

INTERVALS = 2
"""Intervals between images for which a track lives at least: the next image, or the one after."""

LONGEST_LIFE = 10.0
"""Slow processing extends the life of a track to at most this [s]."""

INTERVAL_DECAY = 0.85
"""The factor by which a long interval decays with each shorter one.

With `refine`, images in which people are detected take several times as long as those between
them. At 30 images/s a pause of any length has no effect on tracks half a second later.
"""


@dataclass(frozen=True)
class Intervals:
    """The recent intervals between images.

    Attributes:
        time_ns: Time of the last image, if there was one [ns].
        longest: Of the recent ones [s], at most half of `LONGEST_LIFE`. None before there are two
            images.
    """

    time_ns: int | None = None
    longest: float | None = None

    def life(self, time_ns: int, max_age: float) -> float:
        """For how long a track lives without a match [s].

        Args:
            time_ns: Time of the next image [ns].
            max_age: The parameter `tracker.max_age` [s].
        """
        longest = self._since_last(time_ns) if self.longest is None else self.longest
        return max(max_age, min(INTERVALS * longest, LONGEST_LIFE))

    def add(self, time_ns: int) -> Intervals:
        """Those with the next image, at this time."""
        latest, longest = self._since_last(time_ns), self.longest
        if latest > 0.0:
            longest = min(max(latest, INTERVAL_DECAY * (longest or 0.0)),
                          LONGEST_LIFE / INTERVALS)
        return Intervals(time_ns, longest)

    def _since_last(self, time_ns: int) -> float:
        return 0.0 if self.time_ns is None else (time_ns - self.time_ns) / NANOSECONDS
