"""What all messages about one image have in common, and CDR for it."""
from __future__ import annotations

import struct
from dataclasses import dataclass

LITTLE_ENDIAN = b'\0\1\0\0'


@dataclass(frozen=True)
class PublishedImage:
    """An image whose PoseArray was published.

    Attributes:
        stamp: Seconds and nanoseconds of the image's header.
        frame_id: Of the image's header.
        width, height: Of the image [px].
        sequence: Number of the PoseArray since activation.
        model: The model that detected the people.
    """

    stamp: tuple[int, int]
    frame_id: str
    width: int
    height: int
    sequence: int
    model: str

    @property
    def header(self) -> bytes:
        """The image's header as serialized bytes, encapsulation included.

        Raises:
            struct.error: A number is too large for its field.
            UnicodeEncodeError: The frame_id cannot be written as UTF-8.
        """
        return b''.join((LITTLE_ENDIAN, struct.pack('<iI', *self.stamp), text(self.frame_id)))


def text(characters: str) -> bytes:
    """Length, characters, end mark, and what makes it a multiple of 4."""
    encoded = characters.encode() + b'\0'
    return struct.pack('<I', len(encoded)) + encoded + bytes(-len(encoded) % 4)
