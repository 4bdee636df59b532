"""The distortion models `plumb_bob` and `rational_polynomial`, as OpenCV defines them.

With z = x + iy where the direction meets the plane, and s = |z|^2, it is seen at

    f(z) = z (1 + k1 s + k2 s^2 + k3 s^3) / (1 + k4 s + k5 s^2 + k6 s^3)      radial
           + 2 p s + conj(p) z^2                      p = p2 + i p1           tangential
           + (s1 + i s3) s + (s2 + i s4) s^2                                  thin prism

and then, for 14 coefficients, on a tilted sensor.
"""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.geometry.functions import InverseTable, Polynomial
from movenet_ros.core.geometry.plane import UNSEEN, onto_plane, through

COUNT = 14
SAMPLES = 2048
WIDEST = np.deg2rad(85)  # from the axis; an image on a plane cannot show much more
# Each step squares the error: 1e-10 is left. One or two do, but where the image is much compressed.
CONVERGED = 1e-5
MOST_STEPS = 10
TINY = np.finfo(np.float64).tiny
HORIZON = 1e-6  # pixels that a tilted sensor cannot have are kept on their side, and finite


class PolynomialLens:
    """A lens with radial, tangential, thin prism and tilt distortion."""

    def __init__(self, d: tuple[float, ...]) -> None:
        """Computes its table.

        Args:
            d: k1, k2, p1, p2, then k3, then k4, k5, k6, then s1, s2, s3, s4, then the angles of
                the tilt, as OpenCV orders them; up to any of these groups.
        """
        k1, k2, p1, p2, k3, k4, k5, k6, s1, s2, s3, s4, *tilt = d + (0.,) * (COUNT - len(d))
        self._numerator = Polynomial(1., k1, k2, k3)
        self._denominator = Polynomial(1., k4, k5, k6)
        self._tangential = complex(p2, -p1)
        self._even = Polynomial(0., 2 * complex(p2, p1) + complex(s1, s3), complex(s2, s4))
        self._tilt = _tilt_matrix(*tilt) if any(tilt) else None
        radius = np.tan(np.linspace(0, WIDEST, SAMPLES))
        with np.errstate(all='ignore'):
            self._table = InverseTable.of(radius, radius * self._radial(radius * radius)[0])

    def _radial(self, s: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """The radial factor and its derivative by s."""
        numerator, slope = self._numerator.with_slope(s)
        if len(self._denominator.factors) == 1:
            return numerator, slope
        denominator, other = self._denominator.with_slope(s)
        factor = numerator / denominator
        return factor, (slope - factor * other) / denominator

    def _distort(self, z: NDArray[np.complex128]) -> NDArray[np.complex128]:
        radial: NDArray[np.complex128] = z * self._radial(z * z.conj())[0]
        return radial + self._not_radial(z)

    def _not_radial(self, z: NDArray[np.complex128]) -> NDArray[np.complex128]:
        shift: NDArray[np.complex128] = (self._even.with_slope(z * z.conj())[0]
                                         + self._tangential * (z * z))
        return shift

    def _undo_radial(self, plane: NDArray[np.complex128]) -> NDArray[np.complex128]:
        radius = np.abs(plane)
        undone: NDArray[np.complex128] = (
            plane * (self._table.argument(radius) / np.maximum(radius, TINY)))
        return undone

    def _newton_step(self, z: NDArray[np.complex128], wanted: NDArray[np.complex128],
                     ) -> NDArray[np.complex128]:
        """The step from z toward where f is as wanted.

        f is not analytic: df = a dz + b conj(dz), with its derivatives a by z, b by conj(z).
        """
        mirrored, square = z.conj(), z * z
        s = z * mirrored  # complex, because numpy is slow where types are mixed
        factor, slope = self._radial(s)
        even, even_slope = self._even.with_slope(s)
        left = wanted - z * factor - even - self._tangential * square
        a = factor + s * slope + even_slope * mirrored + (2 * self._tangential) * z
        b = square * slope + even_slope * z
        a_mirrored = a.conj()
        step: NDArray[np.complex128] = ((a_mirrored * left - b * left.conj())
                                        / (a * a_mirrored - b * b.conj()))
        return step

    def rays(self, plane: NDArray[np.complex128]) -> NDArray[np.float64]:
        """See `Lens`; further out than the model is defined, the outermost angle."""
        if self._tilt is not None:
            plane = _through_matrix(np.linalg.inv(self._tilt), plane)
        start = self._undo_radial(plane)
        start = z = self._undo_radial(plane - self._not_radial(start))
        defined = np.abs(plane) <= self._table.values[-1]
        with np.errstate(all='ignore'):
            for _ in range(MOST_STEPS):
                step = self._newton_step(z, plane)
                z = z + step
                converged = np.abs(step) < CONVERGED
                if (converged >= defined).all():
                    break
        return through(np.where(converged & defined, z, start))

    def project(self, points: NDArray[np.float64]) -> NDArray[np.complex128]:
        """See `Lens`."""
        z = onto_plane(points)
        seen = np.abs(z) <= self._table.arguments[-1]
        plane = self._distort(np.where(seen, z, 0))
        if self._tilt is not None:
            plane = _through_matrix(self._tilt, plane)
        return np.where(seen, plane, UNSEEN)


def _tilt_matrix(x: float, y: float) -> NDArray[np.float64]:
    """The homography onto a sensor that is turned about x, then y, seen from the lens."""
    turned_x = np.array([[1, 0, 0], [0, np.cos(x), np.sin(x)], [0, -np.sin(x), np.cos(x)]])
    turned_y = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    turned = turned_y @ turned_x
    onto_sensor = np.array([[turned[2, 2], 0, -turned[0, 2]], [0, turned[2, 2], -turned[1, 2]],
                            [0, 0, 1]])
    matrix: NDArray[np.float64] = onto_sensor @ turned
    return matrix


def _through_matrix(matrix: NDArray[Any], plane: NDArray[np.complex128],
                    ) -> NDArray[np.complex128]:
    """Points of the plane, mapped by a homography."""
    x, y, w = matrix @ np.stack((plane.real, plane.imag, np.ones(plane.shape))).reshape(3, -1)
    mapped: NDArray[np.complex128] = ((x + 1j * y) / np.maximum(w, HORIZON)).reshape(plane.shape)
    return mapped
