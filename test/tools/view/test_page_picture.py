"""The pictures that a page gets: which are passed on, which are encoded, and how large."""
import cv2
import numpy as np
import pytest

from movenet_ros.core.types import Picture
from movenet_ros.errors import ImageError
from movenet_ros.images.cdr import ImageMessage
from movenet_ros.tools.view.jpeg import LONGEST_SIDE, to_jpeg
from movenet_ros.tools.view.page_picture import page_picture

RED = np.full((48, 64, 3), (0, 0, 250), np.uint8)  # BGR


def compressed(data, format='bgr8; jpeg compressed bgr8'):
    return ImageMessage((0, 0), 'camera', format, memoryview(data))


def encoded(pixels, ending='.jpg'):
    return cv2.imencode(ending, pixels)[1].tobytes()


def decoded(jpeg):
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def test_a_jpeg_is_passed_on_with_its_size():
    data = encoded(RED)
    shown = page_picture(compressed(data), 65535)
    assert (shown.jpeg, shown.width, shown.height) == (data, 64, 48)


@pytest.mark.parametrize(('data', 'format'), [
    (encoded(RED, '.png'), 'bgr8; png compressed bgr8'),
    (encoded(RED[..., ::-1]), 'rgb8; jpeg compressed rgb8')])
def test_what_a_browser_would_not_show_so_is_encoded_again(data, format):
    shown = page_picture(compressed(data, format), 65535)
    assert (shown.width, shown.height) == (64, 48)
    assert np.allclose(decoded(shown.jpeg).mean((0, 1)), (0, 0, 250), atol=4)


def test_a_jpeg_that_is_cut_off_is_not_passed_on():
    with pytest.raises(ImageError):
        page_picture(compressed(encoded(RED)[:-40]), 65535)
    with pytest.raises(ImageError):
        page_picture(compressed(encoded(RED)[:12]), 65535)


def test_16_bits_become_8_by_the_white_level():
    pixels = np.full((48, 64), 1000, '<u2')
    message = ImageMessage((0, 0), 'camera', 'mono16', memoryview(pixels.tobytes()),
                           (48, 64, 128, False))
    assert decoded(page_picture(message, 2000).jpeg).mean() == pytest.approx(127.5, abs=2)


@pytest.mark.parametrize(('order', 'pixel'), [
    ('bgr', (0, 0, 250)), ('rgb', (250, 0, 0)), ('rgba', (250, 0, 0, 9)),
    ('bgra', (0, 0, 250, 9))])
def test_colours_are_right_in_every_order(order, pixel):
    picture = Picture(np.full((48, 64, len(pixel)), pixel, np.uint8), order)
    assert np.allclose(decoded(to_jpeg(picture)).mean((0, 1)), (0, 0, 250), atol=4)


@pytest.mark.parametrize('size', [(1300, 700), (3000, 2000), (700, 5200), (9000, 3)])
def test_large_pictures_are_made_smaller_without_moving_anything(size):
    width, height = size
    picture = np.zeros((height, width, 1), np.uint8)
    picture[:, width // 2:] = 255
    shown = decoded(to_jpeg(Picture(picture, 'mono')))
    assert max(shown.shape[:2]) == LONGEST_SIDE
    row = shown[shown.shape[0] // 2, :, 0] > 127
    assert row.argmax() == pytest.approx(shown.shape[1] / 2, abs=1)
