"""What the networks are shown: the sample clips or another, at the sizes that cameras have."""
from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.types import Picture
from movenet_ros.files.videos.source import VideoSource
from movenet_ros.share import sample_clip

SIZES = {'vga': (640, 480), '720p': (1280, 720), '1080p': (1920, 1080)}
"""Width and height by name [px]."""
FPS = 30.0

IMAGES = 20
"""Taken of a clip. Shown there and back, so that motion goes on without a jump."""
SEVERAL = 3
"""Times that two people stand side by side, each time so many images later:"""
LATER = 10
# The two people of several_people.mp4, without the third far behind them: rows, then columns.
TWO_PEOPLE = (slice(40, 420), slice(0, 290))

Image = NDArray[np.uint8]


def scene(model: str, size: tuple[int, int], clip: Path | None = None) -> list[Picture]:
    """The images for a network: six people for MultiPose, one for the others.

    Args:
        model: Name of the network.
        size: Width and height [px].
        clip: A video whose first images are taken instead, for every network.

    Returns:
        Images in BGR, in the order in which they were taken.

    Raises:
        SourceError: The clip is not there, or cannot be read.
    """
    if clip is not None:
        images = _read(clip, IMAGES)
    elif model == 'multipose':
        images = _six_people()
    else:
        images = _read(sample_clip('one_person.mp4'), IMAGES)
    return [Picture(_fitted(image, size), 'bgr') for image in images]


def there_and_back(pictures: Sequence[Picture]) -> list[Picture]:
    """The images, and then all but the last and the first of them in reverse."""
    return [*pictures, *pictures[-2:0:-1]]


def _read(path: Path, count: int | None = None) -> list[Image]:
    with VideoSource(path) as source:
        return [frame.picture().pixels for frame in islice(source, count)]


def _six_people() -> list[Image]:
    clip = [image[TWO_PEOPLE] for image in _read(sample_clip('several_people.mp4'))]
    shown = []
    for index in range(IMAGES):
        pairs = [clip[index + LATER * pair] for pair in range(SEVERAL)]
        pairs[1] = pairs[1][:, ::-1]
        shown.append(np.hstack(pairs))
    return shown


def _fitted(image: Image, size: tuple[int, int]) -> Image:
    """As large as fits, in the middle, black around it."""
    width, height = size
    scale = min(width / image.shape[1], height / image.shape[0])
    wide, high = round(image.shape[1] * scale), round(image.shape[0] * scale)
    fitted = np.zeros((height, width, 3), np.uint8)
    top, left = (height - high) // 2, (width - wide) // 2
    fitted[top:top + high, left:left + wide] = cv2.resize(
        image, (wide, high), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return fitted
