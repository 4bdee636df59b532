"""Resampling, against a float64 computation of TensorFlow's two operations."""
import cv2
import numpy as np
import pytest

from movenet_ros.core import resample
from movenet_ros.core.resample import multipose_size, resample_crop, resample_whole
from movenet_ros.core.types import Crop, Picture

# Before its version 5, OpenCV's warpAffine knew sample positions to 1/32 pixel only.
TOLERANCE = 0.51 if int(cv2.__version__.split('.')[0]) >= 5 else 2.0

RANDOM = np.random.default_rng(7)
SMOOTH = cv2.GaussianBlur(RANDOM.integers(0, 256, (120, 200, 3), np.uint8), (0, 0), 2)


def interpolate(image, ys, xs):
    """Bilinear interpolation at ys x xs; edge pixels are repeated outside."""
    ys = np.clip(ys, 0, image.shape[0] - 1)
    xs = np.clip(xs, 0, image.shape[1] - 1)
    y0, x0 = np.floor(ys).astype(int), np.floor(xs).astype(int)
    y1, x1 = np.ceil(ys).astype(int), np.ceil(xs).astype(int)
    fy, fx = (ys - y0)[:, None, None], (xs - x0)[None, :, None]
    pixels = image.astype(np.float64)
    top = pixels[y0][:, x0] * (1 - fx) + pixels[y0][:, x1] * fx
    bottom = pixels[y1][:, x0] * (1 - fx) + pixels[y1][:, x1] * fx
    return top * (1 - fy) + bottom * fy


def crop_and_resize(image, crop, size):
    height, width = image.shape[:2]
    steps = np.arange(size) / (size - 1)
    ys = (crop.y_min + steps * (crop.y_max - crop.y_min)) / height * (height - 1)
    xs = (crop.x_min + steps * (crop.x_max - crop.x_min)) / width * (width - 1)
    result = interpolate(image, ys, xs)
    result[(ys < 0) | (ys > height - 1)] = 0
    result[:, (xs < 0) | (xs > width - 1)] = 0
    return result


@pytest.mark.parametrize('crop', [
    Crop(0.0, -40.0, 200.0, 160.0), Crop(30.5, 20.25, 90.5, 80.25), Crop(-50.0, -50.0, 70.0, 70.0),
    Crop(150.0, 60.0, 260.0, 170.0), Crop(99.0, 59.0, 101.0, 61.0)])
def test_a_crop_equals_the_reference_to_half_a_grey_level(crop):
    expected = crop_and_resize(SMOOTH, crop, 64)
    assert np.abs(resample_crop(Picture(SMOOTH), crop, 64) - expected).max() <= TOLERANCE


def test_a_crop_beside_the_image_is_black():
    assert not resample_crop(Picture(SMOOTH), Crop(300.0, 0.0, 400.0, 100.0), 64).any()


@pytest.mark.parametrize('crop', [Crop(5.0, 5.0, 5.0, 5.0), Crop(9.0, 9.0, 5.0, 5.0)])
def test_a_crop_without_extent_is_black(crop):
    assert not resample_crop(Picture(SMOOTH), crop, 64).any()


@pytest.mark.parametrize('order', ['rgb', 'bgr', 'rgba', 'bgra'])
def test_every_channel_order_gives_the_same_rgb(order):
    crop = Crop(-20.0, 10.0, 90.0, 120.0)
    swapped = SMOOTH if order.startswith('rgb') else SMOOTH[:, :, ::-1]
    pixels = np.ascontiguousarray(swapped)
    if order.endswith('a'):
        pixels = np.dstack((pixels, np.full(pixels.shape[:2], 99, np.uint8)))
    found = resample_crop(Picture(pixels, order), crop, 32)
    np.testing.assert_array_equal(found, resample_crop(Picture(SMOOTH), crop, 32))


def test_mono_gives_three_equal_channels():
    crop, mono = Crop(0.0, 0.0, 120.0, 120.0), Picture(SMOOTH[:, :, :1].copy(), 'mono')
    found = resample_crop(mono, crop, 32)
    expected = resample_crop(Picture(SMOOTH), crop, 32)[:, :, :1]
    np.testing.assert_array_equal(found, np.tile(expected, 3))


def test_rows_with_padding_are_read_where_they_lie():
    padded = np.zeros((120, 216, 3), np.uint8)
    padded[:, :200] = SMOOTH
    crop = Crop(0.0, 0.0, 120.0, 120.0)
    np.testing.assert_array_equal(resample_crop(Picture(padded[:, :200]), crop, 48),
                                  resample_crop(Picture(SMOOTH), crop, 48))


def test_the_picture_is_not_written_to():
    frozen = SMOOTH.copy()
    frozen.flags.writeable = False
    resample_crop(Picture(frozen), Crop(0.0, 0.0, 100.0, 100.0), 32)
    resample_whole(Picture(frozen), 64)


@pytest.mark.parametrize(('width', 'height', 'expected'), [
    (640, 480, (256, 192)), (1920, 1080, (256, 144)), (1080, 1920, (144, 256)),
    (480, 480, (256, 256)), (641, 427, (256, 171)), (16384, 1, (256, 1)), (512, 383, (256, 192))])
def test_the_long_side_is_resized_to_that_of_the_network(width, height, expected):
    assert multipose_size(width, height, 256) == expected


@pytest.mark.parametrize(('shape', 'long_side'), [
    ((120, 200), 64), ((200, 120), 64), ((120, 200), 256), ((50, 50), 64)])
def test_the_whole_image_equals_the_reference_to_half_a_grey_level(shape, long_side):
    image = cv2.resize(SMOOTH, shape[::-1])
    width, height = multipose_size(*shape[::-1], long_side)
    expected = interpolate(image, np.arange(height) * shape[0] / height,
                           np.arange(width) * shape[1] / width)
    found = resample_whole(Picture(image), long_side)
    assert np.abs(found[:height, :width] - expected).max() <= TOLERANCE


def test_the_whole_image_is_padded_with_black_to_multiples_of_32():
    found = resample_whole(Picture(np.full((1080, 1920, 3), 200, np.uint8)), 256)
    assert found.shape == (160, 256, 3)
    assert (found[:144] == 200).all()
    assert not found[144:].any()


@pytest.mark.parametrize('order', ['rgb', 'bgr'])
def test_a_small_image_is_sampled_as_a_large_one(order, monkeypatch):
    picture = Picture(RANDOM.integers(0, 256, (120, 200, 3), np.uint8)[:, 10:], order)
    corners = RANDOM.uniform(-50, 250, (100, 4))
    crops = [Crop(x, y, x + side, y + side) for x, y, side, _ in np.abs(corners) - (50, 50, 0, 0)]
    small = [resample_crop(picture, crop, 64) for crop in crops]
    monkeypatch.setattr(resample, 'MOST_CONVERTED', 0)
    large = [resample_crop(picture, crop, 64) for crop in crops]
    np.testing.assert_array_equal(small, large)
