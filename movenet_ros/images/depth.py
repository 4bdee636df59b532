"""Depth images of sensor_msgs/Image and CompressedImage messages.

The unit follows from the encoding (REP-118), never from a parameter: integers are millimetres,
floats are metres. Raw images are views of the data.

A CompressedImage of compressed_depth_image_transport holds, after a header of 12 bytes (a number,
and two floats A and B), a PNG or an RVL stream of 16-bit integers q. For 16UC1 these are the
pixels; for 32FC1 they are the inverse of depth: depth = A / (q - B), and 0 is none. Its `format`
is `ENCODING; compressedDepth CODEC`; without a codec, as before 2022, it is PNG. A 16-bit PNG
of compressed_image_transport (`16UC1; png compressed`) holds millimetres without that header.
"""
from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.geometry.depth_image import METRES, MILLIMETRES, DepthImage
from movenet_ros.errors import ImageError, shown
from movenet_ros.images.cdr import ImageMessage, read_image
from movenet_ros.images.compressed import decode_pixels
from movenet_ros.images.compressed_format import parse_format
from movenet_ros.images.content_kind import PNG
from movenet_ros.images.encodings import byte_view
from movenet_ros.images.limits import check_size
from movenet_ros.images.rvl import decode_rvl

# Type of a pixel, without its byte order, and metres per unit.
DEPTH_ENCODINGS = {'16UC1': ('u2', MILLIMETRES), 'mono16': ('u2', MILLIMETRES),
                   '32FC1': ('f4', METRES)}
QUANTISATION = struct.Struct('<iff')


def read_depth(raw: bytes | memoryview, kind: str) -> DepthImage:
    """The depth image in a serialized message.

    Args:
        raw: The whole message with its 4 bytes of encapsulation.
        kind: `cdr.IMAGE` or `cdr.COMPRESSED_IMAGE`.

    Raises:
        ImageError: As `to_depth`, or `damaged_message`.
    """
    return to_depth(read_image(raw, kind))


def to_depth(message: ImageMessage) -> DepthImage:
    """The depth image in a message; a view of its data, unless that is compressed.

    Raises:
        ImageError: With cause `no_encoding`, `unsupported_encoding`, `no_size`, `too_large`,
            `short_step`, `short_data`, `no_data`, `unknown_format`, `damaged` or `truncated`.
    """
    pixels, scale = _raw(message) if message.layout else _compressed(message)
    return DepthImage(pixels, scale, message.frame_id, message.stamp_ns)


def _pixel_type(encoding: str) -> tuple[str, float]:
    if encoding in DEPTH_ENCODINGS:
        return DEPTH_ENCODINGS[encoding]
    if not encoding:
        raise ImageError('the depth image has no encoding; set it in the camera driver, to 16UC1 '
                         'for millimetres or 32FC1 for metres', cause='no_encoding')
    raise ImageError(f'the encoding {shown(encoding)} is not depth; supported are 16UC1 and mono16 '
                     '(millimetres), and 32FC1 (metres)', cause='unsupported_encoding')


def _raw(message: ImageMessage) -> tuple[NDArray[Any], float]:
    assert message.layout is not None
    height, width, step, is_bigendian = message.layout
    letters, scale = _pixel_type(message.encoding)
    kind = np.dtype(('>' if is_bigendian else '<') + letters)
    check_size(width, height)
    if step < width * kind.itemsize:
        raise ImageError(f'a row of {width} px {message.encoding} takes {width * kind.itemsize} '
                         f'bytes, but step is {step}', cause='short_step')
    data = byte_view(message.data)
    if len(data) < height * step:
        raise ImageError(f'{message.encoding} {width} x {height} with rows of {step} bytes needs '
                         f'{height * step} bytes, the message has {len(data)}', cause='short_data')
    # Rows may be padded by any number of bytes.
    return np.ndarray((height, width), kind, data.data, strides=(step, kind.itemsize)), scale


def _compressed(message: ImageMessage) -> tuple[NDArray[Any], float]:
    parsed = parse_format(message.encoding)
    letters, scale = _pixel_type(parsed.source)
    data = byte_view(message.data).tobytes()
    if not data:
        raise ImageError('the compressed depth image has no data', cause='no_data')
    if not parsed.depth:
        if letters != 'u2' or not data.startswith(PNG):
            raise ImageError(f'{shown(message.encoding)} is not compressed depth; publish it by '
                             'compressed_depth_image_transport', cause='unknown_format')
        return _png(data), scale
    if len(data) <= QUANTISATION.size:
        raise ImageError(f'the compressed depth image ends after {len(data)} bytes, within its '
                         'header', cause='truncated')
    _, a, b = QUANTISATION.unpack_from(data)
    words = _words(message.encoding, data[QUANTISATION.size:])
    return (words if letters == 'u2' else _from_inverse(words, a, b)), scale


def _words(format: str, data: bytes) -> NDArray[np.uint16]:
    codec = format.partition('compressedDepth')[2].split()
    if codec[:1] == ['rvl']:
        return decode_rvl(data)
    if codec[:1] not in ([], ['png']):
        raise ImageError(f'the codec of {shown(format)} is unknown; known are png and rvl',
                         cause='unknown_format')
    return _png(data)


def _png(data: bytes) -> NDArray[np.uint16]:
    import cv2
    if not data.startswith(PNG):
        raise ImageError('the compressed depth image should be a PNG, but begins with '
                         f'{data[:8].hex(" ")}', cause='unknown_format')
    pixels = decode_pixels(data, cv2.IMREAD_UNCHANGED)
    if pixels.dtype != np.uint16 or pixels.ndim != 2:
        raise ImageError('the PNG of a depth image must have one channel of 16 bits, not '
                         f'{pixels.dtype} {list(pixels.shape)}', cause='unknown_format')
    return pixels


def _from_inverse(words: NDArray[np.uint16], a: float, b: float) -> NDArray[np.float32]:
    """Depth in metres from its quantised inverse."""
    if not (math.isfinite(a) and math.isfinite(b) and a > 0):
        raise ImageError(f'the compressed depth image has the quantisation A = {a:g}, B = {b:g}; '
                         'A must be above 0, and both finite', cause='damaged')
    # The few values that there can be are faster to look up than to divide.
    with np.errstate(divide='ignore', over='ignore'):
        depth = np.float32(a) / (np.arange(2**16, dtype=np.float32) - np.float32(b))
    depth[0] = np.nan
    return np.asarray(depth[words], np.float32)
