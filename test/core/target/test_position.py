"""Where the target is: from depth first, from the floor otherwise."""
from dataclasses import replace

import numpy as np
import pytest
from support.cameras import WIDTH, camera
from support.dressed import standing

from movenet_ros.config.declarations import TargetConfig
from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.core.geometry.poses_3d import Poses3D, Reason
from movenet_ros.core.rotation import rotate_points_back, upright_vectors
from movenet_ros.core.target.position import ANKLE_HEIGHT, target_position

SIDE = 640  # px
FOCAL = (525, 0, 319.5, 0, 525, 319.5, 0, 0, 1)
LEVEL = TargetConfig(camera_height=1.2)
PERSON = standing((WIDTH / 2, 180))
UNKNOWN = Poses3D.unknown(PERSON.id, Reason.NO_DEPTH_IMAGE)


def test_depth_comes_first():
    known = replace(UNKNOWN, position=np.float32([[0.1, 0.2, 2.5]]))
    found = target_position(0, PERSON, known, camera(), LEVEL)
    np.testing.assert_allclose(found, (0.1, 0.2, 2.5), rtol=1e-6)


@pytest.mark.parametrize('pitch', [0.0, 10.0])
def test_without_depth_the_person_stands_on_the_floor(pitch):
    config = replace(LEVEL, camera_pitch=pitch)
    found = target_position(0, PERSON, UNKNOWN, camera(), config)
    angle = np.radians(pitch)
    # on the floor, so 1.2 m below the camera
    assert found @ (0, np.cos(angle), np.sin(angle)) == pytest.approx(1.2)
    # straight below the ankles, as the camera sees them
    ankle = found - ANKLE_HEIGHT * np.array((0, np.cos(angle), np.sin(angle)))
    ray = camera().rays(PERSON.xy[0, 15:].mean(axis=0))
    np.testing.assert_allclose(ankle / np.linalg.norm(ankle), ray, atol=1e-9)


@pytest.mark.parametrize('degrees', [90, 180, 270])
def test_a_camera_that_is_not_mounted_upright_sees_the_same_place(degrees):
    config = replace(LEVEL, camera_pitch=10.0)
    lens = CameraModel('camera', SIDE, SIDE, FOCAL)
    standing_up = standing((SIDE / 2, 180))
    expected = target_position(0, standing_up, None, lens, config)
    turned = replace(standing_up, xy=rotate_points_back(standing_up.xy, degrees, SIDE, SIDE))
    found = target_position(0, turned, None, lens, config, degrees)
    np.testing.assert_allclose(upright_vectors(found[:2], degrees), expected[:2], atol=1e-6)
    assert found[2] == pytest.approx(expected[2])


@pytest.mark.parametrize(('pose', 'poses_3d', 'lens', 'config'), [
    (PERSON, UNKNOWN, camera(), TargetConfig()),
    (PERSON, UNKNOWN, camera(), replace(LEVEL, camera_height=ANKLE_HEIGHT / 2)),
    (PERSON, None, None, LEVEL),
    (standing((WIDTH / 2, 20)), UNKNOWN, camera(), LEVEL),
    (replace(PERSON, visible=np.zeros((1, 17), np.bool_)), UNKNOWN, camera(), LEVEL)],
    ids=['height not known', 'below the ankles', 'not calibrated', 'above the horizon',
         'feet not visible'])
def test_where_nothing_is_known_there_is_no_position(pose, poses_3d, lens, config):
    assert target_position(0, pose, poses_3d, lens, config) is None
