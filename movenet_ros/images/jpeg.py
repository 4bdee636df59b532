"""Images as JPEG files, for what shows them."""
from __future__ import annotations

from movenet_ros.core.types import Picture
from movenet_ros.images.cdr import ImageMessage
from movenet_ros.images.compressed_format import parse_format
from movenet_ros.images.content_kind import JPEG
from movenet_ros.images.overlay import to_bgr

QUALITY = 80
"""Of OpenCV's 100; see docs/topics.md for sizes and times. 90 takes 1.4 times as many bytes."""

FORMAT = 'bgr8; jpeg compressed bgr8'
"""Of a CompressedImage, as image_transport's publisher writes it for JPEGs of bgr8 images."""


def as_jpeg(message: ImageMessage | None, picture: Picture) -> tuple[str, bytes | memoryview]:
    """An image as a JPEG: the one that was sent, where viewers show that as it was meant.

    Args:
        message: The image as it was sent; None where it was no message.
        picture: The picture in it.

    Returns:
        The format of a CompressedImage, and the file.
    """
    if message is not None and (sent := sent_jpeg(message)) is not None:
        return message.encoding, sent
    return FORMAT, encode_jpeg(picture)


def sent_jpeg(message: ImageMessage) -> memoryview | None:
    """The JPEG file that an image was sent as; None where viewers would not show it as meant."""
    if message.layout is not None or message.data[:len(JPEG)] != JPEG:
        return None
    parsed = parse_format(message.encoding)
    return None if parsed.bayer or parsed.swapped or parsed.depth else message.data


def encode_jpeg(picture: Picture) -> bytes:
    """A picture as a JPEG file."""
    import cv2
    pixels = picture.pixels if picture.order == 'bgr' else to_bgr(picture)
    _, encoded = cv2.imencode('.jpg', pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return encoded.tobytes()
