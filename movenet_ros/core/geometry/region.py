"""The part of the sensor that an image shows."""
from __future__ import annotations

from dataclasses import dataclass

from movenet_ros.errors import CameraModelError


@dataclass(frozen=True)
class RegionOfInterest:
    """The part of the sensor that the image shows [px of the sensor]; all zeros: all of it.

    Attributes:
        x_offset, y_offset: Its top-left pixel.
        height, width: Its size.
        do_rectify: As in sensor_msgs/RegionOfInterest. It says that a rectified image would show
            another region than the raw one, not that this image is rectified, and has no
            influence on directions.
    """

    x_offset: int = 0
    y_offset: int = 0
    height: int = 0
    width: int = 0
    do_rectify: bool = False


WHOLE_SENSOR = RegionOfInterest()


def check_region(roi: RegionOfInterest, size: tuple[int, int], binning: tuple[int, int]) -> None:
    """Rejects a region of interest or binning that does not fit the sensor.

    Args:
        roi: The region of interest.
        size: Width and height of the sensor [px].
        binning: Pixels of the sensor per pixel of the image, along x and y; 0 is 1.

    Raises:
        CameraModelError: Names the field, its value and what is wrong with it.
    """
    _check_axis('width', 'x', size[0], roi.x_offset, roi.width, binning[0])
    _check_axis('height', 'y', size[1], roi.y_offset, roi.height, binning[1])


def _check_axis(name: str, axis: str, size: int, offset: int, length: int, binning: int) -> None:
    wrong = None
    if size <= 0:
        wrong = name, size, 'must be the resolution of the sensor [px]'
    elif length < 0 or offset < 0 or (offset and not length):
        wrong = f'roi.{name}', length, f'does not fit roi.{axis}_offset = {offset}'
    elif offset + length > size:
        wrong = (f'roi.{name}', length,
                 f'from roi.{axis}_offset = {offset} on it does not fit into {name} = {size}')
    elif not 0 <= binning <= (length or size):
        wrong = (f'binning_{axis}', binning,
                 f'does not fit the {length or size} px of the image before binning')
    if wrong:
        raise CameraModelError(*wrong, cause='invalid_region')
