"""Messages with images that a test draws, and bags of them."""
import numpy as np
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.images.camera_info import CAMERA_INFO
from movenet_ros.images.cdr import IMAGE

START = 1_700_000_000_000_000_000
LATENCY = 5_000_000
"""From an image to its reception [ns]."""
STORE = get_typestore(Stores.ROS2_HUMBLE)
TYPES = STORE.types
STORAGES = (StoragePlugin.MCAP, StoragePlugin.SQLITE3)


def header(stamp_ns, frame_id='camera'):
    stamp = TYPES['builtin_interfaces/msg/Time'](*divmod(stamp_ns, NANOSECONDS))
    return TYPES['std_msgs/msg/Header'](stamp=stamp, frame_id=frame_id)


def raw(pixels, stamp_ns=START, encoding='bgr8', frame_id='camera'):
    """An Image of pixels [H,W,...] of any type."""
    pixels = np.ascontiguousarray(pixels)
    return TYPES[IMAGE](
        header=header(stamp_ns, frame_id), height=pixels.shape[0], width=pixels.shape[1],
        encoding=encoding, is_bigendian=0, step=pixels.strides[0],
        data=pixels.view(np.uint8).ravel())


def calibration(width, height, stamp_ns=START, frame_id='camera', focal=525.0):
    """A CameraInfo of a camera without distortion."""
    x, y = (width - 1) / 2, (height - 1) / 2
    k = np.array([focal, 0, x, 0, focal, y, 0, 0, 1])
    return TYPES[CAMERA_INFO](
        header=header(stamp_ns, frame_id), height=height, width=width,
        distortion_model='plumb_bob', d=np.zeros(5), k=k, r=np.eye(3).ravel(),
        p=np.insert(k, [3, 6, 9], 0.0), binning_x=0, binning_y=0,
        roi=TYPES['sensor_msgs/msg/RegionOfInterest'](0, 0, 0, 0, False))


def write(path, messages, storage=StoragePlugin.MCAP, **topics):
    """A bag of (topic, message), received after their stamps; `topics` may stay empty."""
    with Writer(path, version=8, storage_plugin=storage) as writer:
        connections = {name: writer.add_connection(name, kind, typestore=STORE)
                       for name, kind in topics.items()}
        for topic, message in messages:
            kind = message.__msgtype__
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, kind, typestore=STORE)
            stamp = getattr(message, 'header', header(START)).stamp
            writer.write(connections[topic],
                         stamp.sec * NANOSECONDS + stamp.nanosec + LATENCY,
                         STORE.serialize_cdr(message, kind))
    return path


def stamped(index, frame_id='camera_optical_frame'):
    return header(START + index * 50_000_000, frame_id)


def image(index, *, height=12, width=16, encoding='rgb8', frame_id='camera_optical_frame'):
    return TYPES[IMAGE](
        header=stamped(index, frame_id), height=height, width=width, encoding=encoding,
        is_bigendian=0, step=width * 3, data=np.full(height * width * 3, index, np.uint8))


def storage_file(bag):
    return next(path for path in bag.iterdir() if path.suffix in ('.mcap', '.db3'))


def large_bag(path, storage):
    """Several chunks of MCAP: they are closed after about 1 MB."""
    return write(path, [('/image', image(i, height=240, width=320)) for i in range(30)], storage)
