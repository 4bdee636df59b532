"""How many frames a video should have, and whether it is complete, from its container.

Only the sizes in its structure are read, never the coded images, so this takes a fraction of a
second even for hours of video. Durations in headers are no such promise: most are an estimate, or
the duration of the longest stream.
"""
from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from movenet_ros.errors import counted
from movenet_ros.images.content_kind import ASF, EBML, FLV, GIF, QUICKTIME, RIFF
from movenet_ros.regular_files import open_regular_file

MP4_TYPES = (b'ftyp', *QUICKTIME, b'styp', b'moof')
LARGEST_MOOV = 256 * 2 ** 20
SEGMENT, CLUSTER = 0x18538067, 0x1F43B675
# Some recorders count the first 8 bytes twice.
RIFF_SLACK = 8
FLV_TAGS = (8, 9, 18)  # audio, video, script data
GIF_EXTENSION, GIF_IMAGE, GIF_TRAILER = 0x21, 0x2C, 0x3B
# Some ten seconds, or days of video.
MOST_READS = 10_000_000
GIF_COLOURS = 0x80  # flag: a table of colours follows


class TooManyPartsError(Exception):
    """A container has too many parts to read in reasonable time."""


class DamagedStructureError(Exception):
    """The structure of a container breaks off; the text says how."""


@dataclass(frozen=True)
class FrameCount:
    """The number of frames by a container.

    Attributes:
        exact: Whether OpenCV's frame count is that of the images. Most containers have none, and
            it is duration times rate; in AVI it is a count, but of empty frames as well.
        shown_s: How long an edit list makes the video [s]; None where there is no edit list.
            Frames outside of it are counted, but never shown.
        shown_share: What share of the duration of all frames that is.
    """

    exact: bool = False
    shown_s: float | None = None
    shown_share: float = 1.0


class SparseReader:
    """Reads a few bytes here and there, without a buffer that would read the whole file.

    Attributes:
        size: Of the file [bytes].
    """

    def __init__(self, descriptor: int) -> None:
        """Takes a file descriptor, which stays open."""
        self._descriptor = descriptor
        self._left = MOST_READS
        self.size = os.fstat(descriptor).st_size

    def read(self, at: int, count: int) -> bytes:
        """Exactly `count` bytes from `at` on.

        Raises:
            DamagedStructureError: The file ends before.
            TooManyPartsError: This has been asked for too often.
        """
        if not self._left:
            raise TooManyPartsError
        self._left -= 1
        data = os.pread(self._descriptor, count, at)
        if len(data) < count:
            raise DamagedStructureError(f'it breaks off after {self.size} bytes')
        return data

    def within(self, end: int, slack: int = 0) -> int:
        """The end of a part [bytes from the start], which must be within the file.

        Raises:
            DamagedStructureError: It is more than `slack` bytes beyond the end of the file.
        """
        if end > self.size + slack:
            raise DamagedStructureError('its end is missing, at least '
                                        + counted(end - self.size, 'byte'))
        return end


def frame_count(path: Path) -> FrameCount:
    """How far OpenCV's frame count of a video can be relied on.

    Raises:
        OSError: The file cannot be read.
    """
    with _opened(path) as file, suppress(DamagedStructureError, TooManyPartsError,
                                       struct.error):
        if file.read(4, 4) in MP4_TYPES:
            return _count_mp4(file)
    return FrameCount()


def has_only_sound(path: Path) -> bool:
    """Whether an MP4 has tracks of sound and none of video; False for other containers.

    Raises:
        OSError: The file cannot be read.
    """
    handlers: set[bytes] = set()
    with _opened(path) as file, suppress(DamagedStructureError, TooManyPartsError):
        if file.read(4, 4) in MP4_TYPES:
            handlers = {_child(track, b'mdia', b'hdlr')[8:12]
                        for kind, track in _children(_moov(file)) if kind == b'trak'}
    return b'soun' in handlers and b'vide' not in handlers


