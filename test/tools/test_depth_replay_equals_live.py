"""Poses in metres, and gestures from them: as the node published them, `movenet process` computes
them from the bag, to the byte.

Depth comes late, with another stamp, or not at all, as from a real camera.
"""
import itertools

import cv2
import numpy as np
import pytest
from rclpy.qos import QoSDurabilityPolicy, QoSProfile
from rclpy.serialization import serialize_message
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import Writer
from rosbags.typesys import Stores, get_typestore
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from support.geometry import camera_info, compressed_depth, depth
from support.paths import DATA
from support.process import NodeProcess
from support.ros import Peer, image

from movenet_ros.cli import main
from movenet_ros.files.sinks import read_jsonl
from movenet_ros.messages.gesture_array import GESTURE_ARRAY
from movenet_ros.messages.pose_array_3d import POSE_ARRAY_3D
from movenet_ros.msg import GestureArray, PoseArray3D
from movenet_ros.ros.conversions import set_stamp, stamp_ns

FRAMES = 30
STEP = 1_000_000_000 // 30
START = 1_700_000_000_123_456_789
NEAR_STAMP = 4_000_000  # ns
LATCHED = QoSProfile(depth=1, durability=QoSDurabilityPolicy.TRANSIENT_LOCAL)
RELIABLE = QoSProfile(depth=50)
TOPICS = {'image': '/camera/image_raw', 'depth': '/camera/depth', 'info': '/camera/camera_info'}
KINDS = {'raw': Image, 'compressedDepth': CompressedImage}


def scene(width, height, index):
    """A wall that is tilted and moves, with holes."""
    metres = np.linspace(1.5, 3.0, width) + 0.02 * index + np.zeros((height, 1))
    metres[:: 7, ::5] = 0
    return metres


def recording(transport):
    """What a camera publishes: name and message, in order."""
    capture = cv2.VideoCapture(str(DATA / 'several_people.mp4'))
    for index in range(FRAMES):
        picture = capture.read()[1]
        height, width = picture.shape[:2]
        stamp = START + index * STEP
        if index == 0:
            info = camera_info(width, height)
            info.d = [0.1, -0.05, 0.001, -0.002, 0.0]
            yield 'info', stamped(info, stamp)
        yield 'image', stamped(image(picture), stamp)
        if index % 5 == 4:
            continue  # no depth
        make = depth if transport == 'raw' else compressed_depth
        metres = scene(width, height, index) if transport == 'raw' else 2.0 + 0.02 * index
        yield 'depth', stamped(make(width, height, metres),
                               stamp + (NEAR_STAMP if index % 3 == 1 else 0))
    capture.release()


def stamped(message, nanoseconds):
    message.header.frame_id = 'camera_optical_frame'
    set_stamp(message.header, nanoseconds)
    return message


def write_bag(path, messages):
    store = get_typestore(Stores.ROS2_HUMBLE)
    connections = {}
    with Writer(path, version=8) as bag:
        for name, message in messages:
            if name not in connections:
                kind = f'sensor_msgs/msg/{type(message).__name__}'
                connections[name] = bag.add_connection(TOPICS[name], kind, typestore=store)
            bag.write(connections[name], stamp_ns(message.header), serialize_message(message))
    return str(path)


def watch(messages, transport):
    """Serialized PoseArray3Ds and GestureArrays that the node publishes of these messages."""
    peer = Peer()
    remaps = [f'-r {name}:={topic}' for name, topic in (
        ('image', TOPICS['image']), ('depth', TOPICS['depth']),
        ('depth/compressedDepth', TOPICS['depth']))]
    try:
        with NodeProcess(*remaps, autostart='true', model='multipose',
                         **{'depth.transport': transport,
                            'gestures.enabled': 'true'}) as node:
            node.wait_for_line('active: ')
            kinds = {'image': Image, 'depth': KINDS[transport], 'info': CameraInfo}
            publishers = {name: peer.camera(TOPICS[name], kind,
                                            LATCHED if name == 'info' else RELIABLE).publisher
                          for name, kind in kinds.items()}
            came = {PoseArray3D: [], GestureArray: []}
            for kind, name in ((PoseArray3D, 'poses_3d'), (GestureArray, 'gestures')):
                topic = f'/movenet/{name}'
                peer.node.create_subscription(kind, topic, came[kind].append, RELIABLE, raw=True)
                peer.until(lambda topic=topic: peer.node.count_publishers(topic), topic)
            for name in kinds:
                peer.until(lambda name=name: peer.node.count_subscribers(TOPICS[name]), name)
            peer.spin(1.0)
            for name, message in messages:
                publishers[name].publish(message)
                peer.spin(0.03 if name == 'depth' else 0.005)
            peer.spin(1.0)
            return came.values()
    finally:
        peer.close()


@pytest.mark.parametrize('transport', ['raw', 'compressedDepth'])
def test_process_gives_the_bytes_that_the_node_published(transport, tmp_path):
    messages = list(recording(transport))
    live, live_gestures = watch(messages, transport)
    stamps = {int.from_bytes(raw[4:8], 'little') * 10**9 + int.from_bytes(raw[8:12], 'little')
              for raw in live}
    assert len(stamps) == len(live) >= 5
    bag = write_bag(tmp_path / 'bag', [
        (name, message) for name, message in messages
        if name != 'image' or stamp_ns(message.header) in stamps])

    outputs = tmp_path / 'poses.mcap', tmp_path / 'poses.jsonl'
    words = itertools.chain.from_iterable(('-o', str(output)) for output in outputs)
    assert main(['process', bag, '--quiet', '--model', 'multipose', '--topic', TOPICS['image'],
                 '--depth-topic', TOPICS['depth'], '--param', 'gestures.enabled=true',
                 *words]) == 0

    for kind, theirs in ((POSE_ARRAY_3D, live), (GESTURE_ARRAY, live_gestures)):
        with AnyReader([outputs[0]]) as reader:
            ours = [bytes(raw) for connection, _, raw in reader.messages()
                    if connection.msgtype == kind]
        # DDS fills up to a multiple of 4.
        assert theirs == [raw + bytes(-len(raw) % 4) for raw in ours]
    lines = list(read_jsonl(outputs[1]))
    distances = [person['distance'] for line in lines for person in line['poses']]
    assert sum(distance is not None for distance in distances) > len(live) / 2
    assert any(any(person['gestures']['is_spatial']) for line in lines for person in line['poses'])
