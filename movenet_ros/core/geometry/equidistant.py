"""The distortion model `equidistant`, of fisheye lenses; cv2.fisheye in OpenCV.

A direction at the angle t from the optical axis is seen at the distance
t (1 + k1 t^2 + k2 t^4 + k3 t^6 + k4 t^8) from the centre of the plane, on its own side.
"""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.geometry.functions import InverseTable, Polynomial
from movenet_ros.core.geometry.plane import UNSEEN, as_complex

SAMPLES = 2048
# From the table's accuracy (1e-6) to that of float64.
STEPS = 2
LEAST_SLOPE = 0.01  # less than between any samples of the table


class Equidistant:
    """A fisheye lens; it may also see what is behind the camera's plane."""

    def __init__(self, d: tuple[float, ...]) -> None:
        """Computes its table.

        Args:
            d: k1, k2, k3, k4.
        """
        self._factor = Polynomial(1., *d)
        angles = np.linspace(0, np.pi, SAMPLES)
        self._table = InverseTable.of(angles, self._radius(angles)[0])

    def _radius(self, angle: NDArray[np.float64]) -> tuple[NDArray[np.float64],
                                                           NDArray[np.float64]]:
        """Distance from the centre of the plane, and its derivative by the angle."""
        square = angle * angle
        factor, slope = self._factor.with_slope(square)
        return angle * factor, factor + 2 * square * slope

    def rays(self, plane: NDArray[np.complex128]) -> NDArray[np.float64]:
        """See `Lens`; further out than the model is defined, the outermost angle."""
        radius = np.abs(plane)
        angle = self._table.argument(radius)
        radius = np.maximum(radius, np.finfo(np.float64).tiny)
        side = plane / radius
        reached = np.minimum(radius, self._table.values[-1])
        for _ in range(STEPS):
            found, slope = self._radius(angle)
            angle = angle - (found - reached) / np.maximum(slope, LEAST_SLOPE)
        sine = np.sin(angle)
        return np.stack((sine * side.real, sine * side.imag, np.cos(angle)), axis=-1)

    def project(self, points: NDArray[np.float64]) -> NDArray[np.complex128]:
        """See `Lens`."""
        across = as_complex(points)
        distance = np.abs(across)
        angle = np.arctan2(distance, points[..., 2])
        seen = (angle <= self._table.arguments[-1]) & (points != 0).any(-1)
        side = across / np.maximum(distance, np.finfo(np.float64).tiny)
        return np.where(seen, self._radius(angle)[0] * side, UNSEEN)
