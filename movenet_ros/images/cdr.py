"""Reads serialized sensor_msgs images (CDR) without building a message.

The pixels are a view of the serialized bytes. A damaged message, whatever it holds, raises
ImageError.
"""
from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.errors import ImageError
from movenet_ros.images.compressed import decode_compressed
from movenet_ros.images.encodings import WHITE_LEVEL, to_picture

IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED_IMAGE = 'sensor_msgs/msg/CompressedImage'
# Representation: plain CDR or XCDR2. They differ in how 8-byte values are aligned, and an
# image message has none.
BYTE_ORDERS = {b'\0\0': '>', b'\0\1': '<', b'\0\6': '>', b'\0\7': '<'}
PREFIX = 4


class _Reader:
    """Walks through one serialized message."""

    def __init__(self, raw: bytes | memoryview) -> None:
        self._raw = memoryview(raw)
        representation = bytes(self._raw[:2])
        if representation not in BYTE_ORDERS:
            raise ImageError('the message is not serialized as CDR: it begins with '
                             f'{representation.hex(" ") or "nothing"}', cause='damaged_message')
        self._order = BYTE_ORDERS[representation]
        self._at = PREFIX

    def numbers(self, kinds: str) -> tuple[Any, ...]:
        """Numbers of the struct module's kinds, each aligned to its own size."""
        return tuple(self._number(kind) for kind in kinds)

    def _number(self, kind: str) -> int:
        size = struct.calcsize('=' + kind)
        self._at += -(self._at - PREFIX) % size
        try:
            number: int = struct.unpack_from(self._order + kind, self._raw, self._at)[0]
        except struct.error as error:
            raise ImageError(f'the message ends after {len(self._raw)} bytes, within its fields',
                             cause='damaged_message') from error
        self._at += size
        return number

    def block(self) -> memoryview:
        """Bytes after their count."""
        count = self._number('I')
        block = self._raw[self._at:self._at + count]
        if len(block) < count:
            raise ImageError(f'the message announces {count} bytes, but {len(block)} are left',
                             cause='damaged_message')
        self._at += count
        return block

    def text(self) -> str:
        """A string; undecodable bytes are replaced, for it only goes into messages."""
        return bytes(self.block()).rstrip(b'\0').decode('utf-8', 'replace')

    def header(self) -> tuple[tuple[int, int], str]:
        """Stamp, in seconds and nanoseconds, and frame_id of a std_msgs/Header."""
        return (self._number('i'), self._number('I')), self.text()


@dataclass(frozen=True, eq=False)
class ImageMessage:
    """A sensor_msgs/Image or CompressedImage; its data is a view of the serialized message.

    Attributes:
        stamp: Seconds and nanoseconds of its header.
        frame_id: Of its header.
        encoding: Of the pixels; the `format` of a compressed image.
        data: The pixels, or the compressed file.
        layout: Height, width, step, and whether numbers are big-endian; None if compressed.
    """

    stamp: tuple[int, int]
    frame_id: str
    encoding: str
    data: memoryview
    layout: tuple[int, int, int, bool] | None = None

    @property
    def stamp_ns(self) -> int:
        """The stamp as one integer [ns]."""
        return self.stamp[0] * NANOSECONDS + self.stamp[1]

    def picture(self, white_level: int = WHITE_LEVEL) -> Picture:
        """The picture in it.

        Args:
            white_level: Of 16-bit samples, see `encodings.to_8_bits`.

        Raises:
            ImageError: As `to_picture` and `decode_compressed`.
        """
        if self.layout is None:
            return decode_compressed(self.encoding, self.data, white_level)
        height, width, step, is_bigendian = self.layout
        return to_picture(encoding=self.encoding, height=height, width=width, step=step,
                          is_bigendian=is_bigendian, data=self.data, white_level=white_level)


def read_header(raw: bytes | memoryview) -> tuple[int, str]:
    """Stamp [ns] and frame_id at the beginning of a serialized message.

    Raises:
        ImageError: There is none (cause `damaged_message`).
    """
    (seconds, nanoseconds), frame_id = _Reader(raw).header()
    return seconds * NANOSECONDS + nanoseconds, frame_id


def read_image(raw: bytes | memoryview, kind: str) -> ImageMessage:
    """A serialized image message.

    Args:
        raw: The whole message with its 4 bytes of encapsulation.
        kind: `IMAGE` or `COMPRESSED_IMAGE`.

    Raises:
        ImageError: It is none (cause `damaged_message`).
    """
    reader = _Reader(raw)
    stamp, frame_id = reader.header()
    if kind == COMPRESSED_IMAGE:
        return ImageMessage(stamp, frame_id, reader.text(), reader.block())
    height, width = reader.numbers('II')
    encoding = reader.text()
    is_bigendian, step = reader.numbers('BI')
    return ImageMessage(stamp, frame_id, encoding, reader.block(),
                        (height, width, step, bool(is_bigendian)))


def read_picture(raw: bytes | memoryview, kind: str) -> Picture:
    """The picture in a serialized message, see `read_image`.

    Raises:
        ImageError: As `to_picture` and `decode_compressed`, or `damaged_message`.
    """
    return read_image(raw, kind).picture()
