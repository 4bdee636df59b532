"""Torso colours: what they tell apart, and when they are not to be used."""
from dataclasses import replace

import cv2
import numpy as np
import pytest
from support.dressed import BLUE, GREEN, RED, SIZE, YELLOW, picture, standing

from movenet_ros.core.target.torso_colors import (
    _hue_saturation_value,
    torso_colors,
    usable_torsos,
)
from movenet_ros.core.types import Poses

FOUR = standing((80, 100), (230, 100), (380, 100), (530, 100))
SHIRTS = (RED, GREEN, BLUE, YELLOW)


def colors(gain=(1.0, 1.0, 1.0), order='rgb', seed=0):
    return torso_colors(picture(FOUR, SHIRTS, gain, order, seed), FOUR, range(4))


def test_a_person_is_like_themselves_and_unlike_others():
    similar = colors() @ colors(seed=1).T
    assert np.diag(similar).min() > 0.95
    assert (similar - np.eye(4)).max() < 0.6


@pytest.mark.parametrize('gain', [(0.7, 0.85, 1.1), (1.15, 1.0, 0.8), (0.7,) * 3, (1.2,) * 3])
def test_exposure_and_white_balance_change_little(gain):
    similar = colors() @ colors(gain, seed=1).T
    assert np.diag(similar).min() > 0.9
    assert (similar - np.eye(4) * similar).max() < 0.6


def test_the_order_of_channels_changes_nothing():
    np.testing.assert_array_equal(colors(), colors(order='bgr'))


def test_hue_saturation_and_value_are_those_of_opencv():
    rgb = np.random.default_rng(1).random((50, 40, 3)).astype(np.float32)
    expected = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV) / (360, 1, 1)
    found = np.stack(_hue_saturation_value(rgb), axis=-1)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def usable(poses):
    return usable_torsos(poses, *SIZE).tolist()


def test_torsos_that_are_seen_well_are_usable():
    assert usable(FOUR) == [True] * 4
    assert usable(Poses.empty()) == []


def test_a_small_torso_is_not_usable():
    assert usable(standing((300, 100), scale=0.4)) == [False]


def test_a_torso_with_a_hidden_keypoint_is_not_usable():
    poses = standing((300, 100))
    poses.visible[0, 11] = False
    assert usable(poses) == [False]


def test_a_torso_outside_of_the_image_is_not_usable():
    assert usable(standing((5, 100))) == [False]


def test_a_torso_in_the_box_of_somebody_else_is_not_usable():
    poses = standing((300, 100), (330, 100), (500, 100))
    assert usable(poses) == [False, False, True]


def test_a_person_who_leans_towards_the_camera_is_not_usable():
    poses = standing((300, 100))
    hips = poses.xy.copy()
    hips[0, [11, 12], 1] = poses.xy[0, 5, 1] + 25
    hips[0, [5, 6], 0] = 300 + np.array([60, -60])
    assert usable(replace(poses, xy=hips)) == [False]
