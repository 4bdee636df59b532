"""Counts the pictures in a picture file: animations, pages, or JPEGs one after the other."""
from __future__ import annotations

import re
import struct
from contextlib import suppress

from movenet_ros.images.compressed import JPEG_FRAMES, SOS
from movenet_ros.images.content_kind import HEAD_BYTES, JPEG, PNG, FileKind, content_kind

# The end of one JPEG, padding, and the start of the next one.
NEXT_JPEG = re.compile(rb'\xff\xd9[\0\xff]*\xff\xd8\xff')
# The pictures of a Multi-Picture file are one: previews, a map of its brightness, a second eye.
MULTI_PICTURE = b'MPF\0'
FILL = 0xFF
WEBP_ANIMATED = 0x02
TIFF_KIND, TIFF_REDUCED = 254, 1
MOST_PAGES = 100_000


def picture_count(raw: bytes) -> int:
    """The number of pictures in a file, at least 1.

    Args:
        raw: The file: JPEG, PNG, WebP or TIFF; all others have one. Previews, and
            JPEGs of another size than the first, do not count.
    """
    count = {FileKind.JPEG: _count_jpegs, FileKind.PNG: _count_png, FileKind.WEBP: _count_webp,
             FileKind.TIFF: _count_tiff}.get(content_kind(raw[:HEAD_BYTES]))
    try:
        return max(1, count(raw)) if count else 1
    except (struct.error, IndexError):
        return 1  # it is damaged, which is reported when it is decoded


def _count_jpegs(raw: bytes) -> int:
    size, is_multi_picture, scan = _jpeg_header(raw, 0)
    if is_multi_picture:
        return 1
    count = 1
    for following in NEXT_JPEG.finditer(raw, scan):
        # One that is cut off within its header is none.
        with suppress(struct.error, IndexError):
            count += _jpeg_header(raw, following.end() - len(JPEG))[0] == size
    return count


def _jpeg_header(raw: bytes, start: int) -> tuple[bytes, bool, int]:
    """The size in a JPEG, whether it is a Multi-Picture file, and where its first scan begins."""
    at, size, is_multi_picture = start + len(JPEG) - 1, b'', False
    while (marker := raw[at + 1]) != SOS:
        if marker == FILL:
            at += 1
            continue
        is_multi_picture |= raw[at + 4:at + 8] == MULTI_PICTURE
        if marker in JPEG_FRAMES:
            size = raw[at + 5:at + 9]
        at += 2 + int(struct.unpack_from('>H', raw, at + 2)[0])
    return size, is_multi_picture, at


def _count_png(raw: bytes) -> int:
    at = len(PNG)
    while (kind := raw[at + 4:at + 8]) not in (b'IDAT', b'acTL', b''):
        at += 12 + int(struct.unpack_from('>I', raw, at)[0])
    return int(struct.unpack_from('>I', raw, at + 8)[0]) if kind == b'acTL' else 1


def _count_webp(raw: bytes) -> int:
    if raw[12:16] != b'VP8X' or not raw[20] & WEBP_ANIMATED:
        return 1
    at, count = 12, 0
    while at + 8 <= len(raw):
        kind, size = struct.unpack_from('<4sI', raw, at)
        count += kind == b'ANMF'
        at += 8 + size + size % 2
    return count


def _count_tiff(raw: bytes) -> int:
    order = '<' if raw.startswith(b'I') else '>'
    big = raw[2:4] in (b'+\0', b'\0+')
    # Of BigTIFF: the number of entries, each of them, and an offset take 8, 20 and 8 bytes.
    entries, entry, offset = (f'{order}Q', 20, f'{order}Q') if big else (f'{order}H', 12,
                                                                      f'{order}I')
    at = struct.unpack_from(offset, raw, 8 if big else 4)[0]
    seen: set[int] = set()
    count = 0
    while at and at not in seen and len(seen) < MOST_PAGES:
        seen.add(at)
        start = at + struct.calcsize(entries)
        end = start + entry * struct.unpack_from(entries, raw, at)[0]
        tag, value = (struct.unpack_from(f'{order}{form}', raw, start + shift)[0]
                      for form, shift in (('H', 0), ('I', 12 if big else 8)))
        # Tags are in order, and this one is the lowest.
        count += not (tag == TIFF_KIND and value & TIFF_REDUCED)
        at = struct.unpack_from(offset, raw, end)[0]
    return count
