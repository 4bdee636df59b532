"""The pixels of a sensor_msgs/Image, for every encoding that is a picture.

8-bit colour and grey images are views of the data, without a copy. All others are converted once,
by the same OpenCV conversions and scales as ROS 2's cv_bridge uses:

- 16 bits become 8 by 255/65535, rounded (cv_bridge.cpp, toCvCopyImpl), not by dropping a byte.
  Cameras of 10 or 12 bits leave the upper ones empty; for these another value can be white.
- Bayer: sensor_msgs names a pattern by the top-left 2x2 cell, row by row; OpenCV by the second
  row from the second column on. So bayer_rggb8 is OpenCV's BayerBG.
- YUV is BT.601, limited range (16 to 235), as OpenCV takes it.

NV12 and NV21 carry `height` rows of luma and then `height / 2` rows of chroma, all `step` bytes
long; `height` is the picture's (sensor_msgs: getHeightScaling() is 1.5).
"""
from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.types import Picture
from movenet_ros.errors import ImageError
from movenet_ros.images.brightness import COLOURS, percentiles, sampled
from movenet_ros.images.limits import check_size

Bytes: TypeAlias = NDArray[np.uint8]
Convert: TypeAlias = Callable[[Bytes, bool, int], Bytes]
BAYER_CODES = {'rggb': 'BG', 'bggr': 'RG', 'gbrg': 'GR', 'grbg': 'GB'}
# From three pixels on, OpenCV has neighbours to fill in the missing colours from.
BAYER_MIN_SIDE = 3
WHITE_LEVEL = 65535
"""The 16-bit value that is white, unless a camera has fewer bits."""
REJECTED = {
    '16UC1': ('depth', 'is depth in millimetres (REP-118), not a picture; an infrared picture '
              'should be published as mono16'),
    '32FC1': ('depth', 'is depth in metres (REP-118), not a picture'),
    'nv24': ('unsupported_encoding', 'is not read, because sensor_msgs says neither how long '
             'its rows nor how many they are'),
}
MATRIX = re.compile(r'(8|16|32|64)[USF]C?\d{0,4}')


@dataclass(frozen=True)
class _Layout:
    """The memory layout of an encoding, and its conversion to a picture.

    Attributes:
        order: The channels of the picture.
        pixel_bytes: Bytes of a pixel within its row.
        convert: From rows uint8 [rows, width * pixel_bytes], "big-endian?" and the 16-bit
            value that is white (see `to_8_bits`) to uint8 [H,W,C]; None where the bytes are the
            pixels.
        even: Which sides must be even: '', 'width', or 'both'.
        half_rows: Rows of data for every two rows of the picture.
        min_side: Smallest side that can be converted [px].
    """

    order: str
    pixel_bytes: int
    convert: Convert | None = None
    even: str = ''
    half_rows: int = 2
    min_side: int = 1


def _from_16_bits(rows: Bytes, big_endian: bool, channels: int) -> NDArray[np.uint16]:
    # native and aligned, as OpenCV needs it; a row may begin at any address
    words = np.ascontiguousarray(rows.view('>u2' if big_endian else '<u2'), np.uint16)
    return words.reshape(len(rows), -1, channels)


def to_8_bits(words: NDArray[np.uint16], white_level: int = WHITE_LEVEL) -> Bytes:
    """16-bit samples as 8-bit ones, rounded.

    Args:
        words: uint16 [H,W,C]; a fourth channel is alpha, which is scaled with the others.
        white_level: What becomes 255, as does anything above it; what is 0 stays 0. If this is
            0, the 1 % darkest samples of the colours become 0 and the 1 % brightest 255.
    """
    import cv2
    black = 0
    if not white_level:
        black, white_level = percentiles(sampled(words)[:, :, :COLOURS])
        words = np.maximum(words, np.uint16(black)) - np.uint16(black)
    scale = 255 / max(1, white_level - black)
    return np.asarray(cv2.convertScaleAbs(words, alpha=scale), np.uint8).reshape(words.shape)


