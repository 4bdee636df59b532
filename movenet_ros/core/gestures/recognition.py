"""Gestures, posture and joint angles of the people in a stream of images, by header time.

What a gesture takes is in `arms`, `waving` and `posture`, hysteresis in `holding`. People are known
by their ids. What the header stamps mean follows the rule of `core.state`: late images change
nothing, a clock that goes back starts everything again, and a single outlying stamp is undone.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.gestures.angles import joint_angles
from movenet_ros.core.gestures.arms import (
    NOT_SEEN,
    SEEN,
    Grades,
    crossed_arms,
    pointing_arms,
    raised_hands,
)
from movenet_ros.core.gestures.bodies import Bodies, bodies
from movenet_ros.core.gestures.gesture import COUNT, POSTURES, Gesture, Gestures
from movenet_ros.core.gestures.holding import LARGEST_GAP, Held, hold
from movenet_ros.core.gestures.pointing import pointing_directions
from movenet_ros.core.gestures.posture import postures
from movenet_ros.core.gestures.waving import Swings, places_of_hands, swing_of
from movenet_ros.core.stamps import Course, Stamps, before_outlier, follow
from movenet_ros.core.types import NANOSECONDS, Poses

SMALLEST = 20.0
"""Length of the torso below which nothing is recognised [px]: keypoints are wrong by as much as
the thresholds there."""

WAVING = [Gesture.LEFT_HAND_WAVING, Gesture.RIGHT_HAND_WAVING]
POINTING = [Gesture.LEFT_ARM_POINTING, Gesture.RIGHT_ARM_POINTING]


@dataclass(frozen=True)
class GestureSettings:
    """How gestures are recognised.

    Attributes:
        begin: For how long a gesture must be seen to begin [s]. Waving begins with its third
            reversal instead.
        end: For how long it must not be seen to end [s].
        posture: The same two for postures, which last longer [s].
        max_lateness: As the parameter of this name [s].
    """

    begin: float = 0.3
    end: float = 0.3
    posture: float = 1.0
    max_lateness: float = 0.5


@dataclass(frozen=True, eq=False)
class Person:
    """What is remembered of one person.

    Attributes:
        held: What has been seen of them.
        hands: The motion of the left and right hands.
    """

    held: Held
    hands: tuple[Swings, ...]


@dataclass(frozen=True)
class GestureState:
    """What is remembered between two images; `GestureState()` is a reset.

    Attributes:
        people: By id.
        stamps: How the images' stamps have come in.
        before: The state before the last stamp, while that may be an outlier, see `Stamps`.
    """

    people: Mapping[int, Person] = field(default_factory=dict)
    stamps: Stamps | None = None
    before: GestureState | None = None


def update(state: GestureState, poses: Poses, stamp_ns: int,
           positions: NDArray[np.floating] | None = None, *, degrees: int = 0,
           settings: GestureSettings = GestureSettings()) -> tuple[GestureState, Gestures]:
    """Recognises what the people of the next image do.

    Args:
        state: After the image before; `GestureState()` at the start.
        poses: N people, in the frame of the image as it was received.
        stamp_ns: Header stamp of the image [ns].
        positions: float [N,17,3], of their keypoints in the camera's optical frame [m]; NaN
            where not known.
        degrees: By which the image is to be rotated to be upright: the parameter `rotate`.
        settings: Times and thresholds.

    Returns:
        The state after this image, and what the people do.
    """
    state = _at_stamp(state, stamp_ns, settings.max_lateness)
    people = bodies(poses, positions, degrees)
    angles, is_spatial = joint_angles(people)
    current = _people(state, people, poses.id, stamp_ns, settings)
    active = np.array([person.held.active for person in current]).reshape(len(poses), COUNT)
    space = np.full((*poses.visible.shape, 3), np.nan) if positions is None else positions
    gestures = Gestures(poses.id, active, angles, is_spatial,
                        pointing_directions(poses.xy, poses.visible, active[:, POINTING]),
                        pointing_directions(space, poses.visible, active[:, POINTING]))
    return _remember(state, dict(zip(poses.id.tolist(), current, strict=True))), gestures


def _remember(state: GestureState, current: Mapping[int, Person]) -> GestureState:
    """The state with the people of this image, and those who were there a short time ago."""
    assert state.stamps is not None
    oldest = state.stamps.latest_ns - LARGEST_GAP * NANOSECONDS
    kept = {number: person for number, person in state.people.items()
            if person.held.stamp_ns >= oldest}
    return replace(state, people={**kept, **current})


def _at_stamp(state: GestureState, stamp_ns: int, max_lateness: float) -> GestureState:
    stamps, course = follow(state.stamps, stamp_ns, max_lateness, is_same_size=True)
    before = before_outlier(state, stamps)
    if course is Course.RETURNS and state.before:
        state = state.before
    people = {} if course is Course.RESTARTS else state.people
    return GestureState(people, stamps, before)


def _people(state: GestureState, people: Bodies, ids: NDArray[np.int32], stamp_ns: int,
            settings: GestureSettings) -> list[Person]:
    """The people of this image, in their order."""
    grades, places, swings = _still_grades(people), places_of_hands(people), swing_of(people)
    is_small = ~(people.size >= SMALLEST)
    begin, end = np.full(COUNT, settings.begin), np.full(COUNT, settings.end)
    begin[WAVING] = 0.0
    begin[POSTURES] = end[POSTURES] = settings.posture
    current = []
    for row, number in enumerate(ids.tolist()):
        known = state.people.get(number)
        if known and stamp_ns <= known.held.stamp_ns:
            current.append(known)
            continue
        hands = known.hands if known else (Swings(), Swings())
        hands = tuple(hand.add(place, swings[row], stamp_ns)
                      for hand, place in zip(hands, places[row].tolist(), strict=True))
        grades[row, WAVING] = [SEEN if hand.is_waving(stamp_ns) else NOT_SEEN for hand in hands]
        if is_small[row]:
            grades[row] = NOT_SEEN
        held = hold(known.held if known else None, grades[row], stamp_ns, begin, end)
        current.append(Person(held, hands))
    return current


def _still_grades(people: Bodies) -> Grades:
    """What one image shows: int8 [N,10], without waving."""
    grades = np.full((len(people.size), COUNT), NOT_SEEN, np.int8)
    grades[:, [Gesture.LEFT_HAND_RAISED, Gesture.RIGHT_HAND_RAISED]] = raised_hands(people)
    grades[:, Gesture.ARMS_CROSSED] = crossed_arms(people)
    grades[:, POINTING] = pointing_arms(people)
    grades[:, POSTURES] = postures(people)
    return grades
