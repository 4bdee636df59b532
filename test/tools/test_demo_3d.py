"""`movenet demo --three-d`: what it finds, and what it leaves behind."""
import re
import subprocess
import sys

import cv2
import pytest

from movenet_ros.errors import EngineError
from movenet_ros.msg import PoseArray, PoseArray3D
from movenet_ros.tools.demo_3d import Answer, DepthCamera, record
from movenet_ros.tools.rgbd_scene import images


def test_the_demo_finds_everybody_and_leaves_a_picture(tmp_path):
    done = subprocess.run(
        [sys.executable, '-u', '-m', 'movenet_ros.cli', 'demo', '--three-d', '--output',
         str(tmp_path)], capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    count, people, placed, error = map(int, re.search(
        r'(\d+) images, (\d+) people in them, (\d+) with a position; median (\d+) cm',
        done.stdout).groups())
    assert (count, people) == (60, 180)
    assert placed >= 0.9 * people and error <= 12
    assert '[ERROR]' not in done.stderr
    picture = cv2.imread(str(tmp_path / 'picture_3d.png'))
    assert picture.shape == (3 * 480, 640 + 2 * 480, 3)


def test_without_positions_it_fails_and_says_so(tmp_path):
    answer = Answer(next(iter(images())), PoseArray(), PoseArray3D())
    with pytest.raises(EngineError, match='nobody had a position'):
        record([answer], tmp_path / 'picture_3d.png')


def test_a_node_that_ends_ends_the_demo():
    with DepthCamera() as camera, pytest.raises(EngineError, match='the node has ended'):
        next(camera.play(lambda: False))
