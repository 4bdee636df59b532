"""lift: people whose places are known, drawn for known cameras."""
from dataclasses import replace

import numpy as np
import pytest
from support.scenes import WALL, depth_image, person_at, poses_of

from movenet_ros.config import Config
from movenet_ros.core.geometry.camera_model import CameraModel, RegionOfInterest
from movenet_ros.core.geometry.depth_image import DepthImage
from movenet_ros.core.geometry.lifting import lift
from movenet_ros.core.geometry.poses_3d import Poses3D, Reason
from movenet_ros.core.geometry.smoothing import SmoothingState
from movenet_ros.core.types import NANOSECONDS, Poses

PINHOLE = CameraModel('optical', 640, 480, (525, 0, 319.5, 0, 525, 239.5, 0, 0, 1))
WIDE = (1000, 0, 645.2, 0, 1003, 480.1, 0, 0, 1)
CAMERAS = {
    'pinhole': PINHOLE,
    'plumb_bob': replace(PINHOLE, distortion_model='plumb_bob',
                         d=(0.12, -0.25, 0.001, -0.002, 0.08)),
    'rational_polynomial': replace(PINHOLE, distortion_model='rational_polynomial',
                                   d=(0.4, -2.6, 0.0006, -0.0003, 1.5, 0.28, -2.4, 1.4)),
    'equidistant': replace(PINHOLE, distortion_model='equidistant',
                           d=(-0.02, 0.004, -0.003, 0.0006)),
    'region': CameraModel('optical', 1280, 960, WIDE, roi=RegionOfInterest(
        x_offset=200, y_offset=40, width=800, height=900)),
    'binning': CameraModel('optical', 1280, 960, WIDE, binning_x=2, binning_y=2),
    'region and binning': CameraModel(
        'optical', 1280, 960, WIDE, 'plumb_bob', (0.1, -0.2, 0.001, 0.0, 0.05), binning_x=2,
        binning_y=2, roi=RegionOfInterest(x_offset=100, y_offset=20, width=1000, height=920)),
}
PERSON = person_at(0.1, 0.05, 2.0)
FRAME_NS = NANOSECONDS // 30


def lifted(camera, poses, depth, *, state=None, stamp_ns=NANOSECONDS, config=None):
    return lift(state or SmoothingState(), poses, camera, depth, stamp_ns, config or Config())[1]


def errors(found, people):
    return np.linalg.norm(found.keypoint_position - people, axis=-1)


def uniform(value, dtype=np.uint16, *, size=(480, 640), scale=0.001, frame_id='optical'):
    return DepthImage(np.full(size, value, dtype), scale, frame_id, 0)


@pytest.mark.parametrize('encoding', ['16UC1', '32FC1'])
@pytest.mark.parametrize('name', CAMERAS)
def test_keypoints_are_where_they_are(name, encoding):
    camera = CAMERAS[name]
    found = lifted(camera, poses_of(camera, [PERSON]), depth_image(camera, [PERSON],
                                                                   encoding=encoding))
    assert (found.keypoint_reason == Reason.OK).all()
    assert errors(found, PERSON).max() <= 0.01
    np.testing.assert_allclose(found.position[0], PERSON[[5, 6, 11, 12]].mean(axis=0), atol=0.01)
    assert found.distance[0] == pytest.approx(np.linalg.norm(found.position[0]))
    np.testing.assert_allclose(found.extent[0], (PERSON[:, 2].min(), PERSON[:, 2].max()),
                               atol=0.08)


@pytest.mark.parametrize('name', CAMERAS)
def test_rays_point_at_keypoints_with_or_without_depth(name):
    camera = CAMERAS[name]
    poses = poses_of(camera, [PERSON])
    wanted = PERSON / np.linalg.norm(PERSON, axis=-1, keepdims=True)
    for depth in (None, depth_image(camera, [PERSON])):
        found = lifted(camera, poses, depth)
        angle = np.arccos(np.clip((found.keypoint_ray[0] * wanted).sum(axis=-1), -1, 1))
        assert np.degrees(angle).max() <= 0.05
        np.testing.assert_allclose(np.linalg.norm(found.ray, axis=-1), 1, rtol=1e-6)


