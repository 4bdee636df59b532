"""CameraInfo as rclpy serializes it."""
import numpy as np
import pytest
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, RegionOfInterest
from support.cameras import LENSES, camera

from movenet_ros.images.camera_info import read_camera_info


@pytest.mark.parametrize('name', LENSES)
def test_a_message_gives_the_camera_that_its_fields_give(name):
    message = CameraInfo(
        height=480, width=640, distortion_model=LENSES[name].model,
        d=[float(value) for value in LENSES[name].d],
        k=np.array(LENSES[name].k, float), binning_x=2, binning_y=1,
        roi=RegionOfInterest(x_offset=64, y_offset=48, width=320, height=240, do_rectify=True))
    message.header.frame_id = 'camera_optical'
    read = read_camera_info(serialize_message(message))
    roi = {name: getattr(message.roi, name) for name in vars(read.roi)}
    assert vars(read.roi) == roi
    assert read == camera(name, r=(0,) * 9, binning_x=2, binning_y=1, roi=read.roi)


def test_a_message_that_a_driver_left_empty():
    with pytest.raises(Exception, match='the camera is not calibrated'):
        read_camera_info(serialize_message(CameraInfo()))
