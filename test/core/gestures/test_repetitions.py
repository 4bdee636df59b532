"""Counting squats and push-ups."""
import math

import numpy as np
import pytest
from support.skeleton_3d import DOWN, FORWARD, person, poses_of, stamps

from movenet_ros.core.gestures.recognition import GestureState, update
from movenet_ros.core.gestures.repetitions import PUSH_UP, SQUAT, Repetitions
from movenet_ros.core.types import NANOSECONDS


def count(angle_at, seconds, *, rate=30, drop=0.0, noise=0.0, exercise=SQUAT):
    rng, counter = np.random.default_rng(5), Repetitions(exercise)
    for stamp in stamps(seconds, rate, drop=drop):
        angle = angle_at(stamp / NANOSECONDS) + rng.normal(0, noise)
        counter = counter.add(math.radians(angle), stamp)
    return counter.count


def squats(time):
    """From 175 degrees to 70 and back, once in two seconds."""
    return 122.5 + 52.5 * math.cos(math.pi * time)


@pytest.mark.parametrize(('rate', 'drop'), [(5, 0.0), (15, 0.3), (30, 0.0), (30, 0.5), (60, 0.1)])
def test_each_squat_counts_once(rate, drop):
    assert count(squats, 20.5, rate=rate, drop=drop, noise=4.0) == 10


@pytest.mark.parametrize('angle', [
    lambda time: 165 + 10 * math.sin(9 * time),
    lambda time: 140 + 25 * math.cos(3 * time),
    lambda time: 90 + 40 * math.cos(3 * time),
    lambda time: 60 if time % 1 < 0.03 else 175,
], ids=['jitter', 'not deep', 'not up', 'single images'])
def test_what_does_not_count(angle):
    assert count(angle, 30.0) == 0


def test_somebody_who_is_first_seen_at_the_bottom_has_not_gone_down():
    assert count(lambda time: 70 if time < 1 else 175, 3.0) == 0


def test_a_late_image_or_a_clock_that_goes_back_counts_nothing():
    counter = Repetitions(SQUAT)
    for second, angle in ((100.0, 175), (100.2, 175), (100.4, 70), (100.6, 70), (100.5, 175),
                          (1.0, 175), (1.05, 70), (1.1, 70), (1.3, 70), (1.4, 175), (1.6, 175)):
        counter = counter.add(math.radians(angle), round(second * NANOSECONDS))
    assert counter.count == 1


def test_a_gap_is_not_a_bent_joint():
    counter = Repetitions(SQUAT)
    for second, angle in ((0, 175), (0.2, 175), (0.3, 70), (5.0, 70), (5.05, 175), (5.3, 175)):
        counter = counter.add(math.radians(angle), round(second * NANOSECONDS))
    assert counter.count == 0


def test_a_drawn_person_does_squats():
    state, counter = GestureState(), Repetitions(SQUAT)
    for stamp in stamps(10.2, 15):
        bend = math.radians(180 - squats(stamp / NANOSECONDS)) / 2
        thigh = math.cos(bend) * DOWN + math.sin(bend) * FORWARD
        shin = math.cos(bend) * DOWN - math.sin(bend) * FORWARD
        poses = poses_of(person(legs=(thigh, shin), yaw=math.pi / 2))
        state, gestures = update(state, poses, stamp)
        counter = counter.update(gestures, 0, stamp)
    assert counter.count == 5


def test_joints_that_are_not_visible_count_nothing():
    _, gestures = update(GestureState(), poses_of(person(), score=0.1), 0)
    assert Repetitions(PUSH_UP).update(gestures, 0, 0) == Repetitions(PUSH_UP)
