"""Angles of joints, in the image and in space."""
import math

import numpy as np
import pytest
from support.skeleton_3d import (
    DOWN,
    FORWARD,
    HANGING,
    OUT,
    SIDEWAYS,
    SITTING,
    UP,
    person,
    poses_of,
)

from movenet_ros.core.gestures.angles import JOINT_NAMES
from movenet_ros.core.gestures.recognition import GestureState, update


def angles(points, *, positions=False, degrees=0, score=0.9):
    _, found = update(GestureState(), poses_of(points, score=score), 0,
                      points[None] if positions else None, degrees=degrees)
    return dict(zip(JOINT_NAMES, found.joint_angle[0], strict=True)), found.is_spatial[0]


@pytest.mark.parametrize('bend', [0.3, 1.0, math.pi / 2, 2.5, math.pi])
def test_an_elbow_bent_parallel_to_the_image(bend):
    forearm = -math.cos(bend) * OUT + math.sin(bend) * UP
    found, is_spatial = angles(person(left_arm=(OUT, forearm)))
    assert found['left_elbow'] == pytest.approx(bend, abs=1e-3)
    assert found['right_elbow'] == pytest.approx(math.pi, abs=1e-3)
    assert not is_spatial.any()


def test_each_joint_has_the_angle_between_its_limbs():
    found, _ = angles(person(left_arm=SIDEWAYS, right_arm=HANGING), positions=True)
    assert found['left_shoulder'] == pytest.approx(
        math.pi / 2 + math.atan2(0.08, 0.5), abs=1e-3)  # hips are narrower than shoulders
    assert found['right_shoulder'] == pytest.approx(math.atan2(0.08, 0.5), abs=1e-3)
    sitting, _ = angles(person(legs=SITTING), positions=True)
    assert sitting['left_knee'] == pytest.approx(math.pi / 2, abs=1e-3)
    assert sitting['right_hip'] == pytest.approx(math.pi / 2, abs=1e-3)


def test_a_limb_towards_the_camera_has_its_angle_in_space_alone():
    points = person(left_arm=(DOWN, FORWARD))
    flat, _ = angles(points)
    space, is_spatial = angles(points, positions=True)
    assert abs(flat['left_elbow'] - math.pi / 2) > 0.2
    assert space['left_elbow'] == pytest.approx(math.pi / 2, abs=1e-6)
    assert is_spatial.all()


def test_where_a_position_is_unknown_the_angle_is_that_in_the_image():
    points = person(left_arm=(DOWN, FORWARD))
    known = points.copy()
    known[9] = np.nan
    _, found = update(GestureState(), poses_of(points), 0, known[None])
    assert not found.is_spatial[0, 0] and found.is_spatial[0, 1:].all()
    assert not np.isnan(found.joint_angle).any()


def test_what_is_not_visible_has_no_angle():
    score = np.full((1, 17), 0.9)
    score[0, 9] = 0.1
    found, _ = angles(person(), score=score)
    assert math.isnan(found['left_elbow']) and not math.isnan(found['left_shoulder'])


def test_a_limb_without_length_has_no_angle():
    points = person()
    points[9] = points[7]
    found, _ = angles(points)
    assert math.isnan(found['left_elbow'])
