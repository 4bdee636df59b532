"""Cameras and nodes that die without a word, and come back."""
import signal
import subprocess
import sys

import pytest
from support.process import NodeProcess, remove_dead_segments
from support.ros import Peer

from movenet_ros.msg import PoseArray

CAMERA = """
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
node.create_timer(0.02, show)
rclpy.spin(node)
"""


@pytest.fixture(autouse=True, scope='module')
def _sweep():
    yield
    remove_dead_segments()


@pytest.fixture
def peer():
    peer = Peer()
    yield peer
    peer.close()


def start_camera(name):
    return subprocess.Popen([sys.executable, '-c', CAMERA, name])


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_a_camera_that_was_killed_and_a_node_that_was_killed(peer):
    def answers_to(poses, name):
        poses.clear()
        peer.until(lambda: [p for p in poses if p.header.frame_id == name], f'poses of {name}')

    camera = start_camera('first')
    try:
        with peer.listening('/movenet/poses', PoseArray, matched=False) as poses:
            with NodeProcess(autostart='true') as node:
                answers_to(poses, 'first')
                kill(camera)
                camera = start_camera('second')
                answers_to(poses, 'second')
                kill(node.process)
            with NodeProcess(autostart='true') as node:
                answers_to(poses, 'second')
                assert poses[0].sequence < 100
                assert node.stop()[0] == 0
    finally:
        kill(camera)
