"""Which way people are."""
import dataclasses

import numpy as np
import pytest
from support.cameras import angles_between, camera
from support.poses import people

from movenet_ros.core.geometry.bearing import azimuth_elevation, person_rays, torso_middles
from movenet_ros.core.skeleton import (
    LEFT_HIP,
    LEFT_SHOULDER,
    NOSE,
    RIGHT_HIP,
    RIGHT_SHOULDER,
)

BOX = (100, 50, 300, 450)
PLACES = {LEFT_SHOULDER: (260, 120), RIGHT_SHOULDER: (160, 130), LEFT_HIP: (240, 300),
          RIGHT_HIP: (180, 310), NOSE: (0, 0)}


def poses(*visible, places=PLACES):
    """One person for each tuple of visible keypoints; all others are far away."""
    xy = np.full((len(visible), 17, 2), 1e4, np.float32)
    seen = np.zeros((len(visible), 17), bool)
    for person, keypoints in enumerate(visible):
        for keypoint in keypoints:
            xy[person, keypoint], seen[person, keypoint] = places[keypoint], True
    return dataclasses.replace(people(*[(0, 0)] * len(visible)), xy=xy, visible=seen,
                               box=np.tile(np.float32(BOX), (len(visible), 1)))


@pytest.mark.parametrize(('visible', 'middle'), [
    (tuple(PLACES), (210, 215)),
    ((LEFT_SHOULDER, RIGHT_SHOULDER), (210, 125)),
    ((RIGHT_HIP,), (180, 310)),
    # one shoulder counts as much as both hips
    ((LEFT_SHOULDER, LEFT_HIP, RIGHT_HIP), (235, 212.5)),
    ((NOSE,), (200, 250)),
    ((), (200, 250))])
def test_the_middle_of_the_torso_is_that_of_what_is_visible(visible, middle):
    np.testing.assert_array_equal(torso_middles(poses(visible)), [middle])


def test_each_person_has_a_direction():
    rays = person_rays(camera('webcam'), poses(tuple(PLACES), (), (LEFT_HIP,)))
    np.testing.assert_array_equal(
        rays, camera('webcam').rays([(210, 215), (200, 250), (240, 300)]))
    assert person_rays(camera(), poses()).shape == (0, 3)


def test_a_known_torso_is_seen_in_its_direction():
    # a person at 3 m, 1 m to the left; shoulders and hips in one plane parallel to the image
    torso = np.array([(-0.8, -0.3, 3), (-1.2, -0.3, 3), (-0.85, 0.2, 3), (-1.15, 0.2, 3)])
    keypoints = LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP
    places = dict(zip(keypoints, camera().project(torso), strict=True))
    ray = person_rays(camera(), poses(keypoints, places=places))
    assert angles_between(ray, torso.mean(0)).max() < 1e-5  # float32 pixels
    (azimuth, elevation), = azimuth_elevation(ray)
    assert azimuth == pytest.approx(np.arctan2(1, 3))
    assert elevation == pytest.approx(np.arctan2(0.05, np.hypot(1, 3)), abs=1e-6)


@pytest.mark.parametrize(('ray', 'azimuth', 'elevation'), [
    ((0, 0, 1), 0, 0), ((-1, 0, 1), 45, 0), ((1, 0, 1), -45, 0), ((0, -1, 1), 0, 45),
    ((0, 2, 2), 0, -45), ((-1, 0, 0), 90, 0), ((1, 0, -1), -135, 0)])
def test_left_and_up_are_positive(ray, azimuth, elevation):
    np.testing.assert_allclose(np.degrees(azimuth_elevation(np.array(ray, float))),
                               (azimuth, elevation), atol=1e-12)
