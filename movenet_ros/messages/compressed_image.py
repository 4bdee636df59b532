"""sensor_msgs/CompressedImage as serialized bytes (CDR)."""
from __future__ import annotations

import struct

from movenet_ros.messages.published_image import PublishedImage, text


def serialize_compressed(image: PublishedImage, format: str, data: bytes | memoryview) -> bytes:
    """The bytes of a message, encapsulation included.

    Args:
        image: Its header counts.
        format: The message's format.
        data: The compressed file.

    Raises:
        struct.error: A number is too large for its field.
        UnicodeEncodeError: A text cannot be written as UTF-8.
    """
    return b''.join((image.header, text(format), struct.pack('<I', len(data)), data))
