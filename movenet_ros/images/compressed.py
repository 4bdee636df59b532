"""The picture of a sensor_msgs/CompressedImage: JPEG or PNG.

The file format is recognised by the data. The meaning of the pixels (depth, a Bayer mosaic, red
and blue swapped) is known only from the message's `format`, see `compressed_format`.
"""
from __future__ import annotations

import struct
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.types import Picture
from movenet_ros.errors import ImageError
from movenet_ros.images.compressed_format import CompressedFormat, parse_format
from movenet_ros.images.content_kind import HEAD_BYTES, JPEG, PNG, FileKind, content_kind
from movenet_ros.images.encodings import (
    WHITE_LEVEL,
    byte_view,
    check_readable,
    to_8_bits,
    to_picture,
)
from movenet_ros.images.limits import check_size

# Markers that begin a frame, and so hold its size: C4, C8 and CC are tables.
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Markers without a length: TEM, RST0 to RST7, SOI.
JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
# Those whose only scan has the whole picture: baseline and extended sequential.
JPEG_SEQUENTIAL = frozenset({0xC0, 0xC1})
SOS, EOI = 0xDA, b'\xff\xd9'
NEXT_SCAN = bytes((0xFF, SOS))
# Encoders make about ten. Each goes over the whole picture: with thousands, which fit into 1 MB,
# decoding takes minutes.
MAX_SCANS = 100
# What libjpeg puts where data is missing, and data to put there instead.
MISSING_GREY = 128
FILLING = bytes(range(1, 255))
RESTARTS = b'\xff\xdd'
PNG_BIT_DEPTH = 24


def decode_compressed(format: str, data: Any, white_level: int = WHITE_LEVEL) -> Picture:
    """The picture of a CompressedImage, in BGR, or in RGB where `format` says so.

    The declared size is checked before anything is decoded. Bayer mosaics and 16-bit
    samples are converted as in a raw image, alpha is dropped, grey becomes BGR. An
    orientation in EXIF is ignored, so that pixels agree with camera_info. A PNG without its last
    chunk is rejected, and a JPEG without its end mark where a part of the picture is missing:
    OpenCV would fill the rest with grey. A JPEG that lost data in its middle is not
    recognised.

    Args:
        format: The message's format, e.g. `bgr8; jpeg compressed bgr8`.
        data: array.array('B'), bytes, a memoryview, or a contiguous ndarray of bytes.
        white_level: Of 16-bit samples, see `encodings.to_8_bits`.

    Raises:
        ImageError: With cause `depth`, `unsupported_encoding`, `no_data`,
            `unknown_format`, `truncated`, `no_size`, `too_large`, `too_small`,
            `too_many_scans`, `unsupported_colours`, `damaged` or `bad_data`.
    """
    parsed = parse_format(format)
    check_readable(parsed.source)
    if parsed.depth:
        raise ImageError(f'{format[:80]!r} is depth, not a picture; subscribe to the colour image',
                         cause='depth')
    raw = byte_view(data).tobytes()
    if not raw:
        raise ImageError(f'the compressed image ({format[:80]!r}) has no data', cause='no_data')
    if not raw.startswith((JPEG, PNG)):
        raise ImageError(f'the compressed image ({format[:80]!r}) is neither JPEG nor PNG but '
                         f'{_other_kind(raw)}', cause='unknown_format')
    return _picture(parsed, raw, white_level)


def _picture(parsed: CompressedFormat, raw: bytes, white_level: int) -> Picture:
    import cv2
    if parsed.bayer:
        pixels = decode_pixels(raw, cv2.IMREAD_UNCHANGED)
        if pixels.ndim == 2:
            return _demosaicked(parsed.bayer, pixels, white_level)
    wide = cv2.IMREAD_ANYDEPTH if _has_16_bits(raw) else 0
    pixels = decode_pixels(raw, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION | wide)
    if pixels.dtype == np.uint16:
        pixels = to_8_bits(pixels, white_level)
    return Picture(pixels, 'rgb' if parsed.swapped else 'bgr')


def _demosaicked(pattern: str, pixels: NDArray[Any], white_level: int) -> Picture:
    height, width = pixels.shape
    return to_picture(
        encoding=f'bayer_{pattern}{8 * pixels.itemsize}', height=height, width=width,
        step=width * pixels.itemsize, is_bigendian=sys.byteorder == 'big',
        data=np.ascontiguousarray(pixels), white_level=white_level)


def _has_16_bits(raw: bytes) -> bool:
    return raw.startswith(PNG) and raw[PNG_BIT_DEPTH:PNG_BIT_DEPTH + 1] == b'\x10'


def has_end_mark(data: Any) -> bool:
    """Whether a JPEG that `decode_compressed` takes has the mark at its end; a PNG has it."""
    view = byte_view(data)
    # Nearly all end with it.
    if view[-2:].tobytes() == EOI or view[:len(JPEG)].tobytes() != JPEG:
        return True
    return _check_jpeg(view.tobytes())


