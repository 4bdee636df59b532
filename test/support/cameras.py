"""Cameras of every distortion model, with coefficients as calibrations have them."""
from dataclasses import dataclass

import cv2
import numpy as np

from movenet_ros.core.geometry.camera_model import CameraModel

WIDTH, HEIGHT = 640, 480
TELE = (525.3, 0, 318.7, 0, 521.9, 243.1, 0, 0, 1)
WIDE = (391.2, 0, 331.5, 0, 389.6, 236.4, 0, 0, 1)
FISHEYE = (242.5, 0, 322.2, 0, 241.8, 238.3, 0, 0, 1)


@dataclass(frozen=True)
class Lens:
    """A distortion model, and how far from the axis [rad] its image reaches."""

    model: str
    d: tuple
    k: tuple
    reach: float


LENSES = {
    'no coefficients': Lens('plumb_bob', (), TELE, 0.65),
    'zeros': Lens('plumb_bob', (0,) * 5, TELE, 0.65),
    # Its radius turns back before the corners of the image, as that of many calibrations.
    'turns back': Lens('plumb_bob', (0.262, -0.953, -0.005, 0.003), TELE, 0.5),
    'webcam': Lens('plumb_bob', (0.0756, -0.2171, 0.0012, -0.0021, 0.1024), TELE, 0.65),
    'wide': Lens('plumb_bob', (-0.2513, 0.0604, 0.0004, -0.0012, -0.0051), WIDE, 0.78),
    # Its edge is compressed so much, and shifted sideways, that a few steps do not find the point.
    'flat edge': Lens('plumb_bob', (-0.1124, -0.0662, -0.0026, -0.0147, 0.0231), WIDE, 0.9),
    'rational': Lens('rational_polynomial',
                     (0.561, -2.713, 0.0009, -0.0004, 1.553, 0.441, -2.522, 1.472), TELE, 0.65),
    'thin prism': Lens('rational_polynomial',
                       (0.2, -0.1, 0.001, -0.002, 0.02, 0.15, -0.05, 0.01,
                        0.003, -0.001, -0.002, 0.0005), TELE, 0.65),
    'tilted': Lens('rational_polynomial',
                   (0.2, -0.1, 0.001, -0.002, 0.02, 0.15, -0.05, 0.01,
                    0.003, -0.001, -0.002, 0.0005, 0.02, -0.03), TELE, 0.65),
    'fisheye': Lens('equidistant', (-0.0129, 0.0451, -0.0417, 0.0081), FISHEYE, 1.4),
}


def camera(name='no coefficients', **fields):
    """The camera with a lens of this name."""
    lens = LENSES[name]
    return CameraModel(**{
        'frame_id': 'camera_optical', 'width': WIDTH, 'height': HEIGHT, 'k': lens.k,
        'distortion_model': lens.model, 'd': lens.d, **fields})


def points(reach, count=2000, seed=3):
    """Points [count,3] in metres, up to `reach` [rad] from the axis, at 0.5 to 8 m."""
    rng = np.random.default_rng(seed)
    angle, side = reach * np.sqrt(rng.random(count)), 2 * np.pi * rng.random(count)
    directions = np.stack((np.sin(angle) * np.cos(side), np.sin(angle) * np.sin(side),
                           np.cos(angle)), axis=-1)
    return directions * rng.uniform(0.5, 8, (count, 1))


def seen_by_opencv(points, name):
    """Where OpenCV sees points [N,3], from the centre of the sensor's top-left pixel."""
    lens = LENSES[name]
    matrix, none = np.reshape(lens.k, (3, 3)).astype(float), np.zeros(3)
    if lens.model == 'equidistant':
        uv, _ = cv2.fisheye.projectPoints(points[:, None], none, none, matrix, np.array(lens.d))
    else:
        uv, _ = cv2.projectPoints(points[:, None], none, none, matrix,
                                  np.array(lens.d) if lens.d else None)
    return uv[:, 0]


def undistorted_by_opencv(xy, name, r=None, p=None):
    """Rectified pixels [N,2] (or points of the plane) for those of the raw image, corner based."""
    lens = LENSES[name]
    exact = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 1000, 1e-14)
    # until OpenCV 5
    undistort = getattr(cv2, 'undistortPointsIter', cv2.undistortPoints)
    return undistort(xy[:, None] - 0.5, np.reshape(lens.k, (3, 3)).astype(float),
                     np.array(lens.d, float), R=r, P=p, criteria=exact)[:, 0]


def angles_between(one, other):
    """Angles [degrees] between vectors, precise for small ones."""
    one, other = (v / np.linalg.norm(v, axis=-1, keepdims=True) for v in (one, other))
    return np.degrees(2 * np.arcsin(np.linalg.norm(one - other, axis=-1) / 2))
