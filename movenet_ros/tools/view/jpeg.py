"""Pictures for a browser."""
from __future__ import annotations

import cv2

from movenet_ros.core.types import Picture
from movenet_ros.images.overlay import to_bgr

QUALITY = 80
LONGEST_SIDE = 1920
"""Larger ones are scaled down: a page shows no more [px]."""


def to_jpeg(picture: Picture) -> bytes:
    """A picture as JPEG.

    Args:
        picture: The picture, in any channel order.
    """
    pixels = picture.pixels if picture.order == 'mono' else to_bgr(picture)
    scale = LONGEST_SIDE / max(picture.width, picture.height)
    if scale < 1:
        size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return bytes(cv2.imencode('.jpg', pixels, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))[1])
