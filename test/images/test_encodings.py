"""to_picture: right channels from every encoding, and a reason for every rejection."""
import array
import importlib.metadata
import sys

import cv2
import numpy as np
import pytest

from movenet_ros.core.types import CHANNELS
from movenet_ros.errors import ImageError
from movenet_ros.images.encodings import ENCODINGS, to_picture
from movenet_ros.images.overlay import to_bgr

HEIGHT, WIDTH = 12, 16
BYTES = {'rgb8': 3, 'bgr8': 3, 'rgba8': 4, 'bgra8': 4, 'mono8': 1, '8UC1': 1, '8UC3': 3, '8UC4': 4}
PATTERNS = ('rggb', 'bggr', 'gbrg', 'grbg')
RED, GREEN, BLUE = (0, 0, 200), (0, 180, 0), (220, 0, 0)  # BGR


def picture(encoding, rows, *, height=HEIGHT, width=WIDTH, big=False):
    """The picture of an array's bytes, whose rows may be padded."""
    raw = rows.tobytes()
    step = len(raw) // len(rows)
    return to_picture(encoding=encoding, height=height, width=width, step=step, is_bigendian=big,
                      data=array.array('B', raw))


def random_rows(height, step, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, step), np.uint8)


@pytest.mark.parametrize('encoding', BYTES)
@pytest.mark.parametrize('padding', [0, 7])
def test_8_bit_pixels_are_views_of_the_data(encoding, padding):
    rows = random_rows(HEIGHT, WIDTH * BYTES[encoding] + padding)
    data = array.array('B', rows.tobytes())
    seen = to_picture(encoding=encoding, height=HEIGHT, width=WIDTH, step=rows.shape[1],
                      is_bigendian=False, data=data)
    wanted = rows[:, :WIDTH * BYTES[encoding]].reshape(HEIGHT, WIDTH, -1)
    np.testing.assert_array_equal(seen.pixels, wanted)
    assert np.shares_memory(seen.pixels, np.frombuffer(data, np.uint8))
    assert CHANNELS[seen.order] == BYTES[encoding]


@pytest.mark.parametrize(('encoding', 'pixel'), [
    ('rgb8', (200, 0, 0)), ('bgr8', (0, 0, 200)), ('rgba8', (200, 0, 0, 9)),
    ('bgra8', (0, 0, 200, 9)), ('8UC3', (0, 0, 200)), ('8UC4', (0, 0, 200, 9))])
def test_red_is_red(encoding, pixel):
    rows = np.tile(np.array(pixel, np.uint8), (HEIGHT, WIDTH))
    np.testing.assert_array_equal(to_bgr(picture(encoding, rows)), np.full((12, 16, 3), RED))


@pytest.mark.parametrize('kind', [bytes, bytearray, memoryview, lambda b: array.array('B', b),
                                  lambda b: np.frombuffer(b, np.uint8)])
def test_any_kind_of_buffer_is_accepted(kind):
    raw = random_rows(HEIGHT, WIDTH * 3).tobytes()
    seen = to_picture(encoding='bgr8', height=HEIGHT, width=WIDTH, step=WIDTH * 3, is_bigendian=0,
                      data=kind(raw))
    assert seen.pixels.tobytes() == raw


@pytest.mark.parametrize(('encoding', 'channels'), [
    ('mono16', 1), ('rgb16', 3), ('bgr16', 3), ('rgba16', 4), ('bgra16', 4)])
@pytest.mark.parametrize('big', [False, True])
@pytest.mark.parametrize('padding', [0, 5])
def test_16_bits_are_scaled_not_cut(encoding, channels, big, padding):
    values = np.random.default_rng(1).integers(0, 65536, (HEIGHT, WIDTH, channels))
    values.flat[:4] = 0, 65535, 257 * 7, 128
    raw = values.astype('>u2' if big else '<u2').view(np.uint8).reshape(HEIGHT, -1)
    rows = np.hstack([raw, random_rows(HEIGHT, padding)])
    seen = picture(encoding, rows, big=big)
    np.testing.assert_array_equal(seen.pixels, np.rint(values * 255 / 65535))
    assert CHANNELS[seen.order] == channels
    assert encoding.startswith(seen.order)


