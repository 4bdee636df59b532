"""What was found in a rotated picture, in the frame of the picture itself.

Coordinates are pixels with the origin at the outer corner of the top-left pixel, so the right edge
of a picture is at its width.
"""
from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.types import Poses

Points = TypeVar('Points', NDArray[np.float32], NDArray[np.float64])


def rotate_points_back(xy: Points, degrees: int, width: int, height: int) -> Points:
    """Points of a rotated picture, in the frame of the picture itself.

    Args:
        xy: [...,2] in the frame of `resample.rotated(picture, degrees)` [px].
        degrees: See `resample.rotated`.
        width: Of the picture itself [px].
        height: The same.

    Returns:
        [...,2] [px].
    """
    x, y = xy[..., 0], xy[..., 1]
    if degrees == 90:
        x, y = y, height - x
    elif degrees == 180:
        x, y = width - x, height - y
    elif degrees == 270:
        x, y = width - y, x
    return np.stack((x, y), axis=-1)


def rotate_poses_back(poses: Poses, degrees: int, width: int, height: int) -> Poses:
    """Poses of a rotated picture, in the frame of the picture itself; arguments as above."""
    if not degrees:
        return poses
    corners = rotate_points_back(poses.box.reshape(-1, 2, 2), degrees, width, height)
    return replace(poses, xy=rotate_points_back(poses.xy, degrees, width, height),
                   velocity=rotate_points_back(poses.velocity, degrees, 0, 0),
                   box=np.concatenate((corners.min(axis=1), corners.max(axis=1)), axis=1))


def upright_vectors(vectors: Points, degrees: int) -> Points:
    """Vectors in the image, as they are in the image rotated upright.

    Args:
        vectors: [...,2], x to the right and y down. Lengths are kept, so the x and y of a camera's
            optical frame [m] are rotated in the same way.
        degrees: By which the image is to be rotated, see `resample.rotated`.

    Returns:
        [...,2].
    """
    x, y = vectors[..., 0], vectors[..., 1]
    if degrees == 90:
        x, y = -y, x
    elif degrees == 180:
        x, y = -x, -y
    elif degrees == 270:
        x, y = y, -x
    return np.stack((x, y), axis=-1)
