"""Recordings of images and poses for `movenet view`."""
import json
import struct
from contextlib import contextmanager

import numpy as np
from rosbags.rosbag2 import StoragePlugin, Writer
from support.bags import LATENCY, STORE, raw
from support.sinks import random_poses

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.files.bags.typestore import typestore
from movenet_ros.images.cdr import IMAGE
from movenet_ros.messages.pose_array import POSE_ARRAY, PoseMessage, serialize
from movenet_ros.tools.view.record import LENGTHS
from movenet_ros.tools.view.recording import open_recording

BEGIN = 1_700_000_000 * NANOSECONDS
STEP = 40_000_000
WIDTH, HEIGHT = 64, 48


def stamp(index):
    return BEGIN + index * STEP


def number_image(index, frame_id='camera', at=None, size=(WIDTH, HEIGHT)):
    """An image whose brightness is twice its number."""
    pixels = np.full((*size[::-1], 3), 2 * index % 256, np.uint8)
    return IMAGE, raw(pixels, stamp(index) if at is None else at, frame_id=frame_id)


def number_poses(index, frame_id='camera', at=None):
    """The poses of one person, whose message has this number."""
    return POSE_ARRAY, PoseMessage(
        divmod(stamp(index) if at is None else at, NANOSECONDS), frame_id, WIDTH, HEIGHT, index,
        'multipose', random_poses(1, index))


def write_recording(path, items, storage=StoragePlugin.MCAP, duration=None):
    """A bag of (topic, (type, content), time of reception [ns] or None: soon after the stamp)."""
    with Writer(path, version=8, storage_plugin=storage) as writer:
        connections = {}
        for topic, (kind, content), receive_ns in items:
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, kind, typestore=typestore())
            if kind == POSE_ARRAY:
                data, at = serialize(content), content.stamp_ns
            else:
                data, header = bytes(STORE.serialize_cdr(content, kind)), content.header.stamp
                at = header.sec * NANOSECONDS + header.nanosec
            writer.write(connections[topic], at + LATENCY if receive_ns is None else receive_ns,
                         data)
    return path


def usual_items(count, images='/camera/image_raw', poses='/movenet/poses', frame_id='camera'):
    """Images, each with its poses half an interval later."""
    for index in range(count):
        yield images, number_image(index, frame_id), stamp(index) + LATENCY
        yield poses, number_poses(index, frame_id), stamp(index) + LATENCY + STEP // 2


def decoded(record):
    """The fields and the JPEG of a record."""
    length, text = LENGTHS.unpack_from(record)
    assert length == len(record) - struct.calcsize('>I')
    return json.loads(record[8:8 + text]), record[8 + text:]


@contextmanager
def played(path, **options):
    """A recording that is played while somebody watches."""
    with open_recording(str(path), **options) as subject, subject.playing():
        yield subject
