"""Points of the plane at distance 1 in front of the camera, as complex numbers x + iy."""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

UNSEEN = complex(np.nan, np.nan)


def through(plane: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Unit vectors [...,3] toward points [...] of the plane."""
    x, y = plane.real, plane.imag
    forward = 1 / np.sqrt(x * x + y * y + 1)
    rays = np.empty((*plane.shape, 3))
    rays[..., 0], rays[..., 1], rays[..., 2] = x * forward, y * forward, forward
    return rays


def onto_plane(points: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Where lines from points [...,3] to the camera meet the plane; NaN if they are behind it."""
    z = np.where(points[..., 2] > 0, points[..., 2], np.nan)
    return as_complex(points[..., :2] / z[..., np.newaxis])


def as_complex(points: NDArray[np.float64]) -> NDArray[np.complex128]:
    """The first two coordinates of points [...,2 or 3]."""
    return np.ascontiguousarray(points[..., :2]).view(np.complex128)[..., 0]
