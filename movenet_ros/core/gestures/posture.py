"""Whether people stand, sit or lie, in one image.

The image shows this only from some sides. Somebody who lies with the feet towards the camera looks
short and upright, somebody who squats or kneels looks like somebody who sits, and a push-up like
lying. Where torso or thighs are not visible nothing is found. The camera is taken to be level: its
tilt adds to all angles.
"""
from __future__ import annotations

import math

import numpy as np

from movenet_ros.core.gestures.arms import Grades, graded
from movenet_ros.core.gestures.bodies import (
    ANKLES,
    HIPS,
    KNEES,
    SHOULDERS,
    Bodies,
    Bools,
    Floats,
    all_known,
    angles_between,
    angles_from_up,
    known_mean,
    lengths,
)

UPRIGHT = (math.radians(35), math.radians(45))
"""Angle of the torso to the upward direction, of people who stand or sit."""

TORSO_LENGTH = (0.6, 0.5)
"""Length of the torso in the image [torso lengths by the widest measure]: one that leads to the
camera, as in a push-up seen from the front, has no posture."""

STRAIGHT_KNEE = (math.radians(150), math.radians(140))
"""Angle of the knee of the leg that somebody stands on."""

LEG_DOWN = (math.radians(30), math.radians(40))
"""Angle of the thigh of that leg to the downward direction."""

STANDING_DROP = (0.60, 0.50)
"""Height of the hip above the knee of that leg [torso lengths]."""

SITTING_DROP = (0.45, 0.55)
"""Largest height of a hip above its knee in sitting, seen from any side [torso lengths]."""

DEEP = (-0.15, -0.25)
"""Smallest one: with knees above the hips somebody crouches, or holds up a leg."""

THIGH_ASIDE = (math.radians(50), math.radians(40))
"""Angle of a thigh in sitting to the downward direction, seen from the side."""

THIGH_PER_SHIN = (0.5, 0.6)
"""Height of the thigh per that of the shin in sitting, seen from the front. A camera above makes
legs that stand short too, but both parts of them."""

SHIN = (0.50, 0.45)
"""Height of that shin [torso lengths]."""

FEET_DROP = (1.20, 1.35)
"""Largest height of a hip above its ankle in sitting, where ankles are visible [torso lengths]."""

HORIZONTAL = (math.radians(60), math.radians(50))
"""Angle of the torso to the upward direction, of people who lie."""

LEG_NOT_DOWN = (math.radians(50), math.radians(40))
"""Angle of their thighs to the downward direction: who bends down stands on vertical legs."""


def postures(people: Bodies) -> Grades:
    """Whether each person stands, sits, or lies: [N,3]; from positions where they are known."""
    flat = _postures(people.xy, people.size)
    is_spatial = all_known(people.positions[:, SHOULDERS + HIPS + KNEES])
    if not is_spatial.any():
        return flat
    torso = known_mean(people.positions[:, SHOULDERS]) - known_mean(people.positions[:, HIPS])
    space = _postures(people.positions, lengths(torso))
    return np.where(is_spatial[:, None], space, flat).astype(np.int8)


def _postures(points: Floats, size: Floats) -> Grades:
    hips, knees = points[:, HIPS], points[:, KNEES]
    spine = known_mean(points[:, SHOULDERS]) - known_mean(hips)
    torso, length = angles_from_up(spine), lengths(spine) / size
    thigh = math.pi - angles_from_up(knees - hips)
    drop = (knees[..., 1] - hips[..., 1]) / size[:, None]
    shin = (points[:, ANKLES, 1] - knees[..., 1]) / size[:, None]
    knee = angles_between(hips - knees, points[:, ANKLES] - knees)
    grades = []
    for level in (0, 1):
        is_seen = length > TORSO_LENGTH[level]
        upright = is_seen & (torso < UPRIGHT[level])
        stands = upright & ((knee > STRAIGHT_KNEE[level]) & (thigh < LEG_DOWN[level])
                            & (drop > STANDING_DROP[level])).any(axis=1)
        is_forward = (thigh > THIGH_ASIDE[level]) | (
            (drop < THIGH_PER_SHIN[level] * shin) & (shin > SHIN[level]))
        sits = upright & ((drop < SITTING_DROP[level]) & (drop > DEEP[level]) & is_forward
                          & ~(drop + shin > FEET_DROP[level])).all(axis=1)
        lies = is_seen & (torso > HORIZONTAL[level]) & _where_known(
            thigh, thigh > LEG_NOT_DOWN[level])
        grades.append(np.stack((stands, sits, lies), axis=1))
    return graded(*grades)


def _where_known(values: Floats, holds: Bools) -> Bools:
    """Whether a condition holds on both sides, or on the one that is known."""
    unknown = np.isnan(values)
    return np.asarray((holds | unknown).all(axis=1) & ~unknown.all(axis=1))
