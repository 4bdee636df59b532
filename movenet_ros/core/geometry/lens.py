"""How a lens maps directions to the image plane: the distortion models of sensor_msgs/CameraInfo.

The plane is at distance 1 in front of the camera. Its points are complex numbers, x + iy: x to the
right, y down. Pixels are such a point times the focal length, plus the principal point.
"""
from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.geometry.equidistant import Equidistant
from movenet_ros.core.geometry.matrices import check_finite
from movenet_ros.core.geometry.plane import onto_plane, through
from movenet_ros.core.geometry.polynomial_lens import PolynomialLens
from movenet_ros.errors import CameraModelError

PLUMB_BOB, RATIONAL_POLYNOMIAL, EQUIDISTANT = 'plumb_bob', 'rational_polynomial', 'equidistant'
# How many coefficients each may have; those of OpenCV, which they are named after.
COEFFICIENTS = {PLUMB_BOB: (4, 5), RATIONAL_POLYNOMIAL: (8, 12, 14), EQUIDISTANT: (4,)}
TILT = slice(12, 14)  # the sensor's, about x and y
STEEPEST = 1.  # rad; a tilted sensor is off by a few degrees


class Lens(Protocol):
    """One distortion model with its coefficients."""

    def rays(self, plane: NDArray[np.complex128]) -> NDArray[np.float64]:
        """Unit vectors [...,3] of the directions that are seen at points [...] of the plane."""

    def project(self, points: NDArray[np.float64]) -> NDArray[np.complex128]:
        """Where on the plane points [...,3] are seen; NaN for those that are not."""


class Pinhole:
    """No distortion."""

    def rays(self, plane: NDArray[np.complex128]) -> NDArray[np.float64]:
        """See `Lens`."""
        return through(plane)

    def project(self, points: NDArray[np.float64]) -> NDArray[np.complex128]:
        """See `Lens`."""
        return onto_plane(points)


def check_distortion(model: str, d: tuple[float, ...]) -> None:
    """Rejects what `lens_of` cannot make a lens of.

    Raises:
        CameraModelError: The model is unknown, or does not have this many coefficients.
    """
    check_finite('d', d)
    if not any(d):
        return
    if model not in COEFFICIENTS:
        raise CameraModelError('distortion_model', model,
                               f'is unknown; known are: {", ".join(COEFFICIENTS)}',
                               cause='unknown_distortion_model')
    counts = COEFFICIENTS[model]
    # Some drivers fill up with zeros, e.g. 5 coefficients for equidistant.
    filled_up = len(d) > counts[-1] and not any(d[counts[-1]:])
    if len(d) not in counts and not filled_up:
        raise CameraModelError(
            'd', d, f'{model} has {" or ".join(map(str, counts))} coefficients, not {len(d)}',
            cause='wrong_length')
    tilt = d[TILT] if model == RATIONAL_POLYNOMIAL else ()
    if any(abs(angle) > STEEPEST for angle in tilt):
        raise CameraModelError('d[12:14]', tilt, f'the tilt must be {STEEPEST:g} rad at most',
                               cause='invalid_matrix')


@lru_cache(maxsize=32)
def lens_of(model: str, d: tuple[float, ...]) -> Lens:
    """The lens with these coefficients, see `check_distortion`."""
    if not any(d):
        return Pinhole()
    used = d[:COEFFICIENTS[model][-1]]
    return Equidistant(used) if model == EQUIDISTANT else PolynomialLens(used)
