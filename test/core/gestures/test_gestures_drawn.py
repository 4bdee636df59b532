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


def events(pose_at, seconds=6.0, **how):
    """Begin and end of each gesture [s], of a person drawn at each time."""
    return events_of_all({'somebody': pose_at}, seconds, **how)['somebody']


def events_of_all(people, seconds=6.0, *, rate=30, drop=0.0, noise=NOISE, positions=False, seed=4):
    """The same of several people, by name, who are in the same images."""
    rng, state = np.random.default_rng(seed), GestureState()
    active, found = ({name: {} for name in people} for _ in range(2))
    for stamp in stamps(seconds, rate, drop=drop):
        time = stamp / NANOSECONDS
        points = np.stack([pose_at(time) for pose_at in people.values()])
        xy = np.stack([project(each) for each in points])
        xy += rng.normal(0, noise, xy.shape)
        state, gestures = update(state, poses_at(xy), stamp, points if positions else None)
        for row, name in enumerate(people):
            now = set(gestures.of(row))
            for gesture in set(active[name]) - now:
                found[name].setdefault(gesture, []).append((active[name].pop(gesture), time))
            for gesture in now - set(active[name]):
                active[name][gesture] = time
    for name, gestures in active.items():
        for gesture, begun in gestures.items():
            found[name].setdefault(gesture, []).append((begun, math.inf))
    return found


def seen_of_all(people, seconds, **how):
    """Which gestures were seen at any time, by name."""
    return {name: set(found) for name, found in events_of_all(people, seconds, **how).items()}


def still(**people):
    return {name: lambda time, pose=pose: pose for name, pose in people.items()}


def between(first, last, during, otherwise):
    return lambda time: during if first <= time < last else otherwise


def waving(hertz, width=0.45):
    def arm(time):
        return (DOWN + 0.8 * OUT, UP + width * math.sin(2 * math.pi * hertz * time) * OUT)
    return arm


@pytest.mark.parametrize(('rate', 'drop'), CONDITIONS)
def test_a_gesture_begins_and_ends_by_seconds(rate, drop):
    expected = {
        'left': (person(left_arm=RAISED), {G.LEFT_HAND_RAISED}),
        'right': (person(right_arm=STRAIGHT_UP), {G.RIGHT_HAND_RAISED}),
        'both': (person(RAISED, STRAIGHT_UP), {G.LEFT_HAND_RAISED, G.RIGHT_HAND_RAISED}),
        'crossed': (person(CROSSED, CROSSED), {G.ARMS_CROSSED}),
        'pointing': (person(left_arm=SIDEWAYS), {G.LEFT_ARM_POINTING})}
    people = {name: between(2.0, 4.0, during, person()) for name, (during, _) in expected.items()}
    found = events_of_all(people, rate=rate, drop=drop)
    assert {name: set(gestures) for name, gestures in found.items()} == {
        name: {G.STANDING, *gestures} for name, (_, gestures) in expected.items()}
    longest_gap = 4 / rate if drop else 1 / rate
    for name, (_, gestures) in expected.items():
        for gesture in gestures:
            ((begun, ended),) = found[name][gesture]
            assert 2.3 <= begun <= 2.3 + 2 * longest_gap + 0.15, name
            assert 4.3 <= ended <= 4.3 + 2 * longest_gap + 0.15, name


@pytest.mark.parametrize(('rate', 'drop'), CONDITIONS)
def test_nothing_but_standing(rate, drop):
    people = still(
        nothing=person(), hands_on_hips=person(ON_HIP, ON_HIP), phone=person(AT_EAR),
        arm_to_camera=person(TO_CAMERA), behind=person(yaw=math.pi),
        crossed_behind=person(CROSSED, CROSSED, yaw=math.pi), t=person(SIDEWAYS, SIDEWAYS),
        side=person(yaw=math.pi / 2),
        both_forwards=person(TO_CAMERA, (FORWARD + 0.5 * DOWN, FORWARD + 0.5 * UP),
                             yaw=math.pi / 2),
        hand_on_head=person((OUT + UP + 1.8 * FORWARD, 0.72 * IN + 0.52 * UP - 0.46 * FORWARD)),
        arm_half_to_camera=person((FORWARD + 0.4 * OUT, FORWARD + 0.4 * OUT)),
        carrying_behind=person(*[(DOWN + 0.1 * IN, FORWARD + 0.5 * IN)] * 2, yaw=math.pi))
    assert seen_of_all(people, 10.0, rate=rate, drop=drop) == {
        name: {G.STANDING} for name in people}


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


@pytest.mark.parametrize('rate', [5, 15, 30])
def test_what_is_no_waving(rate):
    arms = {
        'held still': lambda time: RAISED,
        'slow': waving(0.3),
        'trembling': waving(2.0, width=0.06),
        'swung below': lambda time: (DOWN, DOWN + 0.8 * math.sin(9 * time) * OUT),
        'at the mouth': lambda time: (
            DOWN + 0.5 * OUT, UP + 0.7 * IN + 0.3 * math.sin(9 * time) * UP)}
    people = {name: lambda time, arm=arm: person(left_arm=arm(time)) for name, arm in arms.items()}
    seen = seen_of_all(people, 10.0, rate=rate)
    assert [name for name, gestures in seen.items() if G.LEFT_HAND_WAVING in gestures] == []


def walking(time, yaw):
    swing = 0.45 * math.sin(2 * math.pi * 0.9 * time)
    arm = DOWN + swing * FORWARD
    bent = DOWN + swing * FORWARD + 0.3 * FORWARD
    opposite, back = DOWN - swing * FORWARD, DOWN - swing * FORWARD + 0.3 * FORWARD
    return person((arm, bent), (opposite, back), (opposite, opposite), yaw=yaw,
                  right_leg=(arm, arm), at=(0.1 * math.sin(time), -0.1, 3.0))


@pytest.mark.parametrize('rate', [5, 15, 30])
def test_somebody_who_walks_makes_no_gesture(rate):
    people = {yaw: lambda time, yaw=yaw: walking(time, yaw)
              for yaw in (0.0, 0.8, math.pi / 2, math.pi)}
    assert seen_of_all(people, 10.0, rate=rate) == {yaw: {G.STANDING} for yaw in people}


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