def find_damage(path: Path) -> str | None:
    """Whether a container is cut off, or its structure destroyed.

    Returns:
        What is wrong, in a few words; None for one that is whole, and for those whose structure
        does not state it, such as transport streams and raw video.

    Raises:
        OSError: The file cannot be read.
    """
    with _opened(path) as file:
        try:
            head = file.read(0, 16)
            check = next((check for offset, marks, check in CHECKS
                          if any(head.startswith(mark, offset) for mark in marks)), None)
            if check:
                check(file)
        except DamagedStructureError as error:
            return str(error)
        except TooManyPartsError:
            return None
    return None


@contextmanager
def _opened(path: Path) -> Iterator[SparseReader]:
    with open_regular_file(path) as file:
        yield SparseReader(file.fileno())


def _mp4_boxes(file: SparseReader) -> Iterator[tuple[bytes, int, int]]:
    """Type, start of the content and end of each box of the file, also of one that is cut off."""
    at = 0
    while at + 8 <= file.size:
        size, kind = struct.unpack('>I4s', file.read(at, 8))
        head = 8
        if size == 0 and not kind.strip(b'\0'):
            return  # padding, which some cameras leave
        if size == 1:
            size, head = int.from_bytes(file.read(at + 8, 8), 'big'), 16
        elif size == 0:
            size = file.size - at
        if size < head:
            raise DamagedStructureError(f'its structure is damaged at byte {at}')
        yield kind, at + head, at + size
        at += size


def _check_mp4(file: SparseReader) -> None:
    kinds = set()
    for kind, _, end in _mp4_boxes(file):
        file.within(end)
        kinds.add(kind)
    if b'moov' not in kinds:
        raise DamagedStructureError('it has no index (moov), which most recorders write last')


def _count_mp4(file: SparseReader) -> FrameCount:
    for kind, track in _children(moov := _moov(file)):
        if kind == b'trak' and _child(track, b'mdia', b'hdlr')[8:12] == b'vide':
            return _count_edited(moov, track)
    return FrameCount()  # sound, perhaps with a cover picture, of which FFmpeg makes a video


def _moov(file: SparseReader) -> bytes:
    """The index; empty if there is none, or none of all frames."""
    kinds: dict[bytes, tuple[int, int]] = {}
    # The media may be cut off and the index be there all the same.
    with suppress(DamagedStructureError):
        for kind, start, end in _mp4_boxes(file):
            kinds.setdefault(kind, (start, end))
    start, end = kinds.get(b'moov', (0, 0))
    if b'moof' in kinds or not 0 < end - start <= LARGEST_MOOV:
        return b''
    return file.read(start, end - start)


def _count_edited(moov: bytes, track: bytes) -> FrameCount:
    """What the edit list of a video track leaves of its frames."""
    scale, _ = _duration(_child(moov, b'mvhd'))
    media_scale, media = _duration(_child(track, b'mdia', b'mdhd'))
    edits = _child(track, b'edts', b'elst')
    if not (edits and scale and media_scale and media):
        return FrameCount(exact=True)
    entry = struct.Struct('>Qqi' if edits[:1] == b'\1' else '>Iii')
    items = [entry.unpack_from(edits, 8 + index * entry.size)
             for index in range(struct.unpack_from('>I', edits, 4)[0])]
    # A media time of -1 is an empty edit: a delay before the first frame.
    shown_s = sum(duration for duration, media_time, _ in items if media_time >= 0) / scale
    if not shown_s:
        return FrameCount(exact=True)
    return FrameCount(exact=True, shown_s=shown_s,
                      shown_share=min(1.0, shown_s * media_scale / media))


def _duration(header: bytes) -> tuple[int, int]:
    """Ticks per second and duration [ticks] from an mvhd or mdhd box."""
    scale, duration = struct.unpack_from(*(('>IQ', header, 20) if header[:1] == b'\1'
                                           else ('>II', header, 12)))
    return scale, duration


