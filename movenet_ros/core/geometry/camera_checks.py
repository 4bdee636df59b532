"""What has to hold for the fields of a camera_info before a direction is computed with them."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING

from movenet_ros.core.geometry.lens import check_distortion
from movenet_ros.errors import CameraModelError

if TYPE_CHECKING:
    from movenet_ros.core.geometry.camera_model import CameraModel

LENGTHS = {'k': 9, 'r': 9, 'p': 12}
# Calibrations are written with few digits, and are kept in text files.
MATRIX_TOLERANCE = 1e-6
ROTATION_TOLERANCE = 1e-2


def check_camera(camera: CameraModel) -> None:
    """Rejects what no direction can be computed with.

    Raises:
        CameraModelError: Names the field, its value and what is wrong with it.
    """
    _check_numbers(camera)
    if camera.k[0] == 0:
        raise CameraModelError('k[0]', camera.k[0], 'the camera is not calibrated; calibrate it '
                               '(camera_calibration) or have its driver publish intrinsics',
                               cause='uncalibrated')
    _check_projection('k', camera.k, columns=3)
    if any(camera.p):
        _check_projection('p', camera.p, columns=4)
    _check_rotation(camera.r)
    check_distortion(camera.distortion_model, camera.d)
    for axis in ('width', 'height'):
        _check_region(camera, axis)


def _check_numbers(camera: CameraModel) -> None:
    for name, length in LENGTHS.items():
        if len(getattr(camera, name)) != length:
            raise CameraModelError(name, getattr(camera, name), f'must have {length} elements',
                                   cause='wrong_length')
    for name in (*LENGTHS, 'd'):
        if not all(map(math.isfinite, getattr(camera, name))):
            raise CameraModelError(name, getattr(camera, name), 'must be finite',
                                   cause='not_finite')


def _check_projection(name: str, matrix: tuple[float, ...], columns: int) -> None:
    """Rejects all but focal lengths and a principal point (and the fourth column of P)."""
    for at in (0, columns + 1):
        if matrix[at] <= 0:
            raise CameraModelError(
                f'{name}[{at}]', matrix[at], 'the focal length must be positive, otherwise the '
                'matrix is singular', cause='invalid_matrix')
    wanted = {1: 0., columns: 0., 2 * columns: 0., 2 * columns + 1: 0., 2 * columns + 2: 1.}
    for at, value in wanted.items():
        if abs(matrix[at] - value) > MATRIX_TOLERANCE:
            raise CameraModelError(f'{name}[{at}]', matrix[at], f'must be {value:g}',
                                   cause='invalid_matrix')


def _check_rotation(r: tuple[float, ...]) -> None:
    if not any(r):
        return
    rows = r[:3], r[3:6], r[6:]
    products = [sum(a * b for a, b in zip(one, other, strict=True)) - (one is other)
                for one in rows for other in rows]
    (a, b, c), second, third = rows
    determinant = (a * (second[1] * third[2] - second[2] * third[1])
                   - b * (second[0] * third[2] - second[2] * third[0])
                   + c * (second[0] * third[1] - second[1] * third[0]))
    if max(map(abs, products)) > ROTATION_TOLERANCE or determinant < 0:
        raise CameraModelError('r', r, 'must be a rotation, or all zeros', cause='invalid_matrix')


def _check_region(camera: CameraModel, axis: str) -> None:
    """Checks one axis of size, region of interest and binning."""
    size, region = getattr(camera, axis), getattr(camera.roi, axis)
    letter = 'x' if axis == 'width' else 'y'
    offset = getattr(camera.roi, f'{letter}_offset')
    binning = getattr(camera, f'binning_{letter}')

    def reject(field: str, value: int, reason: str) -> None:
        raise CameraModelError(field, value, reason, cause='invalid_region')

    if size <= 0:
        reject(axis, size, 'must be the resolution of the sensor [px]')
    if region < 0 or offset < 0 or (offset and not region):
        reject(f'roi.{axis}', region, f'does not fit roi.{letter}_offset = {offset}')
    if offset + region > size:
        reject(f'roi.{axis}', region, f'from roi.{letter}_offset = {offset} on it does not fit '
               f'into {axis} = {size}')
    if not 0 <= binning <= (region or size):
        reject(f'binning_{letter}', binning, f'does not fit the {region or size} px of the image '
               'before binning')