def _wide(channels: int) -> Convert:
    def convert(rows: Bytes, big_endian: bool, white_level: int) -> Bytes:
        return to_8_bits(_from_16_bits(rows, big_endian, channels), white_level)
    return convert


def _bayer(pattern: str, bits: int) -> Convert:
    def convert(rows: Bytes, big_endian: bool, white_level: int) -> Bytes:
        import cv2
        code = getattr(cv2, f'COLOR_Bayer{BAYER_CODES[pattern]}2BGR')
        if bits == 8:
            return np.asarray(cv2.cvtColor(rows, code), np.uint8)
        words = _from_16_bits(rows, big_endian, 1)
        return to_8_bits(np.asarray(cv2.cvtColor(words, code), np.uint16), white_level)
    return convert


def _yuv(code: str, channels: int) -> Convert:
    def convert(rows: Bytes, big_endian: bool, white_level: int) -> Bytes:
        import cv2
        return np.asarray(cv2.cvtColor(rows.reshape(len(rows), -1, channels),
                                       getattr(cv2, f'COLOR_YUV2BGR_{code}')), np.uint8)
    return convert


_UYVY = _Layout('bgr', 2, _yuv('UYVY', 2), even='width')
_YUYV = _Layout('bgr', 2, _yuv('YUY2', 2), even='width')
_LAYOUTS = {
    'rgb8': _Layout('rgb', 3),
    'bgr8': _Layout('bgr', 3),
    'rgba8': _Layout('rgba', 4),
    'bgra8': _Layout('bgra', 4),
    'mono8': _Layout('mono', 1),
    # Plain matrices name no colours. cv_bridge's own publisher writes them for OpenCV's
    # images by default, so they are in OpenCV's order.
    '8UC1': _Layout('mono', 1),
    '8UC3': _Layout('bgr', 3),
    '8UC4': _Layout('bgra', 4),
    'mono16': _Layout('mono', 2, _wide(1)),
    'rgb16': _Layout('rgb', 6, _wide(3)),
    'bgr16': _Layout('bgr', 6, _wide(3)),
    'rgba16': _Layout('rgba', 8, _wide(4)),
    'bgra16': _Layout('bgra', 8, _wide(4)),
    'uyvy': _UYVY,
    'yuv422': _UYVY,
    'yuyv': _YUYV,
    'yuv422_yuy2': _YUYV,
    'nv12': _Layout('bgr', 1, _yuv('NV12', 1), even='both', half_rows=3),
    'nv21': _Layout('bgr', 1, _yuv('NV21', 1), even='both', half_rows=3),
    **{f'bayer_{pattern}{bits}': _Layout('bgr', bits // 8, _bayer(pattern, bits),
                                         min_side=BAYER_MIN_SIDE)
       for pattern in BAYER_CODES for bits in (8, 16)},
}

ENCODINGS = tuple(_LAYOUTS)
"""The encodings that are read."""


