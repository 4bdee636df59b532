"""What a depth camera publishes beside its images."""
from array import array

import numpy as np
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

FOCAL = 525.0
NEAR = 2.0
"""Of the flat scene, by default [m]."""


def camera_info(width, height, focal=FOCAL):
    """Of a camera without distortion."""
    centre = ((width - 1) / 2, (height - 1) / 2)
    k = [focal, 0.0, centre[0], 0.0, focal, centre[1], 0.0, 0.0, 1.0]
    return CameraInfo(width=width, height=height, distortion_model='plumb_bob', d=[0.0] * 5, k=k,
                      r=np.eye(3).ravel(),
                      p=[*k[:3], 0.0, *k[3:6], 0.0, *k[6:], 0.0])


def depth(width, height, metres=NEAR, encoding='16UC1'):
    """A flat scene, or one of the given depths."""
    metres = np.broadcast_to(np.asarray(metres, np.float32), (height, width))
    pixels = metres if encoding == '32FC1' else (metres * 1000).astype(np.uint16)
    data = array('B')
    data.frombytes(np.ascontiguousarray(pixels).tobytes())
    return Image(height=height, width=width, encoding=encoding, data=data,
                 step=pixels.itemsize * width)


def compressed_depth(width, height, metres=NEAR):
    """The same as a PNG, as compressed_depth_image_transport writes it."""
    import cv2
    pixels = np.full((height, width), int(metres * 1000), np.uint16)
    message = CompressedImage(format='16UC1; compressedDepth png')
    message.data.frombytes(bytes(12) + cv2.imencode('.png', pixels)[1].tobytes())
    return message
