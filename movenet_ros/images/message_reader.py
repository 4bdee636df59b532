"""Reads the fields of a serialized ROS message (CDR) one after the other."""
from __future__ import annotations

import struct
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.errors import ImageError

# Plain CDR and XCDR2: the byte order, and what numbers are aligned to at most.
REPRESENTATIONS = {b'\0\0': ('>', 8), b'\0\1': ('<', 8), b'\0\6': ('>', 4), b'\0\7': ('<', 4)}
WIDEST = 8
PREFIX = 4
MOST_PADDING = 3
"""What a structure may lack at the end of a message [bytes]."""


class MessageReader:
    """Walks through one serialized message.

    What a damaged message makes impossible raises ImageError with the cause `damaged_message`.
    """

    def __init__(self, raw: bytes | memoryview) -> None:
        """Begins after the encapsulation.

        Args:
            raw: The whole message with its 4 bytes of encapsulation.

        Raises:
            ImageError: It is not CDR.
        """
        self._raw = memoryview(raw)
        representation = bytes(self._raw[:2])
        if representation not in REPRESENTATIONS:
            raise ImageError('the message is not serialized as CDR: it begins with '
                             f'{representation.hex(" ") or "nothing"}', cause='damaged_message')
        self._order, self._widest = REPRESENTATIONS[representation]
        self._at = PREFIX

    def numbers(self, kinds: str) -> tuple[Any, ...]:
        """Numbers of the struct module's kinds, each aligned to its own size."""
        at = (self._at - PREFIX) % WIDEST
        return self._take(_layout(self._order, self._widest, kinds, at))

    def doubles(self, count: int | None = None) -> tuple[float, ...]:
        """An array of float64; without a count, one that follows its count."""
        if count is None:
            count, = self.numbers('I')
        # An empty sequence is not aligned.
        if not count:
            return ()
        self._at += -(self._at - PREFIX) % self._widest
        return self._take(struct.Struct(f'{self._order}{count}d'))

    def _take(self, layout: struct.Struct) -> tuple[Any, ...]:
        if self._at + layout.size > len(self._raw):
            raise ImageError(f'the message ends after {len(self._raw)} bytes, within its fields',
                             cause='damaged_message')
        numbers = layout.unpack_from(self._raw, self._at)
        self._at += layout.size
        return numbers

    def block(self) -> memoryview:
        """Bytes after their count."""
        count, = self.numbers('I')
        block = self._raw[self._at:self._at + count]
        if len(block) < count:
            raise ImageError(f'the message announces {count} bytes, but {len(block)} are left',
                             cause='damaged_message')
        self._at += count
        return block

    def structures(self, layout: np.dtype[Any], count: int) -> NDArray[Any]:
        """An array of structures, as a sequence at the end of the message.

        Args:
            layout: Of one, little-endian, with the padding that comes before the next one.
            count: How many there are.

        Returns:
            [count], in the machine's byte order or not.
        """
        self._at += -(self._at - PREFIX) % 4
        missing = count * layout.itemsize - len(self._raw[self._at:])
        if missing > MOST_PADDING:
            raise ImageError(f'the message announces {count} structures, but {missing} bytes of '
                             'them are missing', cause='damaged_message')
        data = bytes(self._raw[self._at:]) + bytes(max(0, missing))
        self._at = len(self._raw)
        swapped = layout.newbyteorder('>') if self._order == '>' else layout
        array: NDArray[Any] = np.frombuffer(data, swapped, count)
        return array

    def text(self) -> str:
        """A string; undecodable bytes are replaced, for it only goes into messages."""
        return bytes(self.block()).rstrip(b'\0').decode('utf-8', 'replace')

    def header(self) -> tuple[tuple[int, int], str]:
        """Stamp, in seconds and nanoseconds, and frame_id of a std_msgs/Header."""
        seconds, nanoseconds = self.numbers('iI')
        return (seconds, nanoseconds), self.text()


@cache
def _layout(order: str, widest: int, kinds: str, at: int) -> struct.Struct:
    """Numbers with what aligns them, from `at` bytes after a multiple of `WIDEST` on."""
    text = order
    for kind in kinds:
        size = struct.calcsize(f'={kind}')
        padding = -at % min(size, widest)
        text += f'{padding}x{kind}'
        at += padding + size
    return struct.Struct(text)
