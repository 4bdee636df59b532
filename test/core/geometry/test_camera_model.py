"""Directions from pixels, with OpenCV's projection of known points as the truth."""
import cv2
import numpy as np
import pytest
from support.cameras import (
    FISHEYE,
    LENSES,
    TELE,
    angles_between,
    camera,
    points,
    seen_by_opencv,
    undistorted_by_opencv,
)

from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.core.geometry.region import RegionOfInterest

PRECISE = 1e-6  # degrees
STEREO = tuple(cv2.Rodrigues(np.array([0.01, -0.03, 0.02]))[0].ravel())
RECTIFIED = (430.0, 0, 325.0, -30.0, 0, 430.0, 239.0, 0, 0, 0, 1, 0)
REGION = RegionOfInterest(x_offset=120, y_offset=64, width=400, height=320)


@pytest.mark.parametrize('name', LENSES)
def test_known_points_are_seen_in_their_direction(name):
    seen = points(LENSES[name].reach)
    rays = camera(name).rays(seen_by_opencv(seen, name) + 0.5)
    assert rays.dtype == np.float64
    assert angles_between(rays, seen).max() < PRECISE


@pytest.mark.parametrize('name', LENSES)
@pytest.mark.parametrize(('roi', 'binning'), [
    (REGION, (0, 0)), (RegionOfInterest(), (2, 2)), (REGION, (2, 4))])
def test_region_of_interest_and_binning(name, roi, binning):
    model = camera(name, roi=roi, binning_x=binning[0], binning_y=binning[1])
    seen = points(LENSES[name].reach)
    uv = (seen_by_opencv(seen, name) - (roi.x_offset, roi.y_offset)) / np.maximum(binning, 1)
    assert angles_between(model.rays(uv + 0.5), seen).max() < PRECISE
    np.testing.assert_allclose(model.project(seen), uv + 0.5, rtol=0, atol=1e-6)


@pytest.mark.parametrize('name', sorted(set(LENSES) - {'turns back'}))
def test_every_pixel_has_its_direction(name):
    # pixel -> direction -> pixel, for the corners of the image too
    xy = np.stack(np.meshgrid(np.linspace(0, 640, 65), np.linspace(0, 480, 49)), axis=-1)
    model = camera(name)
    np.testing.assert_allclose(model.project(model.rays(xy)), xy, rtol=0, atol=1e-8)


@pytest.mark.parametrize('name', ['webcam', 'wide', 'rational', 'thin prism', 'tilted'])
def test_agrees_with_undistort_points(name):
    xy = np.random.default_rng(1).uniform((0, 0), (640, 480), (500, 2))
    rays = camera(name).rays(xy)
    np.testing.assert_allclose(rays[:, :2] / rays[:, 2:], undistorted_by_opencv(xy, name),
                               rtol=0, atol=1e-10)


def test_agrees_with_fisheye_undistort_points():
    xy = np.random.default_rng(1).uniform((0, 0), (640, 480), (500, 2))
    exact = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 100, 1e-14)
    plane = cv2.fisheye.undistortPoints(xy[:, None] - 0.5, np.reshape(FISHEYE, (3, 3)),
                                        np.array(LENSES['fisheye'].d), criteria=exact)[:, 0]
    rays = camera('fisheye').rays(xy)
    within = rays[:, 2] > 0.05
    assert within.sum() > 450
    np.testing.assert_allclose((rays[:, :2] / rays[:, 2:])[within], plane[within], rtol=1e-9)


def test_the_principal_point_counts_from_the_centre_of_a_pixel():
    np.testing.assert_array_equal(camera().rays((TELE[2] + 0.5, TELE[5] + 0.5)), (0, 0, 1))
    np.testing.assert_allclose(camera().project((0, 0, 3)), (TELE[2] + 0.5, TELE[5] + 0.5))


def test_axes_are_those_of_an_optical_frame():
    right, down = camera().rays([(600, 240), (320, 470)])
    assert right[0] > 0.4 and right[2] > 0.8
    assert down[1] > 0.3 and down[2] > 0.8


def test_a_fisheye_sees_beside_and_behind_itself():
    k1, k2, k3, k4 = 0.01, -0.004, 0.0, 0.0
    model = camera('fisheye', d=(k1, k2, k3, k4))
    angle = np.radians([80, 89, 91, 110])
    radius = angle * (1 + k1 * angle**2 + k2 * angle**4)
    xy = np.stack((FISHEYE[2] + 0.5 + FISHEYE[0] * radius, np.full(4, FISHEYE[5] + 0.5)), axis=-1)
    rays = model.rays(xy)
    np.testing.assert_allclose(rays[:, 2], np.cos(angle), atol=1e-12)
    np.testing.assert_allclose(rays[:, 0], np.sin(angle), atol=1e-12)
    np.testing.assert_allclose(model.project(rays), xy)


@pytest.mark.parametrize('name', LENSES)
def test_pixels_far_outside_have_a_direction_on_their_side(name):
    model = camera(name)
    centre = np.array((model.k[2], model.k[5])) + 0.5
    side = np.radians(np.arange(0, 360, 7.5))
    outward = np.stack((np.cos(side), np.sin(side)), axis=-1)
    for distance in (500, 2e3, 1e5, 1e30):
        rays = model.rays(centre + distance * outward)
        assert np.isfinite(rays).all()
        np.testing.assert_allclose(np.linalg.norm(rays, axis=-1), 1)
        across = rays[:, :2] / np.linalg.norm(rays[:, :2], axis=-1, keepdims=True)
        # within 6 degrees: axes are scaled by fx and fy, and tangential distortion is ignored;
        # a tilted sensor has a horizon
        assert (across * outward).sum(-1).min() > (0.8 if name == 'tilted' else 0.994)


