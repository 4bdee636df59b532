"""Reads serialized sensor_msgs images (CDR) without building a message.

The pixels are a view of the serialized bytes. A damaged message, whatever it holds, raises
ImageError.
"""
from __future__ import annotations

from dataclasses import dataclass

from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.images.compressed import decode_compressed
from movenet_ros.images.encodings import WHITE_LEVEL, to_picture
from movenet_ros.images.message_reader import MessageReader

IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED_IMAGE = 'sensor_msgs/msg/CompressedImage'


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
    (seconds, nanoseconds), frame_id = MessageReader(raw).header()
    return seconds * NANOSECONDS + nanoseconds, frame_id


def read_image(raw: bytes | memoryview, kind: str) -> ImageMessage:
    """A serialized image message.

    Args:
        raw: The whole message with its 4 bytes of encapsulation.
        kind: `IMAGE` or `COMPRESSED_IMAGE`.

    Raises:
        ImageError: It is none (cause `damaged_message`).
    """
    reader = MessageReader(raw)
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
