"""People in metres in a Python program, without ROS.

    >>> import numpy as np
    >>> from movenet_ros.core.types import Poses
    >>> from movenet_ros.geometry import CameraModel, Lifter
    >>> camera = CameraModel(frame_id='camera', width=640, height=480,
    ...                      k=(525., 0., 319.5, 0., 525., 239.5, 0., 0., 1.))
    >>> lift = Lifter(camera)
    >>> depth = np.full((480, 640), 2000, np.uint16)
    >>> people = lift(Poses.empty(), depth, stamp_ns=0)
    >>> people.position.shape
    (0, 3)

The same poses, depth, stamps and parameters give the same numbers as the node and
`movenet process`.
"""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config
from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.core.geometry.depth_image import METRES, MILLIMETRES, DepthImage
from movenet_ros.core.geometry.lifting import lift
from movenet_ros.core.geometry.poses_3d import Poses3D, Reason
from movenet_ros.core.geometry.region import RegionOfInterest
from movenet_ros.core.geometry.smoothing import SmoothingState
from movenet_ros.core.types import Poses
from movenet_ros.errors import CameraModelError, ImageError

__all__ = ['CameraModel', 'CameraModelError', 'DepthImage', 'Lifter', 'Poses3D', 'Reason',
           'RegionOfInterest']


class Lifter:
    """Gives the people of one camera their place in metres, smoothed from image to image."""

    def __init__(self, camera: CameraModel, config: Config | None = None) -> None:
        """Nobody is known yet.

        Args:
            camera: The calibration of the images.
            config: All parameters, e.g. `MoveNet.config`; by default the defaults.
        """
        self._camera, self._config = camera, config or Config()
        self._state = SmoothingState()

    def __call__(self, poses: Poses, depth: DepthImage | NDArray[Any] | None = None, *,
                 stamp_ns: int) -> Poses3D:
        """The people of the next image.

        Args:
            poses: Those of the image, as a `MoveNet` gave them.
            depth: [H,W], registered to the image, of its size: uint16 in millimetres or
                float32 in metres, or a `DepthImage`. None where there is none: people then have
                directions alone.
            stamp_ns: When the image was taken [ns].

        Raises:
            ImageError: `depth` is something else.
        """
        if depth is not None and not isinstance(depth, DepthImage):
            depth = self._to_depth_image(depth, stamp_ns)
        self._state, people = lift(
            self._state, poses, self._camera, depth, stamp_ns, self._config)
        return people

    def reset(self) -> None:
        """Forgets all people."""
        self._state = SmoothingState()

    def _to_depth_image(self, depth: NDArray[Any], stamp_ns: int) -> DepthImage:
        if not isinstance(depth, np.ndarray):
            raise ImageError('depth must be a NumPy array, uint16 in millimetres or float32 in '
                             f'metres, not {type(depth).__name__}')
        scale = MILLIMETRES if depth.dtype.kind == 'u' else METRES
        return DepthImage(depth, scale, self._camera.frame_id, stamp_ns)
