"""Time, ids, visibility and rotation."""
import math

import numpy as np
import pytest
from support.skeleton_3d import (
    CROSSED,
    FORWARD,
    OUT,
    RAISED,
    SIDEWAYS,
    STRAIGHT_UP,
    UP,
    person,
    poses_at,
    poses_of,
    project,
    stamps,
)

from movenet_ros.core.gestures.gesture import POSTURES, Gesture, Posture
from movenet_ros.core.gestures.recognition import GestureSettings, GestureState, update
from movenet_ros.core.rotation import rotate_points_back
from movenet_ros.core.types import NANOSECONDS, Poses

G = Gesture
S = NANOSECONDS
LEFT_UP = person(left_arm=RAISED)


def after(poses, seconds=1.5, state=None, start=0.0, **arguments):
    """The state and result after the same poses for a time at 30 Hz."""
    state = state or GestureState()
    for stamp in stamps(seconds, 30, start=start):
        state, found = update(state, poses, stamp, **arguments)
    return state, found


def test_rows_are_those_of_the_poses():
    poses = poses_of(person(), LEFT_UP, person(CROSSED, CROSSED), ids=[7, 3, 5])
    state, found = after(poses)
    assert found.id.tolist() == [7, 3, 5] and len(found) == 3
    assert found.of(0) == (G.STANDING,)
    assert found.of(1) == (G.LEFT_HAND_RAISED, G.STANDING)
    assert found.of(2) == (G.ARMS_CROSSED, G.STANDING)
    _, swapped = update(state, poses_of(LEFT_UP, person(), ids=[3, 7]), 2 * S)
    assert swapped.of(0) == (G.LEFT_HAND_RAISED, G.STANDING) and swapped.of(1) == (G.STANDING,)


def test_everybody_has_one_posture_or_none():
    poses = poses_of(person(), person(legs=(FORWARD, UP * -1)), person(roll=math.pi / 2))
    state, found = after(poses, 0.5)
    assert found.posture.tolist() == [Posture.UNKNOWN] * 3
    assert found.posture.dtype == np.uint8
    _, found = after(poses, 1.5, state, 0.5)
    assert found.posture.tolist() == [Posture.STANDING, Posture.SITTING, Posture.LYING]


