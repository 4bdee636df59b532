"""Messages with images that a test draws, and bags of them."""
import numpy as np
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.media.cdr import IMAGE

START = 1_700_000_000_000_000_000
LATENCY = 5_000_000
"""From an image to its reception [ns]."""
STORE = get_typestore(Stores.ROS2_HUMBLE)
TYPES = STORE.types


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
