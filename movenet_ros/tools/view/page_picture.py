"""The picture of an image message as a JPEG for the page."""
from __future__ import annotations

from dataclasses import dataclass

from movenet_ros.images.cdr import ImageMessage
from movenet_ros.images.compressed import jpeg_size
from movenet_ros.images.jpeg import sent_jpeg
from movenet_ros.tools.view.jpeg import to_jpeg


@dataclass(frozen=True)
class PagePicture:
    """A picture for the page.

    Attributes:
        jpeg: The file.
        width, height: Of the image [px]; the JPEG may be smaller.
    """

    jpeg: bytes
    width: int
    height: int


def page_picture(message: ImageMessage, white_level: int) -> PagePicture:
    """The picture of a message; a JPEG is passed on as it is.

    Args:
        message: The image.
        white_level: Of 16-bit samples, see `encodings.to_8_bits`.

    Raises:
        ImageError: It has no picture that can be read.
    """
    if (sent := sent_jpeg(message)) is not None:
        jpeg = bytes(sent)
        if (size := jpeg_size(jpeg)) is not None:
            return PagePicture(jpeg, *size)
    picture = message.picture(white_level)
    return PagePicture(to_jpeg(picture), picture.width, picture.height)