@pytest.mark.parametrize('rate', [5, 7.3, 30])
def test_nobody_has_two_postures_at_once(rate):
    state = GestureState()
    ways = (person(), person(legs=(FORWARD, UP * -1)), person(roll=math.pi / 2))
    for stamp in stamps(30, rate):
        poses = poses_of(ways[stamp // (3 * S) % 3])
        state, found = update(state, poses, stamp)
        assert found.active[:, POSTURES].sum() <= 1


def test_no_people():
    state, found = update(GestureState(), Poses.empty(), 0)
    assert len(found) == 0 and found.active.shape == (0, len(G))
    assert found.direction.shape == (0, 2, 2) and found.ray.shape == (0, 2, 3)
    assert not state.people


def test_the_state_given_is_not_changed():
    poses = poses_of(LEFT_UP)
    state, _ = after(poses, 0.2)
    first = [update(state, poses, round(t * S))[1].of(0) for t in (0.5, 0.6)]
    assert first == [update(state, poses, round(t * S))[1].of(0) for t in (0.5, 0.6)]


def test_equal_and_late_stamps_add_no_time():
    state, _ = update(GestureState(), poses_of(LEFT_UP), S)
    for stamp in [S] * 50 + [S - 100_000_000] * 50:
        state, found = update(state, poses_of(LEFT_UP), stamp)
        assert not found.of(0)


def test_late_images_end_nothing():
    state, _ = after(poses_of(LEFT_UP))
    _, found = update(state, poses_of(person()), round(1.2 * S))
    assert G.LEFT_HAND_RAISED in found.of(0)


def test_a_single_wrong_image_ends_and_begins_nothing():
    state, _ = after(poses_of(LEFT_UP))
    state, found = update(state, poses_of(person()), round(1.52 * S))
    assert G.LEFT_HAND_RAISED in found.of(0)
    state, _ = after(poses_of(person()))
    _, found = update(state, poses_of(LEFT_UP), round(1.9 * S))
    assert G.LEFT_HAND_RAISED not in found.of(0)


def test_a_clock_that_goes_back_starts_everything_again():
    state, _ = after(poses_of(LEFT_UP, person()), start=100.0)
    state, found = update(state, poses_of(LEFT_UP), 0)
    assert not found.of(0) and set(state.people) == {1}
    _, found = after(poses_of(LEFT_UP), state=state, start=0.1)
    assert G.LEFT_HAND_RAISED in found.of(0)


@pytest.mark.parametrize('outlier', [0, 5000 * S])
def test_a_single_outlying_stamp_is_undone(outlier):
    state, _ = after(poses_of(LEFT_UP), start=100.0)
    state, _ = update(state, poses_of(LEFT_UP, ids=[2]), outlier)
    _, found = update(state, poses_of(LEFT_UP), round(101.55 * S))
    assert G.LEFT_HAND_RAISED in found.of(0)


def test_after_a_gap_everything_begins_again():
    state, _ = after(poses_of(LEFT_UP))
    _, found = update(state, poses_of(LEFT_UP), 3 * S)
    assert not found.of(0)


def test_people_who_are_gone_are_forgotten_after_a_second():
    state, _ = after(poses_of(LEFT_UP))
    state, _ = update(state, Poses.empty(), 2 * S)
    _, back = update(state, poses_of(LEFT_UP), round(2.1 * S))
    assert G.LEFT_HAND_RAISED in back.of(0)
    state, _ = update(state, Poses.empty(), 3 * S)
    assert not state.people


def test_slow_images_begin_nothing_before_the_third():
    state, seen = GestureState(), []
    for stamp in range(0, 4 * S, 900_000_000):
        state, found = update(state, poses_of(LEFT_UP), stamp)
        seen.append(G.LEFT_HAND_RAISED in found.of(0))
    assert seen == [False, False, True, True, True]


def test_times_can_be_set():
    settings = GestureSettings(begin=1.0, end=0.1)
    state, found = after(poses_of(LEFT_UP), 0.9, settings=settings)
    assert not found.of(0)
    state, found = after(poses_of(LEFT_UP), 0.3, state, 0.9, settings=settings)
    assert G.LEFT_HAND_RAISED in found.of(0)
    _, found = after(poses_of(person()), 0.2, state, 1.2, settings=settings)
    assert G.LEFT_HAND_RAISED not in found.of(0)


NEEDED = [
    (G.LEFT_HAND_RAISED, person(left_arm=RAISED), [5, 7, 9]),
    (G.ARMS_CROSSED, person(CROSSED, CROSSED), [0, 5, 6, 7, 8, 9, 10]),
    (G.LEFT_ARM_POINTING, person(left_arm=SIDEWAYS), [5, 7, 9]),
    (G.SITTING, person(legs=(FORWARD, UP * -1)), [13]),
    (G.LYING, person(roll=math.pi / 2), []),
]


@pytest.mark.parametrize(('gesture', 'points', 'needed'), NEEDED,
                         ids=[gesture.name for gesture, _, _ in NEEDED])
def test_nothing_is_claimed_without_the_keypoints_it_needs(gesture, points, needed):
    assert gesture in after(poses_of(points))[1].of(0)
    for hidden in [[keypoint] for keypoint in needed] + [range(17)]:
        score = np.full((1, 17), 0.9)
        score[0, list(hidden)] = 0.1
        assert gesture not in after(poses_of(points, score=score))[1].of(0), list(hidden)


def test_a_claim_ends_when_its_keypoint_is_no_longer_visible():
    state, _ = after(poses_of(LEFT_UP))
    score = np.full((1, 17), 0.9)
    score[0, 9] = 0.1
    _, found = after(poses_of(LEFT_UP, score=score), 0.5, state, 1.5)
    assert G.LEFT_HAND_RAISED not in found.of(0)


def test_a_cut_off_upper_body_still_raises_a_hand_and_points():
    score = np.full((1, 17), 0.9)
    score[0, 11:] = 0.05
    _, found = after(poses_of(LEFT_UP, score=score))
    assert found.of(0) == (G.LEFT_HAND_RAISED,)
    _, found = after(poses_of(person(left_arm=SIDEWAYS), score=score))
    assert found.of(0) == (G.LEFT_ARM_POINTING,)


def test_a_mirrored_person_has_the_other_hand_raised():
    xy = project(LEFT_UP)
    mirrored = xy[[0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]] * (-1, 1) + (640, 0)
    _, found = after(poses_at(mirrored[None]))
    assert found.of(0) == (G.RIGHT_HAND_RAISED, G.STANDING)


@pytest.mark.parametrize('degrees', [0, 90, 180, 270])
@pytest.mark.parametrize('points', [
    LEFT_UP, person(right_arm=STRAIGHT_UP), person(CROSSED, CROSSED),
    person(left_arm=SIDEWAYS), person(legs=(FORWARD, UP * -1)), person(roll=math.pi / 2)])
def test_up_comes_from_the_rotation(degrees, points):
    upright = project(points)[None]
    expected = after(poses_at(upright))[1]
    size = (640, 480) if degrees in (0, 180) else (480, 640)
    turned = rotate_points_back(upright, degrees, *size)
    found = after(poses_at(turned), degrees=degrees)[1]
    assert found.of(0) == expected.of(0) != ()
    np.testing.assert_allclose(found.joint_angle, expected.joint_angle, atol=1e-4)
    ends = rotate_points_back(np.stack((upright[0, 9], upright[0, 9] + expected.direction[0, 0])),
                              degrees, *size)
    np.testing.assert_allclose(found.direction[0, 0], ends[1] - ends[0], atol=1e-4)


@pytest.mark.parametrize('degrees', [90, 180, 270])
def test_up_in_space_comes_from_the_rotation(degrees):
    points = person(roll=math.radians(degrees))
    _, found = after(poses_of(points), positions=points[None], degrees=degrees)
    assert found.of(0) == (G.STANDING,)
    _, wrong = after(poses_of(points), positions=points[None])
    assert wrong.of(0) != (G.STANDING,)


def test_the_direction_is_that_from_the_eyes_to_the_wrist():
    points = person(right_arm=(OUT + 0.3 * UP, OUT + 0.3 * UP))
    _, found = after(poses_of(points))
    assert found.of(0) == (G.RIGHT_ARM_POINTING, G.STANDING)
    xy = project(points)
    line = xy[10] - xy[1:3].mean(axis=0)
    np.testing.assert_allclose(found.direction[0, 1], line / np.linalg.norm(line), atol=1e-5)
    assert np.isnan(found.direction[0, 0]).all() and np.isnan(found.ray).all()


@pytest.mark.parametrize('to', [FORWARD, FORWARD + OUT, OUT - 0.4 * FORWARD + 0.2 * UP],
                         ids=['to the camera', 'half', 'away'])
def test_in_space_the_ray_points_anywhere(to):
    points = person(left_arm=(to, to))
    _, found = after(poses_of(points), positions=points[None])
    assert G.LEFT_ARM_POINTING in found.of(0)
    line = points[9] - points[1:3].mean(axis=0)
    np.testing.assert_allclose(found.ray[0, 0], line / np.linalg.norm(line), atol=1e-5)


def test_from_behind_the_head_replaces_the_eyes():
    points = person(left_arm=SIDEWAYS, yaw=math.pi)
    score = np.full((1, 17), 0.9)
    score[0, 0:3] = 0.1
    _, found = after(poses_of(points, score=score))
    xy = project(points)
    line = xy[9] - xy[3:5].mean(axis=0)
    np.testing.assert_allclose(found.direction[0, 0], line / np.linalg.norm(line), atol=1e-5)
