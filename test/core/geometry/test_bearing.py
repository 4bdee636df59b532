"""Which way people are."""
import numpy as np
import pytest
from support.cameras import angles_between, camera

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


def person(*visible):
    xy, seen = np.full((1, 17, 2), 1e4, np.float32), np.zeros((1, 17), bool)
    for keypoint in visible:
        xy[0, keypoint], seen[0, keypoint] = PLACES[keypoint], True
    return xy, seen, np.array([BOX], np.float32)


@pytest.mark.parametrize(('visible', 'middle'), [
    (tuple(PLACES), (210, 215)),
    ((LEFT_SHOULDER, RIGHT_SHOULDER), (210, 125)),
    ((RIGHT_HIP,), (180, 310)),
    # one shoulder counts as much as both hips
    ((LEFT_SHOULDER, LEFT_HIP, RIGHT_HIP), (235, 212.5)),
    ((NOSE,), (200, 250)),
    ((), (200, 250))])
def test_the_middle_of_the_torso_is_that_of_what_is_visible(visible, middle):
    np.testing.assert_array_equal(torso_middles(*person(*visible)), [middle])


def test_each_person_has_a_direction():
    everyone = [person(*PLACES), person(), person(LEFT_HIP)]
    rays = person_rays(camera('webcam'), *map(np.concatenate, zip(*everyone, strict=True)))
    np.testing.assert_array_equal(
        rays, camera('webcam').rays([(210, 215), (200, 250), (240, 300)]))
    none = person_rays(camera(), np.empty((0, 17, 2), np.float32), np.empty((0, 17), bool),
                       np.empty((0, 4), np.float32))
    assert none.shape == (0, 3)


def test_a_known_torso_is_seen_in_its_direction():
    # a person at 3 m, 1 m to the left; shoulders and hips in one plane parallel to the image
    torso = np.array([(-0.8, -0.3, 3), (-1.2, -0.3, 3), (-0.85, 0.2, 3), (-1.15, 0.2, 3)])
    xy, seen, box = person()
    for keypoint, place in zip((LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP),
                               camera().project(torso), strict=True):
        xy[0, keypoint], seen[0, keypoint] = place, True
    ray = person_rays(camera(), xy, seen, box)
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