@pytest.mark.parametrize('z', [0.8, 1.5, 3.5, 6.0])
def test_windows_fit_limbs_at_any_distance(z):
    # Near, only the upper body is in the image.
    person = person_at(0, 0.3 if z < 2 else 0, z)
    found = lifted(PINHOLE, poses_of(PINHOLE, [person]), depth_image(PINHOLE, [person], wall=9.0))
    seen = found.keypoint_reason[0] == Reason.OK
    assert seen.sum() >= 8
    assert errors(found, person)[0][seen].max() <= max(0.012, 0.006 * z)


def test_several_people_keep_their_order_and_ids():
    people = [person_at(-0.9, 0, 2.5), person_at(1.1, 0.1, 3.0), person_at(0.05, 0, 2.0)]
    found = lifted(PINHOLE, poses_of(PINHOLE, people, ids=[7, 2, 9]), depth_image(PINHOLE, people))
    assert found.id.tolist() == [7, 2, 9]
    assert errors(found, people).max() <= 0.02
    np.testing.assert_allclose(found.position[:, 2], [2.5, 3.0, 2.0], atol=0.02)


def test_nobody():
    found = lifted(PINHOLE, Poses.empty(), uniform(2000))
    assert len(found) == 0
    assert found.keypoint_position.shape == (0, 17, 3)
    assert found.velocity.shape == (0, 3) and found.extent.shape == (0, 2)


def test_keypoints_on_the_background_have_no_position():
    poses = poses_of(PINHOLE, [PERSON])
    poses.xy[0, 9] = PINHOLE.project(PERSON[9] + (0.25, 0, 0))  # a wrist beside the arm
    found = lifted(PINHOLE, poses, depth_image(PINHOLE, [PERSON]))
    assert found.keypoint_reason[0, 9] == Reason.BEYOND_REACH
    assert np.isnan(found.keypoint_position[0, 9]).all()
    assert np.delete(found.keypoint_reason[0], 9).tolist() == [Reason.OK] * 16
    assert found.extent[0, 1] < WALL - 1


def test_keypoints_near_an_edge_are_not_between_person_and_wall():
    poses = poses_of(PINHOLE, [PERSON])
    rng = np.random.default_rng(5)
    depth = depth_image(PINHOLE, [PERSON])
    offsets = []
    for _ in range(20):
        moved = replace(poses, xy=(poses.xy + rng.normal(0, 6, poses.xy.shape)).astype(np.float32))
        found = lifted(PINHOLE, moved, depth)
        seen = found.keypoint_reason == Reason.OK
        offsets.extend((found.keypoint_position[..., 2] - PERSON[:, 2])[seen])
    assert np.abs(offsets).max() <= 0.25
    assert found.keypoint_spread[0].max() > 1.0  # some windows straddle the edge


def test_an_arm_that_reaches_forward_is_within_reach():
    person = PERSON.copy()
    person[9] = person[5] + (0.05, 0.3, -0.65)
    person[7] = (person[5] + person[9]) / 2
    found = lifted(PINHOLE, poses_of(PINHOLE, [person]), depth_image(PINHOLE, [person]))
    assert found.keypoint_reason[0, 9] == Reason.OK
    assert found.keypoint_position[0, 9, 2] == pytest.approx(person[9, 2], abs=0.05)


@pytest.mark.parametrize('xy', [(-0.01, 100), (640, 100), (100, -3), (100, 480.5)])
def test_keypoints_outside_of_the_image(xy):
    poses = poses_of(PINHOLE, [PERSON])
    poses.xy[0, 3] = xy
    found = lifted(PINHOLE, poses, uniform(2000))
    assert found.keypoint_reason[0, 3] == Reason.OUTSIDE
    assert np.isnan(found.keypoint_position[0, 3]).all() and np.isnan(found.keypoint_spread[0, 3])
    assert np.isfinite(found.keypoint_ray[0, 3]).all()
    assert (found.keypoint_reason == Reason.OK).sum() == 16


@pytest.mark.parametrize('xy', [(0, 0), (639.99, 479.99), (639.5, 0)])
def test_keypoints_in_the_last_pixels_are_inside(xy):
    poses = poses_of(PINHOLE, [PERSON])
    poses.xy[0, 3] = xy
    assert lifted(PINHOLE, poses, uniform(2000)).keypoint_reason[0, 3] == Reason.OK


