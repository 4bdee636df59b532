"""Gestures of a drawn person, at several image rates, with dropped images and jitter."""
import math

import numpy as np
import pytest
from support.skeleton_3d import (
    AT_EAR,
    CROSSED,
    DOWN,
    FORWARD,
    HANGING,
    IN,
    ON_HIP,
    OUT,
    RAISED,
    SIDEWAYS,
    SITTING,
    STRAIGHT_UP,
    TO_CAMERA,
    UP,
    person,
    poses_at,
    project,
    stamps,
)

from movenet_ros.core.gestures.gesture import Gesture
from movenet_ros.core.gestures.recognition import GestureState, update
from movenet_ros.core.types import NANOSECONDS

G = Gesture
CONDITIONS = [(5, 0.0), (15, 0.2), (30, 0.4)]
NOISE = 2.0


def events(pose_at, seconds=6.0, *, rate=30, drop=0.0, noise=NOISE, positions=False, seed=4):
    """Begin and end of each gesture [s], of a person drawn at each time."""
    rng, state, active, found = np.random.default_rng(seed), GestureState(), {}, []
    for stamp in stamps(seconds, rate, drop=drop):
        points = pose_at(stamp / NANOSECONDS)
        xy = project(points)[None] + rng.normal(0, noise, (1, 17, 2))
        state, gestures = update(state, poses_at(xy), stamp, points[None] if positions else None)
        for gesture in set(active) - set(gestures.of(0)):
            found.append((gesture, active.pop(gesture), stamp / NANOSECONDS))
        for gesture in set(gestures.of(0)) - set(active):
            active[gesture] = stamp / NANOSECONDS
    found += [(gesture, begun, math.inf) for gesture, begun in active.items()]
    return {g: [(b, e) for other, b, e in sorted(found) if other == g] for g, _, _ in found}


def between(first, last, during, otherwise):
    return lambda time: during if first <= time < last else otherwise


def waving(hertz, width=0.45):
    def arm(time):
        return (DOWN + 0.8 * OUT, UP + width * math.sin(2 * math.pi * hertz * time) * OUT)
    return arm


@pytest.mark.parametrize(('rate', 'drop'), CONDITIONS)
@pytest.mark.parametrize(('during', 'expected'), [
    (person(left_arm=RAISED), {G.LEFT_HAND_RAISED}),
    (person(right_arm=STRAIGHT_UP), {G.RIGHT_HAND_RAISED}),
    (person(RAISED, STRAIGHT_UP), {G.LEFT_HAND_RAISED, G.RIGHT_HAND_RAISED}),
    (person(CROSSED, CROSSED), {G.ARMS_CROSSED}),
    (person(left_arm=SIDEWAYS), {G.LEFT_ARM_POINTING}),
], ids=['left', 'right', 'both', 'crossed', 'pointing'])
def test_a_gesture_begins_and_ends_by_seconds(rate, drop, during, expected):
    found = events(between(2.0, 4.0, during, person()), rate=rate, drop=drop)
    assert set(found) == {G.STANDING, *expected}
    longest_gap = 4 / rate if drop else 1 / rate
    for gesture in expected:
        ((begun, ended),) = found[gesture]
        assert 2.3 <= begun <= 2.3 + 2 * longest_gap + 0.15
        assert 4.3 <= ended <= 4.3 + 2 * longest_gap + 0.15


@pytest.mark.parametrize(('rate', 'drop'), CONDITIONS)
@pytest.mark.parametrize('still', [
    person(), person(ON_HIP, ON_HIP), person(AT_EAR), person(TO_CAMERA), person(yaw=math.pi),
    person(CROSSED, CROSSED, yaw=math.pi), person(SIDEWAYS, SIDEWAYS), person(yaw=math.pi / 2),
    person(TO_CAMERA, (FORWARD + 0.5 * DOWN, FORWARD + 0.5 * UP), yaw=math.pi / 2),
    person((OUT + UP + 1.8 * FORWARD, 0.72 * IN + 0.52 * UP - 0.46 * FORWARD)),
    person((FORWARD + 0.4 * OUT, FORWARD + 0.4 * OUT)),
    person(*[(DOWN + 0.1 * IN, FORWARD + 0.5 * IN)] * 2, yaw=math.pi),
], ids=['still', 'hands on hips', 'phone', 'arm to camera', 'behind', 'crossed behind', 'T',
        'side', 'both forwards', 'hand on head', 'arm half to camera', 'carrying, behind'])
def test_nothing_but_standing(still, rate, drop):
    assert set(events(lambda time: still, rate=rate, drop=drop, seconds=10)) == {G.STANDING}


@pytest.mark.parametrize(('rate', 'hertz'), [(5, 1.0), (10, 2.0), (15, 1.0), (15, 3.0), (30, 0.8),
                                             (30, 2.0), (60, 3.0)])
