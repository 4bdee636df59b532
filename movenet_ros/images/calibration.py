"""The calibration of a camera's images: the newest camera_info that belongs to them."""
from __future__ import annotations

from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.errors import CameraModelError
from movenet_ros.images.camera_info import is_rectified_topic, read_camera_info

NONE = 'none'
"""Cause of an error where no camera_info has come."""
STAMP_END = 12
"""The encapsulation and the stamp of a message [bytes]."""


class Calibration:
    """Keeps the newest camera_info of a camera; the node and `movenet process` both use it.

    A camera_info is not paired with images by stamps: some drivers publish it once.
    """

    def __init__(self, image_topic: str) -> None:
        """Nothing is known yet.

        Args:
            image_topic: Full name of the topic of the images; says whether they are rectified.
        """
        self._rectified = is_rectified_topic(image_topic)
        self._content: bytes | None = None
        self._camera: CameraModel | None = None
        self._error = CameraModelError('message', None, 'none has come yet', cause=NONE)

    @property
    def is_missing(self) -> bool:
        """Whether no camera_info has come."""
        return self._content is None

    def add(self, raw: bytes) -> None:
        """Takes a serialized message, which replaces the one before."""
        # Most drivers send the same with each image, under another stamp.
        content = raw[STAMP_END:]
        if content == self._content:
            return
        self._content = content
        try:
            self._camera = read_camera_info(raw, rectified=self._rectified)
        except CameraModelError as error:
            self._camera, self._error = None, error

    def of_image(self, frame_id: str, width: int, height: int) -> CameraModel:
        """The camera of an image.

        Args:
            frame_id: Of the image; if it is empty, of any.
            width: Of the image [px].
            height: Of the image [px].

        Raises:
            CameraModelError: There is none (cause `none`), it cannot be used, or it belongs to
                other images (`another_frame`, `another_image_size`).
        """
        if self._camera is None:
            # Raised again it would keep every traceback.
            raise self._error.with_traceback(None)
        self._camera.check_image(width, height)
        if frame_id and frame_id != self._camera.frame_id:
            raise CameraModelError('header.frame_id', self._camera.frame_id, 'it belongs to '
                                   f'another camera than the images, of {frame_id!r}',
                                   cause='another_frame')
        return self._camera


def camera_info_beside(image_topic: str) -> str:
    """The topic on which image_transport expects the calibration of images on a topic.

    Args:
        image_topic: Its full name, with or without the suffix of compressed images.
    """
    return f'{image_topic.removesuffix("/compressed").rpartition("/")[0]}/camera_info'
