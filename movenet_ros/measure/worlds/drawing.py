"""Draws people, posts and backgrounds."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from movenet_ros.measure.worlds.cutouts import CutOut

MARGIN = 100
"""By how much a background is larger than the image, on each side [px]."""

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Sprite:
    """A person in the size in which they are drawn.

    Attributes:
        pixels: float32 [H,W,4], BGR times opacity, and opacity from 0 to 1.
        keypoints: float64 [17,3], x, y [px] and visibility.
    """

    pixels: NDArray[np.float32]
    keypoints: NDArray[np.float64]

    @property
    def area(self) -> int:
        """Of the person [px^2]."""
        return int(np.count_nonzero(self.pixels[:, :, 3] > 0.5))


def sprite(cutout: CutOut, height: float) -> Sprite:
    """A cut-out in another size.

    Args:
        cutout: The person.
        height: Wanted [px].
    """
    import cv2
    rows, columns = cutout.mask.shape
    size = max(1, round(columns * height / rows)), max(1, round(height))
    opacity = cutout.mask[:, :, None].astype(np.float32) / 255
    pixels = np.concatenate((cutout.pixels * opacity, opacity), axis=2)
    # The mean over pixels when it becomes smaller: no moire.
    how = cv2.INTER_AREA if height < rows else cv2.INTER_LINEAR
    keypoints = cutout.keypoints.copy()
    keypoints[:, :2] *= size[0] / columns, size[1] / rows
    return Sprite(np.asarray(cv2.resize(pixels, size, interpolation=how), np.float32), keypoints)


def paste(image: Image, person: Sprite, left: float, top: float) -> Mask:
    """Draws a person.

    Args:
        image: uint8 BGR [H,W,3]; drawn into.
        person: Whom to draw.
        left: Of the person, in the image [px]; to a fraction of a pixel, and may be outside.
        top: Likewise.

    Returns:
        bool [H,W], where the person is.
    """
    import cv2
    covered = np.zeros(image.shape[:2], np.bool_)
    x, y = int(np.floor(left)), int(np.floor(top))
    height, width = person.pixels.shape[0] + 1, person.pixels.shape[1] + 1
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + width, image.shape[1]), min(y + height, image.shape[0])
    if x0 >= x1 or y0 >= y1:
        return covered
    shift = np.array([[1, 0, left - x], [0, 1, top - y]])
    moved = cv2.warpAffine(person.pixels, shift, (width, height))[y0 - y:y1 - y, x0 - x:x1 - x]
    opacity = moved[:, :, 3:]
    window = image[y0:y1, x0:x1]
    window[:] = np.rint(window * (1 - opacity) + moved[:, :, :3]).clip(0, 255)
    covered[y0:y1, x0:x1] = opacity[:, :, 0] > 0.5
    return covered


def draw_post(image: Image, left: float, width: float) -> Mask:
    """Draws a round grey post from top to bottom, and returns bool [H,W], where it is.

    Args:
        image: uint8 BGR [H,W,3]; drawn into.
        left: Its edge [px].
        width: Of the post [px].
    """
    across = np.arange(image.shape[1]) + 0.5 - left
    inside = (across >= 0) & (across < width)
    image[:, inside] = np.rint(60 + 110 * np.sin(np.pi * across[inside] / width))[:, None]
    return np.broadcast_to(inside, image.shape[:2])


def drawn_background(width: int, height: int, rng: np.random.Generator) -> Image:
    """A gradient with blots, uint8 BGR [height,width,3], for want of a picture."""
    import cv2
    ends = rng.uniform(60, 200, (2, 1, 1, 3))
    weight = np.linspace(0, 1, height)[:, None, None]
    blots = rng.normal(0, 25, (max(2, height // 40), max(2, width // 40), 3))
    image = (ends[0] * (1 - weight) + ends[1] * weight
             + cv2.resize(blots, (width, height), interpolation=cv2.INTER_CUBIC))
    return np.asarray(image.clip(0, 255), np.uint8)


def covering(picture: Image, width: int, height: int) -> Image:
    """The middle of a picture in a size that covers width and height [px]."""
    import cv2
    scale = max(width / picture.shape[1], height / picture.shape[0])
    size = (max(width, round(picture.shape[1] * scale)),
            max(height, round(picture.shape[0] * scale)))
    large = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return large[top:top + height, left:left + width]


def seen_part(background: Image, view: Sequence[float], width: int, height: int) -> Image:
    """What of a background is in an image, uint8 BGR [height,width,3].

    Args:
        background: Larger than the image by `MARGIN` on each side.
        view: How far the image is to the right and below the middle [px].
        width: Of the image [px].
        height: Of the image [px].
    """
    import cv2
    shift = np.array([[1, 0, MARGIN + view[0]], [0, 1, MARGIN + view[1]]])
    return np.asarray(cv2.warpAffine(background, shift, (width, height),
                                     flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP), np.uint8)
