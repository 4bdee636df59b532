"""Writes CDR field by field, for messages whose fields do not repeat in one block."""
from __future__ import annotations

import struct
from collections.abc import Iterable

from movenet_ros.messages.published_image import LITTLE_ENDIAN


class CdrWriter:
    """A message while it is written. Numbers begin at multiples of their size."""

    def __init__(self) -> None:
        """Begins with no field."""
        self._body = bytearray()

    def numbers(self, kind: str, *values: float) -> None:
        """Numbers of one kind, one after the other.

        Args:
            kind: As of `struct`: B (uint8), i (int32), I (uint32), d (float64).
            values: The numbers.

        Raises:
            struct.error: A number is too large for its field.
        """
        if values:
            self._body += bytes(-len(self._body) % struct.calcsize(kind))
            self._body += struct.pack(f'<{len(values)}{kind}', *values)

    def text(self, characters: str) -> None:
        """A string.

        Raises:
            UnicodeEncodeError: It cannot be written as UTF-8.
        """
        encoded = characters.encode() + b'\0'
        self.numbers('I', len(encoded))
        self._body += encoded

    def points(self, rows: Iterable[Iterable[float]]) -> None:
        """A list of messages whose fields are all float64."""
        rows = list(rows)
        self.numbers('I', len(rows))
        for row in rows:
            self.numbers('d', *row)

    def message(self) -> bytes:
        """All that was written, encapsulation included."""
        return LITTLE_ENDIAN + self._body
