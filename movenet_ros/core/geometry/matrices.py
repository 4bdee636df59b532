"""What has to hold for the matrices of a camera_info."""
from __future__ import annotations

from movenet_ros.errors import CameraModelError

# Calibrations are written with few digits, and are kept in text files.
MATRIX_TOLERANCE = 1e-6
ROTATION_TOLERANCE = 1e-2
# What is beyond these is no camera, and would overflow.
LARGEST, SHORTEST_FOCAL_LENGTH = 1e9, 1e-3


def check_matrices(k: tuple[float, ...], r: tuple[float, ...], p: tuple[float, ...]) -> None:
    """Rejects those with which no direction can be computed.

    Args:
        k: 3x3, row by row.
        r: 3x3; all zeros are allowed.
        p: 3x4; all zeros are allowed.

    Raises:
        CameraModelError: Names the field, its value and what is wrong with it.
    """
    for name, matrix, length in (('k', k, 9), ('r', r, 9), ('p', p, 12)):
        if len(matrix) != length:
            raise CameraModelError(name, matrix, f'must have {length} elements, not {len(matrix)}',
                                   cause='wrong_length')
        check_finite(name, matrix)
    if k[0] == 0:
        raise CameraModelError('k[0]', k[0], 'the camera is not calibrated; calibrate it '
                               '(camera_calibration) or have its driver publish intrinsics',
                               cause='uncalibrated')
    _check_projection('k', k, columns=3)
    if any(p):
        _check_projection('p', p, columns=4)
    if any(r):
        _check_rotation(r)


def check_finite(name: str, values: tuple[float, ...]) -> None:
    """Rejects NaN, infinity and what is as good as infinite.

    Raises:
        CameraModelError: One of the values is one of them.
    """
    for at, value in enumerate(values):
        # NaN is not smaller either.
        if not abs(value) <= LARGEST:
            raise CameraModelError(f'{name}[{at}]', value, f'must be finite, {LARGEST:g} at most',
                                   cause='not_finite')


def _check_projection(name: str, matrix: tuple[float, ...], columns: int) -> None:
    """Rejects all but focal lengths and a principal point (and the fourth column of P)."""
    for at in (0, columns + 1):
        if matrix[at] < SHORTEST_FOCAL_LENGTH:
            raise CameraModelError(
                f'{name}[{at}]', matrix[at], 'the focal length must be positive, otherwise the '
                'matrix is singular', cause='invalid_matrix')
    wanted = {1: 0., columns: 0., 2 * columns: 0., 2 * columns + 1: 0., 2 * columns + 2: 1.}
    for at, value in wanted.items():
        if abs(matrix[at] - value) > MATRIX_TOLERANCE:
            raise CameraModelError(f'{name}[{at}]', matrix[at], f'must be {value:g}',
                                   cause='invalid_matrix')


def _check_rotation(r: tuple[float, ...]) -> None:
    rows = r[:3], r[3:6], r[6:]
    products = [sum(a * b for a, b in zip(one, other, strict=True)) - (one is other)
                for one in rows for other in rows]
    (a, b, c), second, third = rows
    determinant = (a * (second[1] * third[2] - second[2] * third[1])
                   - b * (second[0] * third[2] - second[2] * third[0])
                   + c * (second[0] * third[1] - second[1] * third[0]))
    if max(map(abs, products)) > ROTATION_TOLERANCE or determinant < 0:
        raise CameraModelError('r', r, 'must be a rotation, or all zeros', cause='invalid_matrix')
