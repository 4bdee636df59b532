"""The pictures that are shown: frames of the sample clip, at any size."""
from __future__ import annotations

from itertools import islice
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from movenet_ros.media.sources import open_source
from movenet_ros.share import share_dir

CLIP = ('test', 'data', 'one_person.mp4')
FRAMES = 30


def pictures(width: int, height: int, count: int = FRAMES) -> list[NDArray[np.uint8]]:
    """Frames of the clip, each [height, width, 3] in BGR.

    The clip is upright: it is scaled to the height and put in the middle.

    Raises:
        SourceError: The clip is not there; it comes with a source checkout.
    """
    images = []
    with open_source(share_dir().joinpath(*CLIP)) as source:
        for frame in islice(source, count):
            pixels: Any = frame.picture().pixels
            inner = round(pixels.shape[1] * height / pixels.shape[0])
            left = (width - inner) // 2
            images.append(cv2.copyMakeBorder(
                cv2.resize(pixels, (inner, height)), 0, 0, left, width - inner - left,
                cv2.BORDER_REPLICATE))
    return images
