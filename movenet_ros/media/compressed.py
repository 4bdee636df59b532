"""The picture of a sensor_msgs/CompressedImage: JPEG or PNG.

What the bytes are is read from the bytes. The message's `format` is free text that drivers
fill in differently; it only tells depth apart, and goes into error messages.
"""
from __future__ import annotations

import struct
from typing import Any

from movenet_ros.core.types import Picture
from movenet_ros.errors import ImageError
from movenet_ros.media.encodings import byte_view
from movenet_ros.media.limits import check_size

JPEG = b'\xff\xd8\xff'
PNG = b'\x89PNG\r\n\x1a\n'
# Beginnings of what cameras and tools also send; offset, bytes, name.
STRANGERS = (
    (8, b'WEBP', 'WebP'), (0, b'GIF8', 'GIF'), (0, b'BM', 'BMP'), (0, b'II*\0', 'TIFF'),
    (0, b'MM\0*', 'TIFF'), (4, b'ftyp', 'HEIF, AVIF or MP4'), (0, b'\0\0\0\x0cjP  ', 'JPEG 2000'),
    (0, b'\0\0\0\x0cJXL ', 'JPEG XL'), (0, b'\xff\x0a', 'JPEG XL'),
    (0, b'\0\0\0\x01', 'H.264 or H.265 video'), (0, b'\0\0\x01', 'H.264 or H.265 video'))
# Markers that begin a frame, and so hold its size: C4, C8 and CC are tables.
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Markers without a length: TEM, RST0 to RST7, SOI.
JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
SOS, EOI = 0xDA, b'\xff\xd9'
NEXT_SCAN = bytes((0xFF, SOS))
# Encoders make about ten. Each goes over the whole picture: with thousands, which fit into 1 MB,
# decoding takes minutes.
MAX_SCANS = 100


def decode_compressed(format: str, data: Any) -> Picture:
    """The picture of a CompressedImage, in BGR.

    The declared size is checked before anything is decoded. 16-bit PNG loses its low bytes,
    alpha is dropped, grey becomes BGR. An orientation in EXIF is ignored, so that pixels
    agree with camera_info. A JPEG without its end mark, or a PNG without its last chunk, is
    refused: OpenCV would fill the rest with grey. A JPEG that lost something in its middle
    cannot be told from an intact one.

    Args:
        format: The message's format, e.g. ``bgr8; jpeg compressed bgr8``.
        data: array.array('B'), bytes, a memoryview, or a contiguous ndarray of bytes.

    Raises:
        ImageError: With cause ``depth``, ``no_data``, ``unknown_format``, ``truncated``,
            ``no_size``, ``too_large``, ``too_many_scans``, ``unsupported_colours``, ``damaged``
            or ``bad_data``.
    """
    import cv2
    if 'compressedDepth' in format:
        raise ImageError(f'{format[:80]!r} is depth, not a picture; subscribe to the colour image',
                         cause='depth')
    raw = byte_view(data).tobytes()
    if not raw:
        raise ImageError(f'the compressed image ({format[:80]!r}) has no data', cause='no_data')
    if not raw.startswith((JPEG, PNG)):
        raise ImageError(f'the compressed image ({format[:80]!r}) is neither JPEG nor PNG but '
                         f'{_stranger(raw)}', cause='unknown_format')
    return decode_file(raw, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)


def decode_file(raw: bytes, flags: int) -> Picture:
    """Decodes the bytes of a picture file to BGR.

    Args:
        raw: The file. JPEG and PNG are checked first; others are left to OpenCV.
        flags: Flags for cv2.imdecode.

    Raises:
        ImageError: It is damaged, truncated, or too large.
    """
    import cv2
    import numpy as np
    try:
        if raw.startswith(JPEG):
            _check_jpeg(raw)
        elif raw.startswith(PNG):
            _check_png(raw)
        pixels = cv2.imdecode(np.frombuffer(raw, np.uint8), flags)
    except (struct.error, IndexError) as error:
        raise ImageError('the compressed image ends within its header',
                         cause='truncated') from error
    except cv2.error as error:
        raise ImageError(f'the compressed image is damaged: {error}', cause='damaged') from error
    if pixels is None:
        raise ImageError('the compressed image is damaged', cause='damaged')
    return Picture(np.asarray(pixels, np.uint8), 'bgr')


def _stranger(raw: bytes) -> str:
    for offset, mark, name in STRANGERS:
        if raw.startswith(mark, offset):
            return name
    return f'something that begins with {raw[:8].hex(" ")}'


def _check_jpeg(raw: bytes) -> None:
    at, size = 2, None
    while True:
        while raw[at] != 0xFF:
            at += 1
        while raw[at] == 0xFF:  # any number of fill bytes
            at += 1
        marker, at = raw[at], at + 1
        if marker == SOS:
            break
        if marker in JPEG_BARE:
            continue
        if marker in JPEG_FRAMES:
            height, width, components = struct.unpack_from('>HHB', raw, at + 3)
            check_size(width, height)
            if components not in (1, 3):
                raise ImageError(f'a JPEG with {components} colour components (CMYK?) is not '
                                 'a camera picture', cause='unsupported_colours')
            size = width, height
        at += struct.unpack_from('>H', raw, at)[0]
    if size is None:
        raise ImageError('the JPEG has no size', cause='damaged')
    # From here on, data bytes ff are followed by 00, so these are marks and nothing else.
    # What comes after the end mark is padding that some cameras send.
    end = raw.find(EOI, at)
    if end < 0:
        raise ImageError(f'the JPEG is truncated: no end mark in {len(raw)} bytes',
                         cause='truncated')
    scans = 1 + raw.count(NEXT_SCAN, at, end)
    if scans > MAX_SCANS:
        raise ImageError(f'the JPEG has {scans} scans, at most {MAX_SCANS} are taken',
                         cause='too_many_scans')


def _check_png(raw: bytes) -> None:
    if raw[12:16] != b'IHDR':
        raise ImageError('the PNG has no size', cause='damaged')
    width, height = struct.unpack_from('>II', raw, 16)
    check_size(width, height)
    at, kinds = len(PNG), set()
    while (kind := raw[at + 4:at + 8]) != b'IEND':
        kinds.add(kind)
        # a chunk: length, name, data, checksum
        at += 12 + int(struct.unpack_from('>I', raw, at)[0])
        if at >= len(raw):
            raise ImageError(f'the PNG is truncated: no last chunk in {len(raw)} bytes',
                             cause='truncated')
    if b'IDAT' not in kinds:
        # OpenCV goes on beyond the end, by lengths that it finds there: 82 bytes took 4 GB.
        raise ImageError('the PNG has no pixels', cause='damaged')
