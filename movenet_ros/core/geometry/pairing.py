"""Which depth image belongs to which poses, by their stamps alone.

Drivers that register depth give it the stamp of the image: then the stamps are equal. Otherwise
the nearest is taken, if it is within half of the interval between images, and of that between
depth images, whichever is shorter; the intervals are the median of those between recent stamps.

Poses wait until depth with the same stamp or a later one has come, as no nearer one can follow. So
it does not matter which of the two comes first. They are given out in the order in which they
came, each exactly once, and without depth

- if none is near (`NONE_NEAR`);
- if none has come by the time that poses `LONGEST_WAIT` later have, or that `MOST_WAITING` others
  are waiting (`NONE_IN_TIME`);
- after that at once, until depth comes that is not so late (`STOPPED`): where depth has stopped, or
  always lags by more, nothing waits.

A stamp that is more than `JUMP` before the latest one of its kind means that the clock was set
back, or that a recording loops: the poses from before are given out, and everything starts again.
Poses and depth do so one after the other. So depth that is further ahead of poses than that is
from before, and not what they wait for.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from statistics import median
from typing import Generic, TypeAlias, TypeVar

from movenet_ros.core.types import NANOSECONDS

Item = TypeVar('Item')
Depth = TypeVar('Depth')

LARGEST_OFFSET = NANOSECONDS // 20
"""At most this far apart, however long the interval [ns]: a person walks 7 cm in the time."""
USUAL_INTERVAL = NANOSECONDS // 30
"""Until there are two stamps [ns]."""
RECENT = 9
"""Intervals that the median is of."""
LONGEST_WAIT = NANOSECONDS // 5
"""Longest time that depth may be behind poses [ns]: compressing and registering it takes less."""
MOST_WAITING = 8
MOST_DEPTHS = 20
"""Depth images that are kept, while poses take their time."""
JUMP = NANOSECONDS
"""A larger step back of a stamp is no late image [ns]."""


class Outcome(Enum):
    """How poses were paired; the value is an identifier for counters."""

    EQUAL = 'equal_stamp'
    NEAR = 'near_stamp'
    NONE_NEAR = 'none_near'
    NONE_IN_TIME = 'none_in_time'
    STOPPED = 'stopped'


@dataclass(frozen=True, eq=False)
class Paired(Generic[Item, Depth]):
    """Poses as they are given out.

    Attributes:
        item: What was added as poses.
        stamp_ns: Theirs [ns].
        depth: What was added as depth and belongs to them; None if there is none.
        outcome: How it was found, or why there is none.
    """

    item: Item
    stamp_ns: int
    depth: Depth | None
    outcome: Outcome


@dataclass(frozen=True, eq=False)
class Pairing(Generic[Item, Depth]):
    """Poses and depth images that have come; `Pairing()` is a reset.

    Poses and depth may be of any type, e.g. serialized messages.

    Attributes:
        waiting: Stamps [ns] and poses that wait for depth, in the order in which they came.
        depths: Stamps [ns] and depth images that poses may still need, in the same order.
        pose_stamps: Recent ones [ns].
        depth_stamps: Recent ones [ns].
        is_stopped: Whether poses have waited in vain, and all depth since was as late.
    """

    waiting: tuple[tuple[int, Item], ...] = ()
    depths: tuple[tuple[int, Depth], ...] = ()
    pose_stamps: tuple[int, ...] = ()
    depth_stamps: tuple[int, ...] = ()
    is_stopped: bool = False

    def add_poses(self, item: Item, stamp_ns: int) -> Step[Item, Depth]:
        """Adds the poses of an image.

        Args:
            item: The poses, or anything that stands for them.
            stamp_ns: Stamp of the image [ns].
        """
        left: tuple[Paired[Item, Depth], ...] = ()
        pairing = self
        if self.pose_stamps and stamp_ns < max(self.pose_stamps) - JUMP:
            left = self.rest()
            pairing = replace(self, waiting=(), pose_stamps=(), depths=tuple(
                depth for depth in self.depths if depth[0] <= stamp_ns + JUMP))
        return replace(
            pairing, waiting=(*pairing.waiting, (stamp_ns, item)),
            pose_stamps=_recent(pairing.pose_stamps, stamp_ns))._released(left)

    def add_depth(self, depth: Depth, stamp_ns: int) -> Step[Item, Depth]:
        """Adds a depth image.

        Args:
            depth: The depth image, or anything that stands for it.
            stamp_ns: Its stamp [ns].
        """
        left: tuple[Paired[Item, Depth], ...] = ()
        pairing = self
        if self.depth_stamps and stamp_ns < max(self.depth_stamps) - JUMP:
            # From before are the poses until the last one that is too far ahead.
            old = max((number for number, poses in enumerate(self.waiting, 1)
                       if poses[0] > stamp_ns + JUMP), default=0)
            left = replace(self, waiting=self.waiting[:old]).rest()
            pairing = replace(self, waiting=self.waiting[old:], depths=(), depth_stamps=())
        is_late = stamp_ns < max(pairing.pose_stamps, default=stamp_ns) - LONGEST_WAIT
        return replace(
            pairing, depths=(*pairing.depths, (stamp_ns, depth))[-MOST_DEPTHS:],
            depth_stamps=_recent(pairing.depth_stamps, stamp_ns),
            is_stopped=pairing.is_stopped and is_late)._released(left)

    def rest(self) -> tuple[Paired[Item, Depth], ...]:
        """The poses that are still waiting, with the depth that has come until now."""
        return tuple(self._paired(item, stamp_ns, Outcome.NONE_IN_TIME)
                     for stamp_ns, item in self.waiting)

    def _released(self, left: tuple[Paired[Item, Depth], ...]) -> Step[Item, Depth]:
        """Gives out the poses that need not wait any longer, after those `left` from before."""
        released, pairing = list(left), self
        while pairing.waiting:
            (stamp_ns, item), *others = pairing.waiting
            is_decided = any(stamp_ns <= stamp <= stamp_ns + JUMP for stamp, _ in self.depths)
            if not is_decided and not pairing._is_overdue(stamp_ns):
                break
            without = Outcome.NONE_NEAR if is_decided else (
                Outcome.STOPPED if pairing.is_stopped else Outcome.NONE_IN_TIME)
            released.append(self._paired(item, stamp_ns, without))
            pairing = replace(
                pairing, waiting=tuple(others),
                is_stopped=pairing.is_stopped or released[-1].outcome is Outcome.NONE_IN_TIME)
        return pairing._without_old_depths(), tuple(released)

    def _is_overdue(self, stamp_ns: int) -> bool:
        return (self.is_stopped or len(self.waiting) > MOST_WAITING
                or max(self.pose_stamps) - stamp_ns > LONGEST_WAIT)

    def _without_old_depths(self) -> Pairing[Item, Depth]:
        if not self.pose_stamps:
            return self
        oldest = min((stamp for stamp, _ in self.waiting), default=max(self.pose_stamps))
        # What is much older is of a clock that was set back, as the poses to come are.
        return replace(self, depths=tuple(
            depth for depth in self.depths
            if not oldest - JUMP <= depth[0] < oldest - LARGEST_OFFSET))

    def _paired(self, item: Item, stamp_ns: int, without: Outcome) -> Paired[Item, Depth]:
        """Poses with the depth image that is nearest to them, if it is near."""
        nearest = min(self.depths, default=None,
                      key=lambda depth: (abs(depth[0] - stamp_ns), depth[0]))
        if nearest is None or abs(nearest[0] - stamp_ns) > self._tolerance(stamp_ns):
            return Paired(item, stamp_ns, None, without)
        outcome = Outcome.EQUAL if nearest[0] == stamp_ns else Outcome.NEAR
        return Paired(item, stamp_ns, nearest[1], outcome)

    def _tolerance(self, stamp_ns: int) -> float:
        """Half of the interval at this time [ns], from stamps that do not depend on what is first.

        Those are the stamps of images until then, and of depth until the first one after it.
        """
        later = min((stamp for stamp in self.depth_stamps if stamp >= stamp_ns), default=stamp_ns)
        intervals = (_interval(self.pose_stamps, stamp_ns), _interval(self.depth_stamps, later))
        return min(min(filter(None, intervals), default=USUAL_INTERVAL) / 2, LARGEST_OFFSET)


Step: TypeAlias = tuple[Pairing[Item, Depth], tuple[Paired[Item, Depth], ...]]
"""The pairing after something was added, and the poses that it gives out."""


def _recent(stamps: tuple[int, ...], stamp_ns: int) -> tuple[int, ...]:
    return (*stamps, stamp_ns)[-(MOST_DEPTHS + RECENT + 1):]


def _interval(stamps: Sequence[int], until_ns: int) -> float:
    """The median of the last intervals until then [ns]; 0 if there is none."""
    last = sorted({stamp for stamp in stamps if stamp <= until_ns})[-RECENT - 1:]
    return median(b - a for a, b in pairwise(last)) if len(last) > 1 else 0
