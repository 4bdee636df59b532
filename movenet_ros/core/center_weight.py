"""What the centre of a person counts at each pixel of a single-person network's center heatmap.

A single-person network decodes the person whose centre is the strongest after this weight. The
published weight falls with the distance from the middle of the picture. Where MultiPose has seen
the person to be read, a weight around that place keeps the network from reading somebody else
in the same crop.
"""
from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

BLUR = 1.79999
"""Added to every distance [map pixels].

The table was made with 1.8, in single precision and before its values were rounded to float16.
This number gives every value of it; 1.8 does not, where the quotient is nearly halfway between
two of them.
"""


@lru_cache(maxsize=4)
def published_weight(side: int) -> Array:
    """The weight in the published graphs, exactly.

    Args:
        side: Of the center heatmap [map pixels].

    Returns:
        float32 [side,side], read-only.
    """
    away = np.arange(side) - side / 2
    distance = np.sqrt(away[:, None] ** 2 + away ** 2)
    # The graphs store the table as float16.
    weight: Array = (1 / (distance + BLUR)).astype(np.float16).astype(np.float32)
    weight.flags.writeable = False
    return weight


def published_weights(count: int, side: int) -> Array:
    """The published weight for each of several pictures, float32 [count,side,side], a view."""
    return np.broadcast_to(published_weight(side), (count, side, side))


def weight_around(x: float, y: float, spread: float, side: int) -> Array:
    """A Gaussian around the place where a person is expected.

    Args:
        x: Of that place, normalised to the picture.
        y: The same.
        spread: Standard deviation, normalised to the picture.
        side: Of the center heatmap [map pixels].

    Returns:
        float32 [side,side], 1 at the place, nowhere 0.
    """
    pixels = np.arange(side, dtype=np.float32) / np.float32(side)
    along_x = np.exp(-0.5 * ((pixels - np.float32(x)) / np.float32(spread)) ** 2)
    along_y = np.exp(-0.5 * ((pixels - np.float32(y)) / np.float32(spread)) ** 2)
    return np.asarray(np.maximum(along_y[:, None] * along_x, np.finfo(np.float32).tiny))