def mosaic(pattern, scene):
    """What a sensor with this pattern sees of a scene in BGR, pixel by pixel."""
    rows = np.empty(scene.shape[:2], scene.dtype)
    for y in range(len(rows)):
        for x in range(rows.shape[1]):
            colour = pattern[2 * (y % 2) + x % 2]
            rows[y, x] = scene[y, x, 'bgr'.index(colour)]
    return rows


@pytest.mark.parametrize('pattern', PATTERNS)
@pytest.mark.parametrize('colour', [RED, GREEN, BLUE, (10, 120, 240)])
def test_bayer_brings_back_the_colours_of_the_scene(pattern, colour):
    scene = np.full((HEIGHT, WIDTH, 3), colour, np.uint8)
    seen = picture(f'bayer_{pattern}8', mosaic(pattern, scene))
    np.testing.assert_array_equal(to_bgr(seen), scene)


@pytest.mark.parametrize('pattern', PATTERNS)
def test_bayer_keeps_left_right_top_and_bottom(pattern):
    scene = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    scene[:6, :8], scene[:6, 8:], scene[6:, :8], scene[6:, 8:] = RED, GREEN, BLUE, 255
    seen = to_bgr(picture(f'bayer_{pattern}8', mosaic(pattern, scene)))
    # away from the seams
    for place in ((2, 3), (2, 12), (9, 3), (9, 12)):
        np.testing.assert_array_equal(seen[place], scene[place])


@pytest.mark.parametrize('pattern', PATTERNS)
@pytest.mark.parametrize('big', [False, True])
def test_bayer_of_16_bits(pattern, big):
    scene = np.full((HEIGHT, WIDTH, 3), (1000, 30000, 65535), np.uint16)
    rows = mosaic(pattern, scene).astype('>u2' if big else '<u2').view(np.uint8)
    seen = to_bgr(picture(f'bayer_{pattern}16', rows, big=big))
    np.testing.assert_array_equal(seen, np.rint(scene * (255 / 65535)))


@pytest.mark.parametrize('pattern', PATTERNS)
def test_bayer_with_padded_rows(pattern):
    rows = mosaic(pattern, random_rows(HEIGHT, WIDTH * 3).reshape(HEIGHT, WIDTH, 3))
    padded = np.hstack([rows, random_rows(HEIGHT, 3)])
    np.testing.assert_array_equal(picture(f'bayer_{pattern}8', padded).pixels,
                                  picture(f'bayer_{pattern}8', rows).pixels)


def bt601(y, u, v):
    """BGR of limited-range BT.601, from the standard's formula."""
    luma, u, v = 255 / 219 * (y - 16), u - 128, v - 128
    return (luma + 2.018 * u, luma - 0.813 * v - 0.391 * u, luma + 1.596 * v)


@pytest.mark.parametrize(('encoding', 'order'), [
    ('yuv422', 'uyvy'), ('uyvy', 'uyvy'), ('yuv422_yuy2', 'yuyv'), ('yuyv', 'yuyv')])