@pytest.mark.parametrize(('value', 'dtype'), [
    (0, np.uint16), (np.nan, np.float32), (np.inf, np.float32), (-np.inf, np.float32),
    (-1, np.float32), (0, np.float32), (3e38, np.float32)])
def test_depth_images_without_any_depth(value, dtype):
    poses = poses_of(PINHOLE, [PERSON, person_at(0.8, 0, 3)])
    found = lifted(PINHOLE, poses, uniform(value, dtype, scale=1.0))
    assert len(found) == 2
    assert (found.keypoint_reason == Reason.NO_DEPTH).all()
    for name in ('keypoint_position', 'keypoint_spread', 'position', 'velocity', 'distance',
                 'extent'):
        assert np.isnan(getattr(found, name)).all(), name
    assert np.isfinite(found.ray).all()


def test_holes_are_bridged_and_large_ones_are_not():
    depth = depth_image(PINHOLE, [PERSON])
    poses = poses_of(PINHOLE, [PERSON])
    x, y = np.floor(poses.xy[0, 13]).astype(int)
    depth.pixels[y - 3:y + 4, x - 3:x + 4] = 0
    x, y = np.floor(poses.xy[0, 14]).astype(int)
    depth.pixels[y - 20:y + 21, x - 20:x + 21] = 0
    found = lifted(PINHOLE, poses, depth)
    assert found.keypoint_reason[0, 13] == Reason.OK
    assert errors(found, PERSON)[0, 13] <= 0.015
    assert found.keypoint_reason[0, 14] == Reason.NO_DEPTH


def test_where_shoulders_and_hips_are_unseen_the_box_stands_for_the_torso():
    poses = poses_of(PINHOLE, [PERSON])
    poses.visible[0, [5, 6, 11, 12]] = False
    found = lifted(PINHOLE, poses, depth_image(PINHOLE, [PERSON]))
    assert found.position[0, 2] == pytest.approx(2.0, abs=0.1)
    np.testing.assert_allclose(found.ray[0], PINHOLE.rays(poses.box[0].reshape(2, 2).mean(axis=0)),
                               rtol=1e-5)


def test_without_a_depth_image():
    found = lifted(PINHOLE, poses_of(PINHOLE, [PERSON]), None)
    assert (found.keypoint_reason == Reason.NO_DEPTH_IMAGE).all()
    assert found.unregistered == ''
    assert np.isfinite(found.keypoint_ray).all() and np.isnan(found.position).all()


@pytest.mark.parametrize(('depth', 'named'), [
    (uniform(2000, size=(240, 320)), ('320 x 240', '640 x 480')),
    (uniform(2000, frame_id='depth_optical'), ("'depth_optical'", "'optical'")),
    (uniform(2000, frame_id=''), ("''", "'optical'"))])
def test_unregistered_depth_is_refused(depth, named):
    found = lifted(PINHOLE, poses_of(PINHOLE, [PERSON]), depth)
    assert (found.keypoint_reason == Reason.UNREGISTERED).all()
    assert all(name in found.unregistered for name in named)
    assert np.isnan(found.keypoint_position).all() and np.isfinite(found.keypoint_ray).all()


def test_scores_have_no_influence_on_positions():
    depth = depth_image(PINHOLE, [PERSON])
    poses = poses_of(PINHOLE, [PERSON])
    sure = lifted(PINHOLE, poses, depth)
    poses.keypoint_score[0, [0, 9, 15]], poses.visible[0, [0, 9, 15]] = 0.01, False
    np.testing.assert_array_equal(lifted(PINHOLE, poses, depth).keypoint_position,
                                  sure.keypoint_position)


def walk(velocity, count, *, config=None, missing=()):
    state, found = SmoothingState(), []
    for number in range(count):
        person = PERSON + np.array(velocity) * number / 30
        depth = None if number in missing else depth_image(PINHOLE, [person], wall=9.0)
        state, people = lift(state, poses_of(PINHOLE, [person]), PINHOLE, depth,
                             number * FRAME_NS, config or Config())
        found.append((people, person))
    return found


def test_the_velocity_of_somebody_who_walks():
    found = walk((0.3, 0, 1.2), 15)
    assert np.isnan(found[0][0].velocity).all()
    np.testing.assert_allclose(found[-1][0].velocity[0], (0.3, 0, 1.2), atol=0.12)
    # The filter lags by little.
    assert errors(*found[-1]).max() <= 0.05


