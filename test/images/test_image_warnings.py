"""What is wrong with an image that can be processed: a fixed word, and a sentence."""
import dataclasses

import numpy as np
import pytest

from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.images.brightness import brightness
from movenet_ros.images.cdr import ImageMessage
from movenet_ros.images.image_warnings import (
    ImageHistory,
    ImageTraits,
    image_traits,
    image_warnings,
    picture_warnings,
)

NOW = 1000 * NANOSECONDS
MAX_LATENESS = 0.5
USUAL = ImageTraits(NOW, 'camera', (640, 480), 'bgr8')
AFTER_USUAL = ImageHistory().with_image(USUAL, MAX_LATENESS)


def found(history=AFTER_USUAL, clock_ns=NOW, **changes):
    changes = {'stamp_ns': USUAL.stamp_ns + 1, **changes}
    image = dataclasses.replace(USUAL, **changes)
    return dict(image_warnings(history, image, clock_ns, MAX_LATENESS))


def test_usual_images_give_no_warning():
    assert found() == {}
    assert found(history=ImageHistory()) == {}
    assert found(stamp_ns=NOW + NANOSECONDS) == {}
    assert found(clock_ns=NOW + 10 * NANOSECONDS) == {}
    assert found(size=(640, 480), encoding='bgr8') == {}
    for levels in ((0, 25), (223, 255), (100, 120)):
        assert found(brightness=levels) == {}


@pytest.mark.parametrize(('changes', 'cause', 'says'), [
    ({'stamp_ns': 0, 'history': ImageHistory()}, 'no_stamp', 'its stamp is 0'),
    ({'stamp_ns': NOW}, 'same_stamp', '1000.000 s, is that of the one before'),
    ({'stamp_ns': NOW - 5 * 10**8}, 'late_stamp', '999.500 s, is 0.500 s before the latest'),
    ({'stamp_ns': NOW - 10**6}, 'late_stamp', 'is 0.001 s before the latest'),
    ({'stamp_ns': NOW - 400_000}, 'late_stamp', 'is 0.0004 s before the latest'),
    ({'stamp_ns': NOW - 1}, 'late_stamp', 'is 0.000000001 s before the latest'),
    ({'stamp_ns': NOW - 5 * 10**8 - 1}, 'stamp_back',
     'is 0.500 s before the latest one: everything starts again (unless tfjs.time is set)'),
    ({'stamp_ns': NOW + 3600 * NANOSECONDS}, 'stamp_ahead', '3600.000 s ahead of the clock'),
    ({'clock_ns': NOW + 3600 * NANOSECONDS}, 'stamp_behind', '3600.000 s behind the clock'),
    ({'frame_id': ''}, 'no_frame_id', 'empty'),
    ({'size': (1, 1), 'history': ImageHistory()}, 'tiny', '1 x 1'),
    ({'size': (640, 31), 'history': ImageHistory()}, 'tiny', '640 x 31'),
    ({'size': (480, 640)}, 'new_size', 'is 480 x 640, the one before was 640 x 480'),
    ({'encoding': 'mono8'}, 'new_encoding', "is 'mono8', the one before was 'bgr8'"),
    ({'surplus': 4096}, 'surplus_data', '4096 bytes'),
    ({'has_end': False}, 'no_end_mark', 'no end mark'),
    ({'brightness': (0, 24)}, 'dark_image', '99 % of its pixels are at most 24 of 255'),
    ({'brightness': (224, 255)}, 'bright_image', '99 % of its pixels are at least 224'),
    ({'brightness': (100, 119)}, 'flat_image', 'between 100 and 119')])
def test_what_is_wrong_is_reported_with_its_value(changes, cause, says):
    assert list(found(**changes)) == [cause]
    assert says in found(**changes)[cause]


def test_several_things_may_be_wrong():
    causes = found(stamp_ns=0, frame_id='', size=(1, 2), encoding='x' * 10**6)
    assert set(causes) == {'no_stamp', 'stamp_back', 'no_frame_id', 'tiny', 'new_size',
                           'new_encoding'}
    assert all(len(text) < 300 and '\n' not in text for text in causes.values())


def test_without_a_clock_nothing_is_ahead_of_it_or_behind():
    assert found(clock_ns=0) == {}


@pytest.mark.parametrize(('stamps', 'expected'), [
    # two images that changed places; the one after them is neither late nor back
    ([0.0, 0.1, 0.066, 0.133], [None, None, 'late_stamp', None]),
    # later than the one before, and still late
    ([0.0, 0.4, 0.1, 0.2, 0.41], [None, None, 'late_stamp', 'late_stamp', None]),
    ([5.0, 5.1, 1.0, 1.1, 1.05], [None, None, 'stamp_back', None, 'late_stamp']),
    ([5.0, 4.6, 4.55, 4.4], [None, 'late_stamp', 'late_stamp', 'stamp_back']),
    # an outlier, which is ahead or behind: after the next image all is as before it
    ([5.0, 5.1, 15.1, 5.2, 5.15], [None, None, None, 'stamp_back', 'late_stamp']),
    ([5.0, 5.1, 1.0, 5.2, 5.15], [None, None, 'stamp_back', None, 'late_stamp'])])
