"""What the arms of people do in one image.

A grade says of each person whether a gesture is seen (1), clearly not seen (-1), or neither (0):
between the two thresholds of a gesture, what was found before remains. Grades are int8.
"""
from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.gestures.bodies import (
    ELBOWS,
    HEAD,
    HIPS,
    SHOULDERS,
    WRISTS,
    Bodies,
    Bools,
    Floats,
    all_known,
    angles_between,
    angles_from_up,
    known_mean,
    lengths,
)
from movenet_ros.core.skeleton import NOSE

Grades = NDArray[np.int8]

SEEN, NOT_SEEN = 1, -1

RAISED = (0.30, 0.15)
"""Height of the wrist above the shoulder [torso lengths], for 1 and for at least 0."""

AWAY_FROM_HEAD = (0.45, 0.35)
"""Distance of the wrist from the head [torso lengths]: a hand at the ear or face is not raised."""

FOREARM_UP = (math.radians(60), math.radians(75))
"""Angle of the forearm of a raised hand to the upward direction."""

FOREARM_LENGTH = (0.25, 0.20)
"""Its length [torso lengths]: an arm stretched towards a camera below the shoulder also leads up in
the image, but appears shorter."""

STRETCHED = (math.radians(150), math.radians(140))
"""Angle of the elbow of an arm that points."""

ARM_LENGTH = (0.75, 0.65)
"""Distance of wrist and shoulder [torso lengths]: an arm towards the camera appears shorter, and
says nothing about a direction in the image."""

ABOVE_ARM = (math.radians(30), math.radians(25))
"""Smallest angle of a pointing arm to the upward direction; above it, it is a raised hand."""

BELOW_ARM = (math.radians(130), math.radians(140))
"""Largest one; below it, the arm hangs down or swings in walking."""

FROM_TORSO = (math.radians(50), math.radians(40))
"""Angle of a pointing arm to the torso, which need not be vertical."""

HANDS_TOGETHER = 0.4
"""Hands less apart than this hold something, or are stretched out both [torso lengths]."""

FACING = (0.30, 0.20)
"""Distance of the left shoulder from the right one, to the right in the image [torso lengths]."""

CROSSED = (0.15, 0.08)
"""Distance of the right wrist from the left one, to the right in the image [torso lengths]: four
people of COCO with crossed arms have 0.22 to 0.35, folded hands at most 0.03."""

AT_OTHER_ARM = (0.45, 0.55)
"""Distance of a wrist from the elbow of the other arm [torso lengths]."""

BELOW_SHOULDERS = (0.10, 0.0)
"""Depth of crossed wrists below the shoulders [torso lengths]."""


def graded(above: Bools, below: Bools) -> Grades:
    """1 where the stricter condition holds, -1 where the looser one does not."""
    return np.where(above, SEEN, np.where(below, 0, NOT_SEEN)).astype(np.int8)


def raised_hands(people: Bodies) -> Grades:
    """Whether the left and right hands are raised: [N,2]."""
    rise, head = _wrist_height(people), _from_head(people)
    forearm = people.xy[:, WRISTS] - people.xy[:, ELBOWS]
    from_up, length = angles_from_up(forearm), lengths(forearm) / people.size[:, None]
    strict, loose = (
        (rise > RAISED[level]) & (head > AWAY_FROM_HEAD[level])
        & (from_up < FOREARM_UP[level]) & (length > FOREARM_LENGTH[level]) for level in (0, 1))
    return graded(strict, loose)


def pointing_arms(people: Bodies) -> Grades:
    """Whether the left and right arms point: [N,2]; from positions where they are known."""
    size = np.broadcast_to(people.size[:, None], (len(people.size), 2))
    flat = _stretched_arms(people.xy, size)
    is_spatial = all_known(people.positions[:, SHOULDERS + ELBOWS + WRISTS])
    if is_spatial.any():
        # In space a stretched arm has its own length, however it is turned.
        space = _stretched_arms(people.positions, np.zeros_like(size))
        flat = np.where(is_spatial[:, None], space, flat)
    # Two stretched arms are held out for balance, carry something, or reach for it.
    apart = lengths(people.xy[:, WRISTS[0]] - people.xy[:, WRISTS[1]]) / people.size
    is_two = (flat[:, ::-1] != NOT_SEEN) | (apart < HANDS_TOGETHER)[:, None]
    return np.where(is_two, NOT_SEEN, flat).astype(np.int8)


def _stretched_arms(points: Floats, size: Floats) -> Grades:
    shoulder, elbow, wrist = points[:, SHOULDERS], points[:, ELBOWS], points[:, WRISTS]
    arm = wrist - shoulder
    bend, length = angles_between(shoulder - elbow, wrist - elbow), lengths(arm)
    from_up = angles_from_up(arm)
    from_torso = angles_between(arm, points[:, HIPS] - shoulder)
    strict, loose = (
        (bend > STRETCHED[level]) & (length > ARM_LENGTH[level] * size)
        & (from_up > ABOVE_ARM[level]) & (from_up < BELOW_ARM[level])
        & ~(from_torso < FROM_TORSO[level])  # hips that are not visible do not matter
        for level in (0, 1))
    return graded(strict, loose)


def crossed_arms(people: Bodies) -> Grades:
    """Whether the arms are crossed in front of the body: [N].

    From behind, hands behind the back would look the same: a person who shows no nose, or whose
    left shoulder is to the left in the image, has no crossed arms.
    """
    size = people.size
    shoulders, wrists = people.xy[:, SHOULDERS], people.xy[:, WRISTS]
    facing = (shoulders[:, 0, 0] - shoulders[:, 1, 0]) / size
    facing = np.where(np.isnan(people.xy[:, NOSE, 0]), np.nan, facing)
    crossed = (wrists[:, 1, 0] - wrists[:, 0, 0]) / size
    reach = lengths(wrists - people.xy[:, ELBOWS[::-1]]) / size[:, None]
    height = _wrist_height(people)
    strict, loose = (
        (facing > FACING[level]) & (crossed > CROSSED[level])
        & (reach < AT_OTHER_ARM[level]).all(axis=1)
        & (height < -BELOW_SHOULDERS[level]).all(axis=1) for level in (0, 1))
    return graded(strict, loose)


def _wrist_height(people: Bodies) -> Floats:
    """Of the wrists above their shoulders [torso lengths], [N,2]."""
    rise = people.xy[:, SHOULDERS, 1] - people.xy[:, WRISTS, 1]
    return np.asarray(rise / people.size[:, None])


def _from_head(people: Bodies) -> Floats:
    head = known_mean(people.xy[:, HEAD])
    return np.asarray(lengths(people.xy[:, WRISTS] - head[:, None]) / people.size[:, None])
