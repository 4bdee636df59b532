"""Reads serialized sensor_msgs/CameraInfo messages (CDR) without building a message."""
from __future__ import annotations

from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.core.geometry.region import RegionOfInterest
from movenet_ros.errors import CameraModelError, ImageError
from movenet_ros.images.message_reader import MessageReader

CAMERA_INFO = 'sensor_msgs/msg/CameraInfo'


def read_camera_info(raw: bytes | memoryview, *, rectified: bool = False) -> CameraModel:
    """The camera that a serialized message describes.

    Drivers publish the same one with every image: compare the bytes after the stamp, or the
    models, to notice another one.

    Args:
        raw: The whole message with its 4 bytes of encapsulation.
        rectified: Whether the images are rectified, see `is_rectified_topic`.

    Raises:
        CameraModelError: It is damaged (cause `damaged_message`), or as `CameraModel`.
    """
    try:
        reader = MessageReader(raw)
        _, frame_id = reader.header()
        height, width = reader.numbers('II')
        distortion_model = reader.text()
        d, k, r, p = reader.doubles(), reader.doubles(9), reader.doubles(9), reader.doubles(12)
        binning_x, binning_y = reader.numbers('II')
        x_offset, y_offset, roi_height, roi_width, do_rectify = reader.numbers('IIIIB')
    except ImageError as error:
        raise CameraModelError('message', bytes(raw[:8]), str(error), cause=error.cause) from error
    return CameraModel(
        frame_id=frame_id, width=width, height=height, distortion_model=distortion_model,
        d=d, k=k, r=r, p=p, binning_x=binning_x, binning_y=binning_y, rectified=rectified,
        roi=RegionOfInterest(x_offset=x_offset, y_offset=y_offset, height=roi_height,
                             width=roi_width, do_rectify=bool(do_rectify)))


def is_rectified_topic(topic: str) -> bool:
    """Whether the name of an image topic says that its images are rectified.

    A camera_info belongs to the raw and to the rectified images of a camera alike, so only the
    name can tell: `image_rect`, `image_rect_color`, `image_rect_raw` (image_proc, RealSense and
    others), with or without a transport such as `/compressed` behind it, or a level `rect` (ZED).
    Where the coefficients of the distortion are zero, it makes no difference.

    Args:
        topic: Its full name, as remapped.
    """
    return any(level == 'rect' or level.startswith('image_rect') for level in topic.split('/'))
