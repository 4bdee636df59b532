"""Lifting on a real RGB-D image: five people in a room, with the noise and holes of its depth."""
from dataclasses import replace

import cv2
import numpy as np
import pytest
from support.paths import SHARED

from movenet_ros import MoveNet
from movenet_ros.config import Config
from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.core.geometry.depth_image import DepthImage
from movenet_ros.core.geometry.lifting import lift
from movenet_ros.core.geometry.poses_3d import Reason
from movenet_ros.core.geometry.smoothing import SmoothingState

FOLDER = SHARED / 'data' / 'rgbd'
CAMERA = CameraModel('optical', 640, 480, (525, 0, 319.5, 0, 525, 239.5, 0, 0, 1))
SEEN = 0.2
"""Keypoints of a lower score are not counted."""

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason='shared/data/rgbd is not here')


@pytest.fixture(scope='module')
def poses():
    net = MoveNet(model='multipose', refine='thunder')
    yield net.detect(cv2.imread(str(FOLDER / 'five_people_rgb.png')))
    net.close()


@pytest.fixture(scope='module')
def depth():
    pixels = cv2.imread(str(FOLDER / 'five_people_depth.png'), cv2.IMREAD_UNCHANGED)
    return DepthImage(pixels, 0.001, 'optical', 0)


def lifted(poses, depth):
    return lift(SmoothingState(), poses, CAMERA, depth, 1, Config())[1]


def test_all_five_people_have_a_place(poses, depth):
    found = lifted(poses, depth)
    assert len(found) == 5
    assert ((found.position[:, 2] > 1.7) & (found.position[:, 2] < 2.8)).all()
    assert (found.extent[:, 0] < found.position[:, 2]).all()
    assert (found.extent[:, 1] > found.position[:, 2]).all()
    assert (found.extent[:, 1] - found.extent[:, 0] < 1.2).all()


def test_shoulders_are_as_wide_as_of_people(poses, depth):
    found = lifted(poses, depth)
    sides = [5, 6]
    known = ((found.keypoint_reason[:, sides] == Reason.OK)
             & (poses.keypoint_score[:, sides] >= SEEN)).all(axis=1)
    width = np.linalg.norm(np.diff(found.keypoint_position[:, sides], axis=1)[:, 0], axis=-1)[known]
    assert known.sum() >= 4
    # People who walk by are seen from the side as well, so one shoulder hides the other.
    assert ((width > 0.05) & (width < 0.5)).all()


def test_hardly_any_keypoint_is_without_depth_or_on_the_background(poses, depth):
    exact = lifted(poses, depth)
    seen = poses.keypoint_score >= SEEN
    torso = exact.position[:, None, 2]
    rng = np.random.default_rng(1)
    without, behind, off, count = 0, 0, 0, 0
    for _ in range(200):
        xy = poses.xy + rng.normal(0, 6, poses.xy.shape)
        found = lifted(replace(poses, xy=xy.astype(np.float32)), depth)
        z = found.keypoint_position[..., 2]
        without += (found.keypoint_reason == Reason.NO_DEPTH)[seen].sum()
        behind += (z - torso > 0.4)[seen].sum()
        off += (z - exact.keypoint_position[..., 2] > 0.4)[seen].sum()
        count += seen.sum()
    assert (exact.keypoint_reason == Reason.NO_DEPTH)[seen].sum() == 0
    assert without / count <= 0.01
    assert behind / count <= 0.01
    assert off / count <= 0.001