def test_without_the_filter_positions_are_those_of_the_image():
    found = walk((0.3, 0, 1.2), 4, config=Config().replace({'filter.enabled': False}))
    assert errors(*found[-1]).max() <= 0.013
    assert np.isfinite(found[-1][0].velocity).all()


def test_positions_go_on_after_images_without_depth():
    found = walk((0, 0, 1.2), 14, missing=(10, 11))
    assert np.isnan(found[11][0].position).all() and np.isnan(found[11][0].velocity).all()
    assert found[12][0].velocity[0, 2] == pytest.approx(1.2, abs=0.15)


def test_nothing_is_kept_of_an_image_that_has_no_depth():
    state = SmoothingState()
    after, _ = lift(state, poses_of(PINHOLE, [PERSON]), PINHOLE, None, 5, Config())
    assert after is state


def test_rays_across_the_axis_have_no_position():
    camera = CameraModel('optical', 640, 480, (150, 0, 319.5, 0, 150, 239.5, 0, 0, 1),
                         'equidistant', (0, 0, 0, 1e-9))
    poses = poses_of(PINHOLE, [PERSON])
    poses.xy[0, 3] = (319.5 + 150 * 1.6, 240)  # 92 degrees from the axis
    found = lifted(camera, poses, uniform(2000))
    assert np.isnan(found.keypoint_position[0, 3]).all()


def test_unknown_people_are_nan():
    people = Poses3D.unknown(np.array([4, 5], np.int32), Reason.NO_DEPTH_IMAGE)
    assert people.keypoint_reason.dtype == np.uint8 and len(people) == 2


def test_a_keypoint_beside_a_limb_is_on_the_limb():
    # A third of its window is on the limb, and the rest on the wall.
    depth = uniform(4000)
    poses = poses_of(PINHOLE, [PERSON])
    x, y = poses.xy[0, 9]
    depth.pixels[:, int(x) + 3:] = 2000
    x, y = poses.xy[0, [5, 6, 11, 12]].mean(axis=0).astype(int)
    depth.pixels[y - 80:y + 80, x - 60:x + 60] = 2000
    found = lifted(PINHOLE, poses, depth)
    assert found.keypoint_position[0, 9, 2] == pytest.approx(2.0)
    assert found.keypoint_spread[0, 9] == pytest.approx(2.0)


def torso_part(poses, share):
    """The rectangle around shoulders and hips, from its left on up to a share of its width."""
    xy = poses.xy[0, [5, 6, 11, 12]]
    (left, top), (right, bottom) = xy.min(axis=0), xy.max(axis=0)
    return slice(int(top), int(bottom)), slice(int(left), int(left + share * (right - left)))


@pytest.mark.parametrize('value', [4000, 1600])
def test_what_is_behind_or_before_a_part_of_the_torso_is_not_its_depth(value):
    poses = poses_of(PINHOLE, [PERSON])
    depth = depth_image(PINHOLE, [PERSON])
    depth.pixels[torso_part(poses, 0.45)] = value
    assert lifted(PINHOLE, poses, depth).position[0, 2] == pytest.approx(2.0, abs=0.02)


def test_a_torso_from_the_side_is_measured_beside_its_keypoints_too():
    poses = poses_of(PINHOLE, [PERSON])
    depth = depth_image(PINHOLE, [PERSON])
    middle = poses.xy[0, [5, 6, 11, 12], 0].mean()
    poses.xy[0, [5, 6, 11, 12], 0] = middle
    depth.pixels[:, int(middle) - 3:int(middle) + 4] = 0
    assert lifted(PINHOLE, poses, depth).position[0, 2] == pytest.approx(2.0, abs=0.02)


def test_a_box_that_is_mostly_background_is_as_near_as_the_person():
    poses = poses_of(PINHOLE, [PERSON])
    poses.visible[0, [5, 6, 11, 12]] = False
    middle = poses.xy[0, [5, 6, 11, 12], 0].mean()
    poses.box[0, [0, 2]] = middle - 160, middle + 160
    found = lifted(PINHOLE, poses, depth_image(PINHOLE, [PERSON]))
    assert found.position[0, 2] == pytest.approx(2.0, abs=0.1)
