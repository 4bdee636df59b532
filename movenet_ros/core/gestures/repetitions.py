"""Counts repetitions of an exercise by the angle of a joint.

A repetition is a bent and then a stretched joint. The two thresholds are far apart, so that neither
jitter nor a movement that is not completed counts, and both states must last for a time, in
seconds of header time. Of two joints the more bent one counts: a stretched limb is straight from
every side, a bent one appears straight from some.
"""
from __future__ import annotations

import math
from dataclasses import dataclass, replace

from movenet_ros.core.gestures.angles import JOINT_NAMES
from movenet_ros.core.gestures.gesture import Gestures
from movenet_ros.core.gestures.holding import LARGEST_GAP
from movenet_ros.core.types import NANOSECONDS


@dataclass(frozen=True)
class Exercise:
    """What one repetition is.

    Attributes:
        joints: Names of the joints, left and right.
        bent: At most this is bent [rad].
        stretched: At least this is stretched [rad].
    """

    joints: tuple[str, ...]
    bent: float
    stretched: float


SQUAT = Exercise(('left_knee', 'right_knee'), math.radians(110), math.radians(155))
PUSH_UP = Exercise(('left_elbow', 'right_elbow'), math.radians(100), math.radians(140))

LASTING = 0.1
"""Time for which a joint must be bent or stretched to count [s]."""


@dataclass(frozen=True)
class Repetitions:
    """The repetitions of one person; `Repetitions(exercise)` at the start.

    Attributes:
        exercise: What is counted.
        count: How many are complete.
        is_bent: Whether the joint is bent, in the middle of a repetition; None before it was first
            seen stretched.
        since_ns: Since when it is on the other side of the threshold that it is waited for [ns].
        stamp_ns: Of the last image [ns].
    """

    exercise: Exercise
    count: int = 0
    is_bent: bool | None = None
    since_ns: int | None = None
    stamp_ns: int | None = None

    def update(self, gestures: Gestures, row: int, stamp_ns: int) -> Repetitions:
        """The repetitions after another image.

        Args:
            gestures: What the people of the image do.
            row: The person.
            stamp_ns: Header stamp of the image [ns]. A late image changes nothing; after a clock
                that went back, the count goes on.
        """
        angles = [float(gestures.joint_angle[row, JOINT_NAMES.index(name)])
                  for name in self.exercise.joints]
        known = [angle for angle in angles if not math.isnan(angle)]
        if not known:
            return self
        return self.add(min(known), stamp_ns)

    def add(self, angle: float, stamp_ns: int) -> Repetitions:
        """The repetitions after the joint was seen at an angle [rad]; stamps as of `update`."""
        current = replace(self, stamp_ns=stamp_ns)
        if self.stamp_ns is not None:
            interval = (stamp_ns - self.stamp_ns) / NANOSECONDS
            if -LARGEST_GAP <= interval <= 0:
                return self
            if abs(interval) > LARGEST_GAP:
                current = replace(current, since_ns=None)
        is_waiting_to_bend = self.is_bent is False
        reached = (angle <= self.exercise.bent if is_waiting_to_bend
                   else angle >= self.exercise.stretched)
        if not reached:
            return replace(current, since_ns=None)
        since = stamp_ns if current.since_ns is None else current.since_ns
        if stamp_ns - since < LASTING * NANOSECONDS:
            return replace(current, since_ns=since)
        count = self.count + 1 if self.is_bent else self.count
        return replace(current, count=count, is_bent=is_waiting_to_bend, since_ns=None)
