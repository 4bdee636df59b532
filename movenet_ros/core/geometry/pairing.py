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
- at once, where that has happened and no depth was in time for `SILENCE`, until some is
  (`STOPPED`): where depth has stopped, or always lags by more, nothing waits.

Poses and depth start again when a clock is set back, or a recording loops (`RecentStamps`), one
after the other: what is from before is not paired with what is from after.
"""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Generic, TypeAlias, TypeVar

from movenet_ros.core.geometry.recent_stamps import JUMP, RecentStamps
from movenet_ros.core.types import NANOSECONDS

Item = TypeVar('Item')
Depth = TypeVar('Depth')

LARGEST_OFFSET = NANOSECONDS // 20
"""At most this far apart, however long the interval [ns]: a person walks 7 cm in the time."""
USUAL_INTERVAL = NANOSECONDS // 30
"""Until there are two stamps [ns]."""
LONGEST_WAIT = NANOSECONDS // 5
"""Longest time that depth may be behind poses [ns]: compressing and registering it takes less."""
SILENCE = 2 * NANOSECONDS
"""After this time without depth that is in time, it has stopped [ns]: it may be as slow."""
MOST_WAITING = 20
"""More than come in `LONGEST_WAIT` at 90 images/s."""
MOST_DEPTHS = 20
"""Depth images that are kept, while poses take their time."""


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
        pose_stamps: Of poses.
        depth_stamps: Of depth images.
        in_time_ns: The latest stamp of poses when depth last was in time; None: not since they
            have started [ns].
        is_stopped: Whether poses have waited in vain, and no depth was in time for `SILENCE`.
        lead: 1 if depth has started again and poses have not yet, -1 if it is the other way round.
    """

    waiting: tuple[tuple[int, Item], ...] = ()
    depths: tuple[tuple[int, Depth], ...] = ()
    pose_stamps: RecentStamps = field(default_factory=RecentStamps)
    depth_stamps: RecentStamps = field(default_factory=RecentStamps)
    in_time_ns: int | None = None
    is_stopped: bool = False
    lead: int = 0

    def add_poses(self, item: Item, stamp_ns: int) -> Step[Item, Depth]:
        """Adds the poses of an image.

        Args:
            item: The poses, or anything that stands for them.
            stamp_ns: Stamp of the image [ns].
        """
        left: tuple[Paired[Item, Depth], ...] = ()
        pairing = self
        stamps, has_restarted = self.pose_stamps.add(stamp_ns)
        if has_restarted:
            left = self.rest()
            new = self.depths if self.lead > 0 else ()
            pairing = replace(self, waiting=(), in_time_ns=None, lead=max(self.lead - 1, -1),
                              depths=tuple(depth for depth in new if depth[0] <= stamp_ns + JUMP))
        return replace(pairing, waiting=(*pairing.waiting, (stamp_ns, item)),
                       pose_stamps=stamps)._released(left)

    def add_depth(self, depth: Depth, stamp_ns: int) -> Step[Item, Depth]:
        """Adds a depth image.

        Args:
            depth: The depth image, or anything that stands for it.
            stamp_ns: Its stamp [ns].
        """
        left: tuple[Paired[Item, Depth], ...] = ()
        pairing = self
        stamps, has_restarted = self.depth_stamps.add(stamp_ns)
        if has_restarted:
            new = tuple(poses for poses in self.waiting
                        if self.lead < 0 and poses[0] <= stamp_ns + JUMP)
            left = replace(self, waiting=tuple(p for p in self.waiting if p not in new)).rest()
            pairing = replace(self, waiting=new, depths=(), lead=min(self.lead + 1, 1))
        pairing = replace(pairing, depths=(*pairing.depths, (stamp_ns, depth))[-MOST_DEPTHS:],
                          depth_stamps=stamps)
        latest = pairing.pose_stamps.latest_ns
        if latest is not None and latest - LONGEST_WAIT <= stamp_ns <= latest + JUMP:
            pairing = replace(pairing, in_time_ns=latest, is_stopped=False)
        return pairing._released(left)

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
            in_vain = released[-1].outcome is Outcome.NONE_IN_TIME and pairing._is_silent()
            # Those that fit show that both are at the same time.
            pairing = replace(pairing, waiting=tuple(others),
                              is_stopped=pairing.is_stopped or in_vain,
                              lead=pairing.lead if released[-1].depth is None else 0)
        return pairing._without_old_depths(), tuple(released)

    def _is_overdue(self, stamp_ns: int) -> bool:
        return (self.is_stopped or len(self.waiting) > MOST_WAITING
                or (self.pose_stamps.latest_ns or stamp_ns) - stamp_ns > LONGEST_WAIT)

    def _is_silent(self) -> bool:
        latest = self.pose_stamps.latest_ns
        return self.in_time_ns is None or latest is None or latest - self.in_time_ns > SILENCE

    def _without_old_depths(self) -> Pairing[Item, Depth]:
        latest = self.pose_stamps.latest_ns
        if latest is None or self.lead > 0:
            return self
        oldest = min((stamp for stamp, _ in self.waiting), default=latest)
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
        later = min((stamp for stamp in self.depth_stamps.stamps_ns if stamp >= stamp_ns),
                    default=stamp_ns)
        intervals = (self.pose_stamps.interval(stamp_ns), self.depth_stamps.interval(later))
        return min(min(filter(None, intervals), default=USUAL_INTERVAL) / 2, LARGEST_OFFSET)


Step: TypeAlias = tuple[Pairing[Item, Depth], tuple[Paired[Item, Depth], ...]]
"""The pairing after something was added, and the poses that it gives out."""