def test_late_and_back_are_measured_from_the_latest_stamp(stamps, expected):
    history, causes = ImageHistory(), []
    for stamp in stamps:
        image = dataclasses.replace(USUAL, stamp_ns=NOW + round(stamp * 10**9))
        causes.append(next(iter(dict(image_warnings(history, image, 0, MAX_LATENESS))), None))
        history = history.with_image(image, MAX_LATENESS)
    assert causes == expected


def test_what_follows_an_outlier_says_what_goes_on():
    history = AFTER_USUAL
    for stamp_ns in NOW + 10**10, NOW + 10**8:
        image = dataclasses.replace(USUAL, stamp_ns=stamp_ns)
        warnings = dict(image_warnings(history, image, 0, MAX_LATENESS))
        history = history.with_image(image, MAX_LATENESS)
    assert warnings['stamp_back'].startswith(
        'its stamp, 1000.100 s, is 9.900 s before the latest one, which was an outlier: '
        'everything goes on from the images before that')


def test_with_another_size_time_starts_again():
    history = AFTER_USUAL
    for stamp_ns, causes in ((NOW - 10**8, {'stamp_back', 'new_size'}), (NOW - 5 * 10**7, set())):
        image = dataclasses.replace(USUAL, stamp_ns=stamp_ns, size=(320, 240))
        assert set(dict(image_warnings(history, image, 0, MAX_LATENESS))) == causes
        history = history.with_image(image, MAX_LATENESS)


def scene(*shape):
    return np.random.default_rng(1).integers(0, 255, shape, np.uint8)


@pytest.mark.parametrize(('pixels', 'order', 'causes'), [
    (scene(480, 640, 3), 'bgr', []), (scene(32, 32, 1), 'mono', []),
    (np.zeros((480, 640, 3), np.uint8), 'rgb', ['dark_image']),
    (scene(480, 640, 1) // 14, 'mono', ['dark_image']),
    (np.full((480, 640, 3), 255, np.uint8), 'bgr', ['bright_image']),
    (np.full((48, 64, 3), 128, np.uint8), 'bgr', ['flat_image']),
    (scene(480, 640, 1) // 64 + 100, 'mono', ['flat_image']),
    (np.dstack([np.zeros((48, 64, 3), np.uint8), scene(48, 64, 1)]), 'bgra', ['dark_image']),
    (np.zeros((1, 1, 1), np.uint8), 'mono', ['tiny', 'dark_image'])],
    ids=['noise', 'small', 'black', '12 bits of 16', 'white', 'one grey', 'hardly any contrast',
         'black with alpha', 'one pixel'])
def test_pictures_that_show_nothing(pixels, order, causes):
    assert list(dict(picture_warnings(Picture(pixels, order)))) == causes


def test_a_few_bright_pixels_do_not_make_a_picture():
    pixels = np.zeros((480, 640, 1), np.uint8)
    pixels[::101, ::103] = 255
    assert 'dark_image' in dict(picture_warnings(Picture(pixels, 'mono')))
    pixels[100:400, 100:300] = 90
    assert not list(picture_warnings(Picture(pixels, 'mono')))


@pytest.mark.parametrize('shape', [(1, 1), (3, 5000), (63, 65), (200, 127), (4000, 3)])
def test_brightness_of_any_shape(shape):
    assert brightness(Picture(np.full((*shape, 3), 7, np.uint8), 'rgb')) == (7, 7)


@pytest.mark.parametrize(('encoding', 'advice'), [
    ('mono16', 'white_level'), ('mono16; png compressed ', 'white_level'),
    ('mono8', 'check the lens cap'), ('bgr8; jpeg compressed bgr8', 'check the lens cap')])
def test_the_advice_for_dark_images_fits_the_encoding(encoding, advice):
    assert advice in found(brightness=(0, 3), encoding=encoding)['dark_image']
    assert advice in found(brightness=(90, 93), encoding=encoding)['flat_image']


def test_the_traits_of_a_message():
    message = ImageMessage((1000, 5), 'camera', 'mono8', memoryview(bytes(110)),
                           (10, 10, 10, False))
    assert image_traits(message, message.picture()) == ImageTraits(
        NOW + 5, 'camera', (10, 10), 'mono8', surplus=10, brightness=(0, 0))