def decode_file(raw: bytes, white_level: int = WHITE_LEVEL) -> Picture:
    """Decodes the bytes of a picture file to BGR, rotated as its EXIF orientation says.

    Args:
        raw: The file. JPEG and PNG are checked first; others are left to OpenCV.
        white_level: Of 16-bit samples, see `encodings.to_8_bits`.

    Raises:
        ImageError: It is empty, damaged, truncated, too large, or its samples are neither 8 nor
            16 bits.
    """
    import cv2
    if not raw:
        raise ImageError('the file is empty', cause='no_data')
    pixels = decode_pixels(raw, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    if pixels.dtype == np.uint16:
        return Picture(to_8_bits(pixels, white_level), 'bgr', source_bits=16)
    if pixels.dtype != np.uint8:
        raise ImageError(f'its samples are {pixels.dtype}, and only 8 or 16 bits without a sign '
                         'are read; convert it', cause='unsupported_samples')
    return Picture(np.asarray(pixels, np.uint8), 'bgr')


def decode_pixels(raw: bytes, flags: int) -> NDArray[Any]:
    """The pixels of a JPEG or PNG, after the checks that OpenCV leaves out.

    Args:
        raw: The file; other formats are left to OpenCV.
        flags: How, as of `cv2.imdecode`.

    Raises:
        ImageError: As `decode_compressed`.
    """
    import cv2
    try:
        if raw.startswith(JPEG) and not _check_jpeg(raw):
            return _without_end_mark(raw, flags)
        if raw.startswith(PNG):
            _check_png(raw)
        pixels = cv2.imdecode(np.frombuffer(raw, np.uint8), flags)
    except (struct.error, IndexError) as error:
        raise ImageError('the compressed image ends within its header',
                         cause='truncated') from error
    except cv2.error as error:
        raise ImageError(f'the compressed image is damaged: {error}', cause='damaged') from error
    if pixels is None:
        raise ImageError('the compressed image is damaged', cause='damaged')
    return np.asarray(pixels)


def _without_end_mark(raw: bytes, flags: int) -> NDArray[Any]:
    """The pixels of a JPEG that lacks its end mark, if it lacks no more than a part of a block.

    libjpeg fills what is missing with the grey 128, to the last block. Where that is grey, more
    data is put behind: it changes the picture if it takes the place of what is missing.
    """
    import cv2
    # Data ends with ones, so zeros behind it are padding; ff begins a mark that was cut off,
    # unless a zero comes after it.
    body = raw.rstrip(b'\0')
    body = body + b'\0' if raw[len(body):] and body.endswith(b'\xff') else body.rstrip(b'\xff')
    pixels = cv2.imdecode(np.frombuffer(body + EOI, np.uint8), flags)
    if pixels is None:
        raise ImageError('the compressed image is damaged', cause='damaged')
    if (pixels[-1, -1] == MISSING_GREY).all():
        longer = cv2.imdecode(np.frombuffer(body + FILLING + EOI, np.uint8), flags)
        # With restart marks, data that does not begin with the right one is left out.
        if RESTARTS in raw or longer is None or not np.array_equal(pixels, longer):
            raise ImageError(f'the JPEG is truncated: no end mark in {len(raw)} bytes, and a part '
                             'of the picture is missing', cause='truncated')
    return np.asarray(pixels)


def _other_kind(raw: bytes) -> str:
    kind = content_kind(raw[:HEAD_BYTES])
    if kind is FileKind.VIDEO:
        return f'{kind.value}, such as H.264'
    if kind in (FileKind.TEXT, FileKind.UNKNOWN):
        return f'something that begins with {raw[:8].hex(" ")}'
    return str(kind.value)


def jpeg_size(raw: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG that is not decoded here [px]; None if it has no end mark.

    Raises:
        ImageError: It must not be decoded, as in `decode_compressed`.
    """
    try:
        frame = _jpeg_frame(raw)
        has_end = _has_end(raw, frame)
    except (struct.error, IndexError) as error:
        raise ImageError('the compressed image ends within its header',
                         cause='truncated') from error
    return frame.size if has_end else None


@dataclass(frozen=True)
class _JpegFrame:
    """The header of a JPEG.

    Attributes:
        size: Width and height [px].
        components: How many colours.
        sequential: Whether its only scan has the whole picture.
        scan: Where the first scan begins in the file.
    """

    size: tuple[int, int]
    components: int
    sequential: bool
    scan: int


def _jpeg_frame(raw: bytes) -> _JpegFrame:
    at, size, components, sequential = 2, None, 0, False
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
            size, sequential = (width, height), marker in JPEG_SEQUENTIAL
        at += struct.unpack_from('>H', raw, at)[0]
    if size is None:
        raise ImageError('the JPEG has no size', cause='damaged')
    return _JpegFrame(size, components, sequential, at)


def _check_jpeg(raw: bytes) -> bool:
    """Rejects files that must not be decoded; returns whether there is an end mark."""
    return _has_end(raw, _jpeg_frame(raw))


def _has_end(raw: bytes, frame: _JpegFrame) -> bool:
    # From here on, data bytes ff are followed by 00, so these are marks and nothing else.
    # What comes after the end mark is padding that some cameras send.
    end = raw.find(EOI, frame.scan)
    scans = 1 + raw.count(NEXT_SCAN, frame.scan, end if end >= 0 else len(raw))
    if scans > MAX_SCANS:
        raise ImageError(f'the JPEG has {scans} scans, at most {MAX_SCANS} are taken',
                         cause='too_many_scans')
    # Of several scans the last ones may be missing, which cannot be seen in the picture.
    if end < 0 and not (frame.sequential and scans == 1
                        and raw[frame.scan + 2] == frame.components):
        raise ImageError(f'the JPEG is truncated: no end mark in {len(raw)} bytes',
                         cause='truncated')
    return end >= 0


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
        # OpenCV reads on beyond the end, by lengths that it finds there: 82 bytes took 4 GB.
        raise ImageError('the PNG has no pixels', cause='damaged')
