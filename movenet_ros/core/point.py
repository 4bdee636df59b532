"""Who is at a point of the image."""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

MARGIN = 0.15
"""Boxes are widened on each side by this multiple of their size: those around keypoints leave out
the top of the head, the hands and the feet."""


def row_at(boxes: NDArray[Any], point: tuple[float, float]) -> int | None:
    """The person at a point.

    Args:
        boxes: [N,4], x_min, y_min, x_max, y_max.
        point: x, y.

    Returns:
        The row of the smallest box around the point; None where there is none.
    """
    size = boxes[:, 2:] - boxes[:, :2]
    inside = ((boxes[:, :2] - MARGIN * size <= point)
              & (boxes[:, 2:] + MARGIN * size >= point)).all(axis=1)
    if not inside.any():
        return None
    return int(np.argmin(np.where(inside, np.prod(size, axis=1), np.inf)))
