"""Cameras, subscribers and nodes that die without a word, and come back."""
import signal
import subprocess
import sys
import time

import pytest
from rclpy.duration import Duration
from rclpy.time import Time
from support.process import NodeProcess, remove_dead_segments

from movenet_ros.msg import PoseArray

PERIOD = 0.02  # s

CAMERA = f"""
import sys
from array import array
import rclpy
from rclpy.qos import QoSProfile, QoSReliabilityPolicy
from sensor_msgs.msg import Image
rclpy.init()
node = rclpy.create_node('camera')
qos = QoSProfile(depth=1, reliability=QoSReliabilityPolicy.BEST_EFFORT)
images = node.create_publisher(Image, 'image', qos)
message = Image(height=48, width=64, encoding='bgr8', step=192, data=array('B', bytes(9216)))
message.header.frame_id = sys.argv[1]
def show():
    message.header.stamp = node.get_clock().now().to_msg()
    images.publish(message)
node.create_timer({PERIOD}, show)
rclpy.spin(node)
"""

SUBSCRIBER = """
import rclpy
from movenet_ros.msg import PoseArray
rclpy.init()
node = rclpy.create_node('subscriber')
def hear(message):
    print(message.header.frame_id, flush=True)
node.create_subscription(PoseArray, '/movenet/poses', hear, 10)
rclpy.spin(node)
"""


@pytest.fixture(autouse=True, scope='module')
def _sweep():
    yield
    remove_dead_segments()


@pytest.fixture
def poses(own_peer):
    with own_peer.listening('/movenet/poses', PoseArray, matched=False) as poses:
        yield poses


def start_camera(name):
    return subprocess.Popen([sys.executable, '-c', CAMERA, name])


def start_subscriber():
    return subprocess.Popen([sys.executable, '-c', SUBSCRIBER], stdout=subprocess.PIPE, text=True)


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def recovers(peer, poses, name):
    """Waits for answers to a camera; the first came within a second of its image.

    Images before that one had no subscriber: after an end without a word, who is new learns of
    the others within 0.2 to 3.3 s, as Fast DDS goes.
    """
    poses.clear()
    first = peer.until(lambda: [p for p in poses if p.header.frame_id == name],
                       f'poses of {name}')[0]
    taken = peer.node.get_clock().now() - Time.from_msg(first.header.stamp)
    assert taken < Duration(seconds=1)
    return first


def test_a_camera_that_was_killed_and_a_node_that_was_killed(own_peer, poses):
    camera = start_camera('first')
    try:
        with NodeProcess(autostart='true') as node:
            recovers(own_peer, poses, 'first')
            kill(camera)
            camera = start_camera('second')
            recovers(own_peer, poses, 'second')
            kill(node.process)
        started = time.monotonic()
        with NodeProcess(autostart='true') as node:
            # what the killed node has published may still be on its way
            node.wait_for_line('active: ')
            # counts from 0: no more than the camera has published since
            sequence = recovers(own_peer, poses, 'second').sequence
            assert sequence <= (time.monotonic() - started) / PERIOD
            assert node.stop()[0] == 0
    finally:
        kill(camera)


def test_a_subscriber_that_was_killed(own_peer, poses):
    camera = start_camera('only')
    subscriber = None
    try:
        with NodeProcess(autostart='true') as node:
            recovers(own_peer, poses, 'only')
            for _ in range(2):
                subscriber = start_subscriber()
                assert subscriber.stdout.readline() == 'only\n'
                poses.clear()
                kill(subscriber)
                subscriber.stdout.close()
                own_peer.until(lambda: len(poses) > 50, 'poses all the same')
                numbers = [p.sequence for p in poses]
                assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            assert node.stop()[0] == 0
    finally:
        kill(camera)
        kill(subscriber)
