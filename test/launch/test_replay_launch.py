"""launch/replay.launch.py: a clip goes in, poses come out."""
import tempfile
import time
import unittest
from pathlib import Path

import pytest
from support.paths import ROOT

pytest.importorskip('launch_testing.actions', reason='needs a ROS 2 installation with launch')

import cv2
import launch_testing.actions
import launch_testing.asserts
import numpy as np
import rclpy
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

from movenet_ros.msg import PoseArray

LAUNCH_FILE = ROOT / 'launch' / 'replay.launch.py'
# above the size that gets through without the transport profile
WIDTH, HEIGHT, FRAMES = 640, 480, 5
TIMEOUT = 30.0  # s; discovery alone takes up to 3


def write_clip(path):
    clip = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10.0, (WIDTH, HEIGHT))
    for shade in range(FRAMES):
        clip.write(np.full((HEIGHT, WIDTH, 3), 40 * shade, np.uint8))
    clip.release()


@pytest.mark.launch_test
def generate_test_description():
    clip = Path(tempfile.mkdtemp(prefix='movenet_ros_')) / 'clip.avi'
    write_clip(clip)
    return LaunchDescription([
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(LAUNCH_FILE)),
            launch_arguments={'input': str(clip), 'loop': 'true'}.items()),
        launch_testing.actions.ReadyToTest(),
    ])


class TestReplay(unittest.TestCase):
    def test_images_are_processed_round_after_round(self):
        answers = []
        rclpy.init()
        node = rclpy.create_node('test')
        node.create_subscription(PoseArray, '/movenet/poses', answers.append, 10)
        end = time.monotonic() + TIMEOUT
        while len(answers) < 2 * FRAMES and time.monotonic() < end:
            rclpy.spin_once(node, timeout_sec=0.1)
        node.destroy_node()
        rclpy.shutdown()
        assert len(answers) >= 2 * FRAMES
        assert (answers[0].width, answers[0].height) == (WIDTH, HEIGHT)


@launch_testing.post_shutdown_test()
class TestAfterwards(unittest.TestCase):
    def test_camera_and_node_end_cleanly(self, proc_info):
        # 130: ended by an interrupt, which is how launch stops a loop
        launch_testing.asserts.assertExitCodes(proc_info, [0, 130])