@pytest.mark.parametrize('name', LENSES)
def test_directions_turn_outward_without_a_jump(name):
    model = camera(name)
    xy = np.stack((np.linspace(320, 3000, 5000), np.full(5000, 300.)), axis=-1)
    rays = model.rays(xy)
    from_axis = np.degrees(np.arccos(rays[:, 2]))
    assert np.diff(from_axis).min() > -0.5
    assert angles_between(rays[1:], rays[:-1]).max() < 1.5


def test_what_the_camera_cannot_see_has_no_pixel():
    points = np.array([(0.1, 0.2, -1), (0, 0, 0), (0.1, 0.2, 0), (5, 0, 0.1)])
    for name in ('no coefficients', 'wide'):
        assert np.isnan(camera(name).project(points)[:3]).all()
    # 89 degrees from the axis: there is no such pixel where the polynomial has turned back
    assert np.isnan(camera('turns back').project(points)[3]).all()
    assert np.isnan(camera('fisheye').project(points)[1]).all()


@pytest.mark.parametrize('shape', [(2,), (0, 2), (3, 2), (0, 17, 2), (5, 17, 2)])
@pytest.mark.parametrize('name', ['zeros', 'wide', 'tilted', 'fisheye'])
def test_any_shape_and_type(name, shape):
    xy = np.full(shape, 200, np.float32)
    rays = camera(name, r=STEREO).rays(xy)
    assert rays.shape == (*shape[:-1], 3) and rays.dtype == np.float64
    assert camera(name, r=STEREO).project(rays).shape == shape
    np.testing.assert_array_equal(rays, camera(name, r=STEREO).rays(xy.astype(int).tolist())
                                  if len(xy) else rays)


class TestRectified:
    """A pair of raw and rectified images of the same stereo camera."""

    raw = camera('wide', r=STEREO, p=RECTIFIED)
    rectified = camera('wide', r=STEREO, p=RECTIFIED, rectified=True)

    def test_both_images_give_the_same_directions(self):
        xy = np.random.default_rng(1).uniform((0, 0), (640, 480), (99, 2))
        moved = undistorted_by_opencv(xy, 'wide', np.reshape(STEREO, (3, 3)),
                                      np.reshape(RECTIFIED, (3, 4))[:, :3]) + 0.5
        assert angles_between(self.raw.rays(xy), self.rectified.rays(moved)).max() < PRECISE
        np.testing.assert_allclose(self.raw.project(self.rectified.rays(moved)), xy)

    def test_directions_start_at_this_camera_whatever_the_baseline(self):
        np.testing.assert_allclose(self.rectified.rays((325.5, 239.5)), (0, 0, 1))

    def test_region_and_binning_apply_to_p_as_well(self):
        part = camera('wide', r=STEREO, p=RECTIFIED, rectified=True, roi=REGION, binning_x=2,
                      binning_y=2)
        assert part.intrinsics == (215, 215, 102.5, 87.5)

    def test_without_p_it_is_k(self):
        assert camera(rectified=True).intrinsics == camera().intrinsics

    def test_without_r_nothing_is_turned(self):
        for r in ((0,) * 9, (1, 0, 0, 0, 1, 0, 0, 0, 1)):
            np.testing.assert_array_equal(camera(r=r).rays((1, 2)), camera().rays((1, 2)))


def test_without_distortion_raw_and_rectified_agree():
    p = (*TELE[:3], 0, *TELE[3:6], 0, *TELE[6:], 0)
    xy = np.random.default_rng(1).uniform(0, 480, (99, 2))
    for model, d in (('', ()), ('plumb_bob', (0,) * 5), ('equidistant', (0,) * 4)):
        np.testing.assert_allclose(
            camera(distortion_model=model, d=d, p=p).rays(xy),
            camera(distortion_model=model, d=d, p=p, rectified=True).rays(xy), atol=1e-15)


def test_sizes_and_focal_length_are_those_of_the_image_as_received():
    assert camera().image_size == (640, 480)
    part = camera(roi=REGION, binning_x=2, binning_y=4)
    assert part.image_size == (200, 80)
    assert part.focal_length == (TELE[0] / 2 + TELE[4] / 4) / 2
    part.check_image(200, 80)


def test_equal_numbers_are_equal_models():
    one = camera('wide')
    same = camera('wide', k=np.array(one.k), d=list(one.d))
    assert one == same and hash(one) == hash(same)
    assert one != camera('wide', binning_x=2)


def test_coefficients_may_be_filled_up_with_zeros():
    xy = np.random.default_rng(1).uniform(0, 480, (99, 2))
    d = LENSES['fisheye'].d
    np.testing.assert_array_equal(camera('fisheye').rays(xy), camera('fisheye', d=(*d, 0)).rays(xy))


def test_a_model_needs_no_more_than_its_intrinsics():
    model = CameraModel(frame_id='', width=640, height=480, k=TELE)
    np.testing.assert_array_equal(model.rays((9, 9)), camera().rays((9, 9)))
