"""DepthImage: what is depth, and what is none."""
import numpy as np
import pytest

from movenet_ros.core.geometry.depth_image import FARTHEST, DepthImage
from movenet_ros.core.geometry.depth_samples import counts, quantile, region_depths
from movenet_ros.errors import ImageError


def image(values, kind, scale=1.0):
    return DepthImage(np.atleast_2d(np.array(values, kind)), scale, 'optical', 3)


def everything(depth):
    return depth.metres(*np.indices(depth.pixels.shape))


@pytest.mark.parametrize('kind', ['<u2', '>u2'])
def test_integers(kind):
    found = everything(image([0, 1, 2500, 65535], kind, 0.001))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[np.nan, *np.float32([0.001, 2.5, 65.535])]])


@pytest.mark.parametrize('kind', ['<f4', '>f4'])
def test_floats(kind):
    found = everything(image(
        [np.nan, np.inf, -np.inf, 0, -0.0, -2, 1e-3, 2.5, FARTHEST, 1001, 3e38], kind))
    np.testing.assert_array_equal(
        found, [[*[np.nan] * 6, *np.float32([1e-3, 2.5, FARTHEST]), np.nan, np.nan]])


def test_rows_may_be_padded():
    pixels = np.arange(48, dtype=np.uint16).reshape(4, 12)[:, :5]
    depth = DepthImage(pixels, 1.0, '', 0)
    assert (depth.width, depth.height) == (5, 4)
    assert depth.metres(np.array([3]), np.array([4])) == 40


@pytest.mark.parametrize('pixels', [
    np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.int16), np.zeros((4, 4), np.float64),
    np.zeros((4, 4, 1), np.uint16), np.zeros(4, np.uint16), np.zeros((0, 4), np.uint16)])
def test_what_is_no_depth_image(pixels):
    with pytest.raises(ImageError):
        DepthImage(pixels, 1.0, '', 0)


def test_regions_are_sampled_at_the_pixels_in_them():
    columns = DepthImage(np.tile(np.arange(1, 21, dtype=np.uint16), (20, 1)), 1.0, '', 0)
    found = region_depths(columns, np.array([[10.5, 5.0], [3.0, 5.0]]), np.array([[2.0, 1.0]]), 5)
    np.testing.assert_array_equal(found, [np.repeat([9, 10, 11, 12, 13], 5),
                                          np.repeat([2, 3, 4, 5, 6], 5)])


def test_regions_at_the_edge_and_beyond_it():
    depth = DepthImage(np.full((4, 6), 7, np.uint16), 1.0, '', 0)
    far = np.array([[0, 0], [6, 4], [-1e6, 9], [1e30, -1e30]])
    assert (region_depths(depth, far, np.array([3.0, 3.0]), 3) == 7).all()


def test_quantiles_are_depths_of_points_and_leave_out_what_has_none():
    depths = np.array([[1, 2, 3, 4, np.nan], [5, np.nan, np.nan, np.nan, np.nan], [np.nan] * 5],
                      np.float32)
    known = counts(depths)
    assert known.tolist() == [4, 1, 0]
    np.testing.assert_array_equal(quantile(depths, known, 0.5), np.float32([2, 5, np.nan]))
    np.testing.assert_array_equal(quantile(depths, known, 1.0), np.float32([4, 5, np.nan]))
    np.testing.assert_array_equal(quantile(depths, known, np.array([0.0, 0.9, 0.3])),
                                  np.float32([1, 5, np.nan]))
