"""The largest size of a picture; a larger one is an error, or an attack."""
from __future__ import annotations

from movenet_ros.errors import ImageError

MAX_SIDE = 16384  # px
MAX_PIXELS = 64 * 2**20


def check_size(width: int, height: int) -> None:
    """Rejects sizes that no picture of a robot's camera has.

    Args:
        width: Declared width [px].
        height: Declared height [px].

    Raises:
        ImageError: Empty (cause `no_size`) or beyond the limits (cause `too_large`).
    """
    if width <= 0 or height <= 0:
        raise ImageError(f'the image is empty: {width} x {height}', cause='no_size')
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise ImageError(
            f'the image is declared as {width} x {height}; at most {MAX_SIDE} px a side and '
            f'{MAX_PIXELS // 2**20} megapixels (of 2^20) are taken', cause='too_large')