def test_waving_begins_with_the_third_reversal_and_ends_a_second_after_the_last(rate, hertz):
    arm = waving(hertz)
    found = events(lambda time: person(left_arm=arm(time) if 1 <= time < 5 else HANGING),
                   8.0, rate=rate)
    ((begun, ended),) = found[G.LEFT_HAND_WAVING]
    assert 1.0 + 1.0 / hertz <= begun <= 1.1 + 2.5 / hertz + 2 / rate
    assert 5.0 <= ended <= 6.4
    assert G.RIGHT_HAND_WAVING not in found


@pytest.mark.parametrize('arm', [
    lambda time: RAISED,
    waving(0.3),
    waving(2.0, width=0.06),
    lambda time: (DOWN, DOWN + 0.8 * math.sin(9 * time) * OUT),
    lambda time: (DOWN + 0.5 * OUT, UP + 0.7 * IN + 0.3 * math.sin(9 * time) * UP),
], ids=['held still', 'slow', 'trembling', 'swung below', 'at the mouth'])
@pytest.mark.parametrize('rate', [5, 15, 30])
def test_what_is_no_waving(arm, rate):
    found = events(lambda time: person(left_arm=arm(time)), 10.0, rate=rate)
    assert G.LEFT_HAND_WAVING not in found


@pytest.mark.parametrize('yaw', [0.0, 0.8, math.pi / 2, math.pi])
@pytest.mark.parametrize('rate', [5, 15, 30])
def test_somebody_who_walks_makes_no_gesture(yaw, rate):
    def walking(time):
        swing = 0.45 * math.sin(2 * math.pi * 0.9 * time)
        arm = DOWN + swing * FORWARD
        bent = DOWN + swing * FORWARD + 0.3 * FORWARD
        opposite, back = DOWN - swing * FORWARD, DOWN - swing * FORWARD + 0.3 * FORWARD
        return person((arm, bent), (opposite, back), (opposite, opposite), yaw=yaw,
                      right_leg=(arm, arm), at=(0.1 * math.sin(time), -0.1, 3.0))
    assert set(events(walking, 10.0, rate=rate)) == {G.STANDING}


@pytest.mark.parametrize(('still', 'expected'), [
    (person(legs=SITTING), {G.SITTING}),
    (person(legs=SITTING, yaw=math.pi / 2), {G.SITTING}),
    (person(roll=math.pi / 2), {G.LYING}),
    (person(roll=-math.pi / 2, yaw=0.5), {G.LYING}),
    (person(roll=0.35), {G.STANDING}),
], ids=['sitting', 'sitting from the side', 'lying', 'lying turned', 'leaning'])
@pytest.mark.parametrize('positions', [False, True])
def test_posture(still, expected, positions):
    assert set(events(lambda time: still, 4.0, positions=positions)) == expected


def test_an_arm_along_a_lying_body_does_not_point():
    lying = person(right_arm=ON_HIP, roll=math.pi / 2)
    assert set(events(lambda time: lying, 4.0)) == {G.LYING}


def test_somebody_who_bends_down_does_not_lie():
    bent = person(legs=(OUT, OUT), right_leg=(IN, IN), roll=-math.pi / 2)
    assert not events(lambda time: bent, 4.0)


def test_knees_that_are_found_too_high_make_nobody_sit():
    found, state = None, GestureState()
    xy = project(person())
    xy[13:15] = xy[11:13]
    xy[13:15, 1] += 20
    for stamp in stamps(3, 15):
        state, found = update(state, poses_at(xy[None]), stamp)
    assert G.SITTING not in found.of(0)


@pytest.mark.parametrize(('torso', 'legs'), [(1.0, 0.45), (0.2, 0.45), (0.2, 1.0)],
                         ids=['camera above', 'push-up from the front', 'bent to the camera'])
def test_parts_that_lead_to_the_camera_make_nobody_sit(torso, legs):
    xy, state = project(person()), GestureState()
    hips = xy[11, 1]
    xy[:11, 1] = hips + torso * (xy[:11, 1] - hips)
    xy[13:, 1] = hips + legs * (xy[13:, 1] - hips)
    for stamp in stamps(3, 15):
        state, found = update(state, poses_at(xy[None]), stamp)
    assert not set(found.of(0)) & {G.SITTING, G.STANDING, G.LYING}


def test_a_posture_begins_after_a_second():
    found = events(between(2.0, 5.0, person(legs=SITTING), person()), 8.0)
    ((begun, ended),) = found[G.SITTING]
    assert 3.0 <= begun <= 3.2 and 6.0 <= ended <= 6.2


def test_thighs_towards_the_camera_are_seen_in_space():
    above = person(legs=(FORWARD + 1.2 * DOWN, DOWN), at=(0.0, 0.9, 1.2))
    assert G.STANDING not in events(lambda time: above, 4.0, positions=True)


@pytest.mark.parametrize('rate', [5, 15, 30])
def test_small_people_with_the_same_jitter_make_no_gesture(rate):
    far = person(at=(0.0, -0.5, 12.0))
    assert set(events(lambda time: far, 15.0, rate=rate)) <= {G.STANDING}
    tiny = person(left_arm=STRAIGHT_UP, at=(0.0, -0.5, 20.0))
    assert not events(lambda time: tiny, 10.0, rate=rate)