@pytest.mark.parametrize('padding', [0, 6])
def test_yuv_422(encoding, order, padding):
    # two pixels share u and v
    left, right, u, v = 90, 170, 110, 160
    cell = [u if c == 'u' else v if c == 'v' else left if order.index('y') == i else right
            for i, c in enumerate(order)]
    rows = np.hstack([np.tile(np.array(cell, np.uint8), (HEIGHT, WIDTH // 2)),
                      random_rows(HEIGHT, padding)])
    seen = to_bgr(picture(encoding, rows))
    np.testing.assert_allclose(seen[3, 4], bt601(left, u, v), atol=1.5)
    np.testing.assert_allclose(seen[3, 5], bt601(right, u, v), atol=1.5)


@pytest.mark.parametrize(('encoding', 'chroma'), [('nv12', (110, 160)), ('nv21', (160, 110))])
@pytest.mark.parametrize('padding', [0, 4])
def test_nv12_has_its_chroma_below(encoding, chroma, padding):
    luma = np.full((HEIGHT, WIDTH), 90, np.uint8)
    luma[::2] = 170
    below = np.tile(np.array(chroma, np.uint8), (HEIGHT // 2, WIDTH // 2))
    rows = np.vstack([luma, below])
    rows = np.hstack([rows, random_rows(len(rows), padding)])
    seen = to_bgr(picture(encoding, rows))
    assert seen.shape == (HEIGHT, WIDTH, 3)
    np.testing.assert_allclose(seen[2, 5], bt601(170, 110, 160), atol=1.5)
    np.testing.assert_allclose(seen[3, 5], bt601(90, 110, 160), atol=1.5)


OPENCV = {
    'uyvy': (2, cv2.COLOR_YUV2BGR_UYVY), 'yuyv': (2, cv2.COLOR_YUV2BGR_YUYV),
    'nv12': (1, cv2.COLOR_YUV2BGR_NV12), 'nv21': (1, cv2.COLOR_YUV2BGR_NV21),
    # OpenCV 4 and 5 know both ways of naming a pattern.
    'bayer_rggb8': (1, cv2.COLOR_BayerRGGB2BGR), 'bayer_bggr8': (1, cv2.COLOR_BayerBGGR2BGR),
    'bayer_gbrg8': (1, cv2.COLOR_BayerGBRG2BGR), 'bayer_grbg8': (1, cv2.COLOR_BayerGRBG2BGR)}


@pytest.mark.parametrize('encoding', OPENCV)
def test_same_as_opencv(encoding):
    channels, code = OPENCV[encoding]
    rows = random_rows(HEIGHT * 3 // 2 if 'nv' in encoding else HEIGHT, WIDTH * channels)
    matrix = rows.reshape(len(rows), WIDTH, channels)
    np.testing.assert_array_equal(picture(encoding, rows).pixels, cv2.cvtColor(matrix, code))


def test_every_encoding_of_8_bits_is_compared_with_opencv_or_a_view_of_the_data():
    deep = {encoding for encoding in ENCODINGS if encoding.endswith('16')}
    assert set(ENCODINGS) - deep == {*BYTES, *OPENCV, *OLD_NAMES.values()}


def cv_bridge_of_ros2():
    """The bridge, where ROS 2 is installed; PyPI has code of ROS 1 under the same name."""
    bridge = pytest.importorskip('cv_bridge')
    if int(importlib.metadata.version('cv_bridge').partition('.')[0]) < 2:
        pytest.skip('this cv_bridge is that of ROS 1')
    return bridge.CvBridge(), pytest.importorskip('sensor_msgs.msg').Image


OLD_NAMES = {'uyvy': 'yuv422', 'yuyv': 'yuv422_yuy2'}
"""cv_bridge knows these by their old names only."""

CV_BRIDGE_STEP = WIDTH * 24
"""A whole number of pixels of 1 to 8 bytes: cv_bridge's Python skews rows of other lengths."""


@pytest.mark.parametrize('encoding', [e for e in ENCODINGS if 'nv' not in e and 'UC' not in e])
@pytest.mark.parametrize('big', [False, True])
def test_same_as_cv_bridge(encoding, big):
    bridge, image = cv_bridge_of_ros2()
    rows = random_rows(HEIGHT, CV_BRIDGE_STEP)
    message = image(encoding=OLD_NAMES.get(encoding, encoding), height=HEIGHT, width=WIDTH,
                    step=CV_BRIDGE_STEP, is_bigendian=big, data=rows.tobytes())
    try:
        wanted = bridge.imgmsg_to_cv2(message, 'bgr8')
    except AttributeError as error:
        if error.name != 'newbyteorder':
            raise
        pytest.skip('this cv_bridge reads no big-endian images with NumPy 2')
    np.testing.assert_array_equal(to_bgr(picture(encoding, rows, big=big)), wanted)


def rejection(**changes):
    fields = {'encoding': 'bgr8', 'height': HEIGHT, 'width': WIDTH, 'step': WIDTH * 3,
              'is_bigendian': False, 'data': bytes(HEIGHT * WIDTH * 3), **changes}
    with pytest.raises(ImageError) as caught:
        to_picture(**fields)
    return caught.value


@pytest.mark.parametrize(('changes', 'cause', 'says'), [
    ({'encoding': ''}, 'no_encoding', 'no encoding'),
    ({'encoding': 'RGB8'}, 'unknown_encoding', 'similar ones: rgb8'),
    ({'encoding': 'x' * 10**7}, 'unknown_encoding', 'known are: rgb8, bgr8'),
    ({'encoding': '8UC' + '1' * 10**7}, 'unknown_encoding', '8UC1111'),
    ({'encoding': '16UC1'}, 'depth', 'millimetres'),
    ({'encoding': '32FC1'}, 'depth', 'metres'),
    ({'encoding': '64FC3'}, 'unsupported_encoding', 'matrix'),
    ({'encoding': '8UC2'}, 'unsupported_encoding', 'matrix'),
    ({'encoding': 'nv24'}, 'unsupported_encoding', 'rows'),
    ({'width': 0}, 'no_size', '0 x 12'),
    ({'height': 0}, 'no_size', '16 x 0'),
    ({'width': 2**31, 'step': 2**32 - 1}, 'too_large', '2147483648'),
    ({'height': 16385}, 'too_large', '16384'),
    ({'height': 10000, 'width': 10000}, 'too_large', '64 megapixels'),
    ({'step': WIDTH * 3 - 1}, 'short_step', '48'),
    ({'step': 0}, 'short_step', '0'),
    ({'data': b''}, 'short_data', '576'),
    ({'data': bytes(575)}, 'short_data', '575'),
    ({'height': HEIGHT + 1}, 'short_data', '624'),
    ({'encoding': 'nv12', 'step': 16, 'data': bytes(16 * 17)}, 'short_data', '288'),
    ({'encoding': 'uyvy', 'width': 15}, 'odd_size', 'width'),
    ({'encoding': 'nv12', 'width': 15}, 'odd_size', 'both'),
    ({'encoding': 'nv21', 'height': 11}, 'odd_size', 'both'),
    ({'encoding': 'bayer_rggb8', 'height': 2}, 'too_small', '3'),
    ({'data': None}, 'bad_data', 'bytes'),
    ({'data': np.zeros((40, 40), np.uint8)[:, :20]}, 'bad_data', 'bytes')],
    ids=lambda value: value if isinstance(value, str) else None)
def test_rejections_have_a_cause_and_a_reason(changes, cause, says):
    error = rejection(**changes)
    assert error.cause == cause
    assert says in str(error)
    assert len(str(error)) < 600


def test_more_data_than_rows_is_ignored():
    rows = random_rows(HEIGHT + 1, WIDTH * 3)
    assert picture_of_surplus(rows).pixels.tobytes() == rows[:HEIGHT].tobytes()


def picture_of_surplus(rows):
    return to_picture(encoding='bgr8', height=HEIGHT, width=WIDTH, step=WIDTH * 3, is_bigendian=0,
                      data=rows.tobytes())


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_the_smallest_pictures(encoding):
    height = 3 if 'bayer' in encoding else 2
    seen = to_picture(encoding=encoding, height=height, width=height + height % 2,
                      step=height * 8 + 8, is_bigendian=False, data=bytes(1000))
    assert (seen.height, seen.width) == (height, height + height % 2)


def wide(encoding, values, white_level):
    words = np.asarray(values, np.uint16)
    height, width = words.shape[0], words.shape[1] // (3 if 'rgb1' in encoding else 1)
    return to_picture(encoding=encoding, height=height, width=width, step=words.shape[1] * 2,
                      is_bigendian=sys.byteorder == 'big', data=words.tobytes(),
                      white_level=white_level).pixels


@pytest.mark.parametrize(('white_level', 'values', 'expected'), [
    (65535, (0, 257, 32896, 65535), (0, 1, 128, 255)),
    (1023, (0, 4, 512, 1023), (0, 1, 128, 255)),
    (1023, (1024, 1100, 4000, 65535), (255, 255, 255, 255)),
    (4095, (0, 16, 2048, 4095), (0, 1, 128, 255)),
    (1, (0, 1, 2, 3), (0, 255, 255, 255))])
@pytest.mark.parametrize('encoding', ['mono16', 'rgb16'])
def test_the_white_level_of_16_bits(encoding, white_level, values, expected):
    rows = np.tile(values, (4, 3))
    np.testing.assert_array_equal(wide(encoding, rows, white_level).reshape(4, -1),
                                  np.tile(expected, (4, 3)))


@pytest.mark.parametrize(('low', 'high'), [(0, 1023), (29_000, 31_000), (0, 65_535), (7, 9)])
@pytest.mark.parametrize('shape', [(4, 300), (480, 640)])
def test_white_level_0_stretches_each_image(low, high, shape):
    rows = np.tile(np.linspace(low, high, shape[1]).round(), (shape[0], 1))
    seen = wide('mono16', rows, 0)
    assert (seen.min(), seen.max()) == (0, 255)
    assert (np.diff(seen[0, :, 0].astype(int)) >= 0).all()
    np.testing.assert_array_equal(seen, wide('mono16', rows, 0))


def test_white_level_0_leaves_single_pixels_out():
    rows = np.tile(np.linspace(100, 200, 300).round(), (300, 1))
    rows[7, 7], rows[8, 8] = 0, 65_535
    seen = wide('mono16', rows, 0)[:, :, 0]
    assert (seen[7, 7], seen[8, 8]) == (0, 255)
    assert seen[0, 75] == pytest.approx(64, abs=4)


@pytest.mark.parametrize('encoding', ['rgb16', 'bgra16', 'bayer_gbrg16'])
def test_white_level_0_keeps_colours_apart(encoding):
    rows = np.random.default_rng(1).integers(200, 900, (12, 48), np.uint16)
    if encoding == 'bgra16':
        rows[:, 3::4] = 65_535
    seen = to_picture(encoding=encoding, height=12, width=6, step=96, is_bigendian=0,
                      data=rows.astype('<u2').tobytes(), white_level=0).pixels
    colours = seen[:, :, :3]
    assert (colours.min(), colours.max()) == (0, 255)
    assert np.unique(colours).size > 20
    if encoding == 'rgb16':
        wanted = (rows[:, :18].astype(float) - 200) * 255 / 700
        np.testing.assert_allclose(seen.reshape(12, 18), wanted, atol=10)


def test_white_level_0_of_one_value_is_black():
    assert not wide('mono16', np.full((8, 8), 500), 0).any()


@pytest.mark.parametrize('encoding', ['bayer_rggb16', 'bgra16', 'rgb16', 'mono16'])
def test_12_bits_with_their_white_level_equal_16_bits(encoding):
    rows = np.random.default_rng(1).integers(0, 4096, (12, 48), np.uint16)
    narrow, full = (to_picture(encoding=encoding, height=12, width=6, step=96, is_bigendian=0,
                               data=(rows * scale).astype('<u2').tobytes(),
                               white_level=white).pixels
                    for scale, white in ((1, 4095), (16, 65520)))
    np.testing.assert_allclose(narrow.astype(int), full, atol=1)


@pytest.mark.parametrize('white_level', [0, 100])
@pytest.mark.parametrize('encoding', [*BYTES, 'bayer_rggb8', 'uyvy', 'nv12'])
def test_8_bits_have_no_white_level(encoding, white_level):
    data = random_rows(24, 64).tobytes()
    usual, other = (to_picture(encoding=encoding, height=12, width=16, step=64, is_bigendian=0,
                               data=data, white_level=white).pixels
                    for white in (65535, white_level))
    np.testing.assert_array_equal(usual, other)
