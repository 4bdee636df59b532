"""People in metres as a library."""
import doctest

import numpy as np
import pytest
from support.poses import people

import movenet_ros.geometry
from movenet_ros.errors import ImageError
from movenet_ros.geometry import CameraModel, DepthImage, Lifter, Reason

CAMERA = CameraModel(frame_id='camera', width=640, height=480,
                     k=(525., 0., 319.5, 0., 525., 239.5, 0., 0., 1.))
SOMEBODY = people((320.0, 240.0))


def test_the_example_of_the_module():
    assert doctest.testmod(movenet_ros.geometry).failed == 0


@pytest.mark.parametrize('depth', [
    np.full((480, 640), 2000, np.uint16), np.full((480, 640), 2, np.float32),
    DepthImage(np.full((480, 640), 2, np.float32), 1.0, 'camera', 0)])
def test_the_unit_follows_from_the_type(depth):
    found = Lifter(CAMERA)(SOMEBODY, depth, stamp_ns=0)
    assert found.position[0, 2] == pytest.approx(2.0)
    assert found.keypoint_reason[0, 0] == Reason.OK


def test_without_depth_there_are_directions():
    found = Lifter(CAMERA)(SOMEBODY, stamp_ns=0)
    assert np.isnan(found.distance).all()
    # The corner of pixel (320, 240) is half a pixel beside the principal point.
    assert found.keypoint_ray[0, 0] == pytest.approx([0, 0, 1], abs=1e-6)


def test_people_are_followed_until_a_reset():
    lift = Lifter(CAMERA)
    depths = [np.full((480, 640), 2.0 + 0.1 * step, np.float32) for step in range(5)]
    speeds = [lift(SOMEBODY, depth, stamp_ns=step * 100_000_000).velocity[0, 2]
              for step, depth in enumerate(depths)]
    assert np.isnan(speeds[0])
    assert 0.5 < speeds[-1] < 1.1
    lift.reset()
    assert np.isnan(lift(SOMEBODY, depths[0], stamp_ns=10**9).velocity[0]).all()


def test_depth_of_another_size_is_not_registered():
    found = Lifter(CAMERA)(SOMEBODY, np.zeros((240, 320), np.uint16), stamp_ns=0)
    assert 'not registered' in found.unregistered
    assert (found.keypoint_reason == Reason.UNREGISTERED).all()


@pytest.mark.parametrize('depth', [np.zeros((480, 640), np.int32), np.zeros((480, 640, 3)), 'x'])
def test_what_is_no_depth_is_rejected(depth):
    with pytest.raises(ImageError, match='depth'):
        Lifter(CAMERA)(SOMEBODY, depth, stamp_ns=0)