def to_picture(*, encoding: str, height: int, width: int, step: int, is_bigendian: bool | int,
               data: Any, white_level: int = WHITE_LEVEL) -> Picture:
    """The picture that the fields of a sensor_msgs/Image describe.

    All fields are checked before the data is read. Data beyond `step` times the rows is ignored:
    some drivers publish a whole capture buffer.

    Args:
        encoding: As in sensor_msgs/image_encodings.hpp.
        height: Rows of the picture [px].
        width: Columns [px].
        step: Length of a row [bytes]; more than the pixels take means padding.
        is_bigendian: Whether 16-bit samples have the high byte first.
        data: array.array('B'), bytes, a memoryview, or a contiguous ndarray of bytes.
        white_level: Of 16-bit samples, see `to_8_bits`.

    Returns:
        A view of `data` for rgb8, bgr8, rgba8, bgra8, mono8 and 8UC1/3/4, which changes with
        `data`; for all others a new image.

    Raises:
        ImageError: With cause `no_encoding`, `unknown_encoding`,
            `unsupported_encoding`, `depth`, `no_size`, `too_large`, `odd_size`,
            `too_small`, `short_step`, `short_data` or `bad_data`.
    """
    layout = _layout(encoding)
    _check(encoding, layout, height, width, step)
    needed, buffer = needed_bytes(encoding, height, step), byte_view(data)
    if len(buffer) < needed:
        raise ImageError(f'{encoding} {width} x {height} with rows of {step} bytes needs '
                         f'{needed} bytes, the message has {len(buffer)}', cause='short_data')
    pixels = buffer[:needed].reshape(-1, step)[:, :width * layout.pixel_bytes]
    if layout.convert is None:
        return Picture(pixels.reshape(height, width, layout.pixel_bytes), layout.order)
    return Picture(layout.convert(pixels, bool(is_bigendian), white_level), layout.order)


def needed_bytes(encoding: str, height: int, step: int) -> int:
    """How many bytes a picture takes in one of `ENCODINGS`.

    Args:
        encoding: One of them.
        height: Rows of the picture [px].
        step: Length of a row [bytes].
    """
    return height * _LAYOUTS[encoding].half_rows // 2 * step


def check_readable(encoding: str) -> None:
    """Rejects encodings that are known to be no pictures; unknown ones pass.

    Args:
        encoding: As in sensor_msgs/image_encodings.hpp.

    Raises:
        ImageError: With cause `depth` or `unsupported_encoding`.
    """
    if encoding not in _LAYOUTS and MATRIX.fullmatch(encoding):
        _layout(encoding)


def byte_view(data: Any) -> Bytes:
    """The bytes of a buffer, uint8 [N], without a copy.

    Raises:
        ImageError: It is no contiguous buffer (cause `bad_data`).
    """
    try:
        return np.frombuffer(memoryview(data).cast('B'), np.uint8)
    except (TypeError, ValueError, BufferError) as error:
        raise ImageError(f'the image data is no buffer of bytes: {error}',
                         cause='bad_data') from error


def _layout(encoding: str) -> _Layout:
    if layout := _LAYOUTS.get(encoding):
        return layout
    if not encoding:
        raise ImageError('the image has no encoding; set it in the camera driver, e.g. to bgr8',
                         cause='no_encoding')
    if encoding in REJECTED:
        cause, reason = REJECTED[encoding]
        raise ImageError(f'{encoding} {reason}', cause=cause)
    if MATRIX.fullmatch(encoding):
        raise ImageError(f'{encoding} is a matrix of numbers, not a picture',
                         cause='unsupported_encoding')
    # A damaged message may hold anything of any length.
    encoding = encoding[:40]
    near = difflib.get_close_matches(encoding.lower(), ENCODINGS)
    others = f'similar ones: {", ".join(near)}' if near else f'known are: {", ".join(ENCODINGS)}'
    raise ImageError(f'the encoding {encoding!r} is unknown; {others}', cause='unknown_encoding')


def _check(encoding: str, layout: _Layout, height: int, width: int, step: int) -> None:
    check_size(width, height)
    if (layout.even and width % 2) or (layout.even == 'both' and height % 2):
        raise ImageError(
            f'{encoding} shares colours between two neighbours, so {layout.even} must '
            f'be even; the image is {width} x {height}', cause='odd_size')
    if min(width, height) < layout.min_side:
        raise ImageError(f'{encoding} needs at least {layout.min_side} px a side to find its '
                         f'colours; the image is {width} x {height}', cause='too_small')
    if step < width * layout.pixel_bytes:
        raise ImageError(f'a row of {width} px {encoding} takes {width * layout.pixel_bytes} '
                         f'bytes, but step is {step}', cause='short_step')
