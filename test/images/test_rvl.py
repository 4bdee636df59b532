"""decode_rvl, against streams that are written digit by digit."""
import struct

import numpy as np
import pytest
from support.depth_messages import rvl

from movenet_ros.errors import ImageError
from movenet_ros.images.rvl import decode_rvl


def hexadecimal(width, height, *words):
    return struct.pack('<II', width, height) + b''.join(
        struct.pack('<I', int(word.replace(' ', ''), 16)) for word in words)


def test_a_stream_written_by_hand():
    # 2 pixels without depth; 2 with: +9 -> 18 = 2 + 8 * 2 -> digits a 2; -1 -> 1. Then 1 without.
    data = hexadecimal(5, 1, '2 2 a 2 1 1 0 0')
    np.testing.assert_array_equal(decode_rvl(data), [[0, 0, 9, 8, 0]])


@pytest.mark.parametrize('seed', range(8))
def test_any_image_comes_back(seed):
    rng = np.random.default_rng(seed)
    height, width = rng.integers(1, 60, 2)
    pixels = rng.integers(0, [2, 10, 2000, 65536][seed % 4], (height, width)).astype(np.uint16)
    pixels[rng.random((height, width)) < seed / 8] = 0
    seen = decode_rvl(rvl(pixels))
    assert seen.dtype == np.uint16
    np.testing.assert_array_equal(seen, pixels)


@pytest.mark.parametrize('value', [0, 1, 65535])
def test_an_image_of_one_value(value):
    pixels = np.full((48, 64), value, np.uint16)
    np.testing.assert_array_equal(decode_rvl(rvl(pixels)), pixels)


def test_data_after_the_stream_is_ignored():
    pixels = np.arange(60, dtype=np.uint16).reshape(6, 10)
    np.testing.assert_array_equal(decode_rvl(rvl(pixels) + b'\x99' * 500), pixels)


SCENE = np.arange(1, 601, dtype=np.uint16).reshape(20, 30) * 100


@pytest.mark.parametrize('kept', [0, 7, 8, 11, 12, 40, -4])
def test_a_stream_that_ends_too_early(kept):
    with pytest.raises(ImageError) as caught:
        decode_rvl(rvl(SCENE)[:kept])
    assert caught.value.cause == 'truncated'


@pytest.mark.parametrize(('data', 'cause'), [
    (hexadecimal(0, 5, '0 0 0 0 0 0 0 0'), 'no_size'),
    (hexadecimal(2**20, 2**20, '0 0 0 0 0 0 0 0'), 'too_large'),
    (hexadecimal(3, 1, '4 0 0 0 0 0 0 0'), 'damaged'),  # 4 of 3 pixels
    (hexadecimal(3, 1, '2 2 0 0 0 0 0 0'), 'damaged'),
    (hexadecimal(3, 1, '0 0 0 0 0 0 0 0'), 'damaged'),  # a run of none
    (hexadecimal(3, 1, 'ffffffff', 'ffffffff', '11111111'), 'damaged'),  # a number of 17 digits
    (hexadecimal(30, 1, 'ffffffff'), 'truncated')])
def test_streams_that_are_no_image(data, cause):
    with pytest.raises(ImageError) as caught:
        decode_rvl(data)
    assert caught.value.cause == cause
