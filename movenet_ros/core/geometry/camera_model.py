"""The camera behind an image: from its pixels to directions, and back.

Three conventions meet here:

- Keypoints are in pixels with the origin at the outer corner of the top-left pixel. The principal
  point of K and P counts from the centre of that pixel: u = x - 0.5.
- K, P, width, height and the region of interest are in pixels of the whole sensor. The image as
  received is the region of interest, binned (REP-104): fx' = fx / binning_x and
  cx' = (cx - x_offset) / binning_x, as in image_geometry, so that all nodes of a robot agree.
  That is exact for a sensor that skips pixels; one that averages b of them is off by
  (b - 1) / 2b px.
- A direction is in the camera's optical frame, x right, y down, z forward (REP-103), the frame
  `frame_id`. For a stereo camera, that is the rectified frame, in which its points and depth
  are: directions from the raw image are turned by R, as image_geometry does it.

A camera that is not mounted upright (parameter `rotate`) needs nothing more: the poses that come
out of the pipeline are in the image as received, which the camera_info describes.
"""
from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from movenet_ros.core.geometry.lens import Lens, Pinhole, check_distortion, lens_of
from movenet_ros.core.geometry.matrices import check_matrices
from movenet_ros.core.geometry.plane import as_complex
from movenet_ros.core.geometry.region import WHOLE_SENSOR, RegionOfInterest, check_region
from movenet_ros.errors import CameraModelError

IDENTITY = (1., 0., 0., 0., 1., 0., 0., 0., 1.)
PIXEL_CENTRE = 0.5  # px, from the outer corner of a pixel


class Intrinsics(NamedTuple):
    """Focal lengths and principal point [px]; the latter counts from the centre of pixel (0, 0)."""

    fx: float
    fy: float
    cx: float
    cy: float


@dataclass(frozen=True)
class CameraModel:
    """A calibrated camera, with the fields of sensor_msgs/CameraInfo.

    Two with the same fields are equal. Sequences of any kind are taken, and kept as tuples.

    Attributes:
        frame_id: The optical frame.
        width, height: Of the whole sensor [px].
        k: Intrinsics of the raw image, 3x3 row by row.
        distortion_model: `plumb_bob`, `rational_polynomial` or `equidistant`. If all coefficients
            are zero there is no distortion, whatever the model, as image_geometry reads it.
        d: Coefficients of the distortion model.
        r: Rotation from the camera to the rectified frame, 3x3; all zeros: none.
        p: Projection of the rectified image, 3x4; all zeros: K.
        binning_x, binning_y: Pixels of the sensor per pixel of the image; 0 is 1.
        roi: The part of the sensor that the image shows.
        rectified: Whether pixels are those of the rectified image (P, no distortion) and not of
            the raw one (K, D, R). A camera_info cannot tell, because one belongs to both: see
            `images.camera_info.is_rectified_topic`.

    Raises:
        CameraModelError: A field has a value that no direction can be computed with.
    """

    frame_id: str
    width: int
    height: int
    k: tuple[float, ...]
    distortion_model: str = ''
    d: tuple[float, ...] = ()
    r: tuple[float, ...] = IDENTITY
    p: tuple[float, ...] = (0.,) * 12
    binning_x: int = 0
    binning_y: int = 0
    roi: RegionOfInterest = WHOLE_SENSOR
    rectified: bool = False

    def __post_init__(self) -> None:
        for name in ('k', 'd', 'r', 'p'):
            object.__setattr__(self, name, tuple(float(value) for value in getattr(self, name)))
        check_matrices(self.k, self.r, self.p)
        check_distortion(self.distortion_model, self.d)
        check_region(self.roi, (self.width, self.height), (self.binning_x, self.binning_y))

    @property
    def image_size(self) -> tuple[int, int]:
        """Width and height [px] of the image as received."""
        width, height = self.roi.width or self.width, self.roi.height or self.height
        return width // max(self.binning_x, 1), height // max(self.binning_y, 1)

    @cached_property
    def intrinsics(self) -> Intrinsics:
        """Intrinsics of the image as received, from P if it is rectified and otherwise from K."""
        if self.rectified and any(self.p):
            fx, _, cx, _, _, fy, cy, *_ = self.p
        else:
            fx, _, cx, _, fy, cy, *_ = self.k
        columns, rows = max(self.binning_x, 1), max(self.binning_y, 1)
        return Intrinsics(fx / columns, fy / rows, (cx - self.roi.x_offset) / columns,
                          (cy - self.roi.y_offset) / rows)

    @property
    def focal_length(self) -> float:
        """Focal length [px of the image as received], the mean of both axes.

        What is s metres wide at z metres is about `focal_length` * s / z pixels wide.
        """
        return (self.intrinsics.fx + self.intrinsics.fy) / 2

    def check_image(self, width: int, height: int) -> None:
        """Checks that an image is of the size that this camera_info describes.

        Args:
            width: Of the image [px].
            height: Of the image [px].

        Raises:
            CameraModelError: It is of another size (cause `another_image_size`).
        """
        if (width, height) != self.image_size:
            raise CameraModelError(
                'width x height', f'{self.width} x {self.height}',
                f'with its region of interest and binning it belongs to images of '
                f'{self.image_size[0]} x {self.image_size[1]}, not {width} x {height}',
                cause='another_image_size')

    def rays(self, xy: ArrayLike) -> NDArray[np.float64]:
        """The directions in which pixels look.

        Pixels outside of the image have a direction as well. A strong distortion is only defined
        up to some distance from the centre; further out, the direction is that at this distance, on
        the same side. The result is finite for every finite pixel.

        Args:
            xy: [...,2], pixels of the image as received, from the outer corner of its top-left
                pixel.

        Returns:
            float64 [...,3], unit vectors in the optical frame: x right, y down, z forward.
        """
        # at distance 1, where the lens has put them
        plane = (np.asarray(xy, np.float64) - self._centre) / self._focal_lengths
        rays = self._lens.rays(as_complex(plane))
        return rays if self._rotation is None else rays @ self._rotation.T

    def project(self, points: ArrayLike) -> NDArray[np.float64]:
        """The pixels at which points are seen; the reverse of `rays`.

        Args:
            points: [...,3], points (or directions) in the optical frame, of any unit.

        Returns:
            float64 [...,2], pixels of the image as received, from the outer corner of its
            top-left pixel; they may be outside of the image. NaN for points that the camera
            cannot see: behind it, or at an angle for which its distortion is not defined.
        """
        points = np.asarray(points, np.float64)
        if self._rotation is not None:
            points = points @ self._rotation
        plane = self._lens.project(points)[..., np.newaxis].view(np.float64)
        return plane * self._focal_lengths + self._centre

    @cached_property
    def _lens(self) -> Lens:
        return Pinhole() if self.rectified else lens_of(self.distortion_model, self.d)

    @cached_property
    def _rotation(self) -> NDArray[np.float64] | None:
        """From the frame of the lens to the optical frame; None if they are the same."""
        if self.rectified or not any(self.r) or self.r == IDENTITY:
            return None
        return np.array(self.r).reshape(3, 3)

    @cached_property
    def _focal_lengths(self) -> NDArray[np.float64]:
        return np.array([self.intrinsics.fx, self.intrinsics.fy])

    @cached_property
    def _centre(self) -> NDArray[np.float64]:
        """The principal point [px], from the outer corner of the top-left pixel."""
        return np.array([self.intrinsics.cx, self.intrinsics.cy]) + PIXEL_CENTRE