def _children(box: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(box):
        size, kind = struct.unpack_from('>I4s', box, at)
        if size < 8:
            return
        yield kind, box[at + 8:at + size]
        at += size


def _child(box: bytes, *names: bytes) -> bytes:
    """The content of a box within boxes; empty if there is none."""
    for name in names:
        box = next((content for kind, content in _children(box) if kind == name), b'')
    return box


def _check_matroska(file: SparseReader) -> None:
    at, end = 0, file.size
    while at < end:
        head = file.read(at, min(12, file.size - at))
        element, used = _variable_length(head, at, keep_marker=True)
        size, more = _variable_length(head[used:], at)
        start = at + used + more
        # All ones: as long as it turns out to be, as live recorders write it.
        known = size != (1 << 7 * more) - 1
        if element == SEGMENT and known:
            end = file.within(start + size)
        # The children of these are walked through, too; everything else is skipped.
        at = start if element in (SEGMENT, CLUSTER) or not known else file.within(start + size)


def _variable_length(head: bytes, at: int, keep_marker: bool = False) -> tuple[int, int]:
    """An EBML number and how many bytes it takes; the first set bit says how many."""
    used = 9 - head[0].bit_length() if head else 9
    if used > min(8, len(head)):
        raise DamagedStructureError(f'its structure is damaged at byte {at}')
    value = int.from_bytes(head[:used], 'big')
    return value if keep_marker else value - (1 << 7 * used), used


def _check_riff(file: SparseReader) -> None:
    at, end = 0, 0
    while at + 8 <= file.size:
        name, size = struct.unpack('<4sI', file.read(at, 8))
        if name == RIFF:
            # Large files are several of these, one after the other.
            if size in (0, 0xFFFFFFFF):
                return  # written to a pipe: its sizes were never filled in
            end = at + 8 + size
            file.within(end, RIFF_SLACK)
        if at >= end:
            return  # something else that follows
        if not name.strip(b'\0'):
            raise DamagedStructureError(f'its structure is damaged at byte {at}')
        # The chunks within these are walked through, too; everything else is skipped.
        at += 12 if name in (RIFF, b'LIST') else 8 + size + size % 2
    file.within(end, RIFF_SLACK)


def _check_asf(file: SparseReader) -> None:
    at = 0
    while at < file.size:
        size = int.from_bytes(file.read(at, 24)[16:], 'little')
        if size < 24:
            return  # a live recording: its sizes were never filled in
        at = file.within(at + size)


def _check_flv(file: SparseReader) -> None:
    at = int.from_bytes(file.read(5, 4), 'big') + 4
    while at < file.size:
        head = file.read(at, 4)
        if head[0] & 0x1F not in FLV_TAGS:
            raise DamagedStructureError(f'its structure is damaged at byte {at}')
        # Each tag has 11 bytes before its data, and its size again after it.
        at = file.within(at + 11 + int.from_bytes(head[1:], 'big')) + 4


def gif_images(path: Path) -> int:
    """How many images a GIF has, up to where it is damaged.

    Raises:
        OSError: The file cannot be read.
    """
    count = 0
    with _opened(path) as file, suppress(DamagedStructureError, TooManyPartsError):
        for kind in _gif_blocks(file):
            count += kind == GIF_IMAGE
    return count


def _check_gif(file: SparseReader) -> None:
    for _ in _gif_blocks(file):
        pass


def _gif_blocks(file: SparseReader) -> Iterator[int]:
    """The kind of each block, after what it holds was found to be there."""
    at = 13 + _colours(file.read(10, 1)[0])
    # Some programs leave the trailer out.
    while at < file.size and (kind := file.read(at, 1)[0]) != GIF_TRAILER:
        if kind == GIF_IMAGE:
            at += 11 + _colours(file.read(at + 9, 1)[0])
        elif kind == GIF_EXTENSION:
            at += 2
        else:
            raise DamagedStructureError(f'its structure is damaged at byte {at}')
        while size := file.read(at, 1)[0]:
            at += 1 + size
        at += 1
        yield kind


def _colours(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 << (flags & 7) + 1 if flags & GIF_COLOURS else 0


CHECKS: tuple[tuple[int, tuple[bytes, ...], Callable[[SparseReader], None]], ...] = (
    (4, MP4_TYPES, _check_mp4), (0, (EBML,), _check_matroska), (0, (RIFF,), _check_riff),
    (0, (ASF,), _check_asf), (0, (FLV,), _check_flv), (0, (GIF,), _check_gif))
