"""Depths of small regions of a depth image, many regions at once."""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.geometry.depth_image import DepthImage


def region_depths(depth: DepthImage, centre: NDArray[Any], half: NDArray[np.float64],
                  count: int) -> NDArray[np.float32]:
    """Depths at a grid of points in each of some rectangles.

    A grid of constant size takes the same time for a region of any size, and all regions are
    read at once. Points outside of the image are moved to its edge.

    Args:
        depth: The image.
        centre: [...,2], x and y of the rectangles [px].
        half: Half their width and height, of a shape that broadcasts [px].
        count: Points in a row, and in a column, of the grid.

    Returns:
        float32 [...,count**2] [m], rising; NaN, where there is no depth, comes last.
    """
    places = np.linspace(-1.0, 1.0, count)
    points = centre[..., None] + half[..., None] * places
    limits = np.array([[depth.width - 1], [depth.height - 1]])
    pixel = np.clip(np.floor(points), 0, limits).astype(np.intp)
    found = depth.metres(pixel[..., 1, :, None], pixel[..., 0, None, :])
    found = found.reshape(*found.shape[:-2], count * count)
    found.sort(axis=-1)
    return found


def counts(depths: NDArray[np.float32]) -> NDArray[np.intp]:
    """How many points of each region have depth, from the result of `region_depths`."""
    return np.asarray(np.count_nonzero(~np.isnan(depths), axis=-1), np.intp)


def quantile(depths: NDArray[np.float32], known: NDArray[np.intp],
             fraction: float | NDArray[np.float64]) -> NDArray[np.float32]:
    """The depth that a fraction of the points of a region do not exceed.

    It is the depth of a point, not between two: where a region straddles an edge, nothing is
    between the two sides.

    Args:
        depths: [...,K], from `region_depths`.
        known: [...], from `counts`.
        fraction: From 0 to 1, of a shape that broadcasts.

    Returns:
        float32 [...] [m]; NaN where no point has depth.
    """
    place = (np.maximum(known - 1, 0) * fraction).astype(np.intp)
    return np.take_along_axis(depths, place[..., None], axis=-1)[..., 0]
