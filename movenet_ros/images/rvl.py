"""Decodes RVL, a lossless compression of 16-bit depth: as one array operation per step.

The stream is a series of 4-bit digits, the highest of each little-endian 32-bit word first. A
number is written in digits of 3 bits, the lowest first; the highest bit of each says whether
another one follows. The numbers are, by turns: how many pixels without depth follow; how many with
depth; and for each of these, the difference from the last depth, as 2 d or -2 d - 1.

Source: Wilson, "Fast Lossless Depth Image Compression", ISS 2017.
"""
from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from movenet_ros.errors import ImageError
from movenet_ros.images.limits import check_size

SIZE = struct.Struct('<II')
BYTES_PER_PIXEL = 4
"""More than any: a difference of 17 bits takes six digits, the counts one each."""
LONGEST_NUMBER = 9
"""Digits: those of a count that is within the limits of a picture's size."""


def decode_rvl(data: bytes) -> NDArray[np.uint16]:
    """The pixels of an RVL stream behind its width and height, as ROS messages hold it.

    Raises:
        ImageError: With cause `truncated`, `damaged`, `no_size` or `too_large`.
    """
    if len(data) < SIZE.size:
        raise ImageError(f'the RVL stream ends after {len(data)} bytes, within its header',
                         cause='truncated')
    width, height = SIZE.unpack_from(data)
    check_size(width, height)
    count = width * height
    numbers = _numbers(data[SIZE.size:][:BYTES_PER_PIXEL * (count + 1)])
    runs = _runs(numbers, count)
    # The numbers are two counts and the differences of each run; a run's pixels are those without
    # depth and those with.
    kinds = np.tile([False, True], len(runs))
    counts = np.stack([np.full(len(runs), 2), runs[:, 1]], axis=1)
    is_difference = np.repeat(kinds, counts.ravel())
    differences = numbers[:len(is_difference)][is_difference]
    depths = np.cumsum((differences >> 1) ^ -(differences & 1))
    pixels = np.zeros(count, np.uint16)
    pixels[np.repeat(kinds, runs.ravel())] = depths.astype(np.uint16)
    return pixels.reshape(height, width)


def _numbers(stream: bytes) -> NDArray[np.int64]:
    """All numbers in a stream; a last one that is cut off, and padding, are among them."""
    words = np.frombuffer(stream[:len(stream) // 4 * 4], '<u4').astype('>u4')
    octets = words.view(np.uint8)
    digits = np.empty(2 * len(octets), np.uint8)
    digits[0::2], digits[1::2] = octets >> 4, octets & 15
    last = np.flatnonzero(digits < 8)
    digits = digits[:last[-1] + 1] if len(last) else digits[:0]
    first = np.concatenate([[0], last[:-1] + 1])[:len(last)]
    numbers: NDArray[np.int64] = (digits[first] & 7).astype(np.int64)
    length = last - first + 1
    if len(length) and length.max() > LONGEST_NUMBER:
        raise ImageError(f'the RVL stream is damaged: a number of {length.max()} digits',
                         cause='damaged')
    for place in range(1, int(length.max(initial=0))):
        longer = np.flatnonzero(length > place)
        numbers[longer] |= (digits[first[longer] + place] & 7).astype(np.int64) << 3 * place
    return numbers


def _runs(numbers: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The runs [K,2]: how many pixels without depth, and how many with depth after them."""
    # Its elements are Python's integers, and only two of each run are needed.
    values = numbers.data
    runs: list[tuple[int, int]] = []
    at, left = 0, count
    while left:
        if at + 2 > len(values):
            raise ImageError(f'the RVL stream ends before the last {left} pixels',
                             cause='truncated')
        empty, length = values[at], values[at + 1]
        at += 2 + length
        left -= empty + length
        if left < 0 or not empty + length:
            raise ImageError('the RVL stream is damaged: a run does not fit into the image',
                             cause='damaged')
        runs.append((empty, length))
    if at > len(values):
        raise ImageError(f'the RVL stream ends {at - len(values)} pixels too early',
                         cause='truncated')
    return np.array(runs, np.int64)
