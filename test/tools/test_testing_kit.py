"""movenet_ros.testing: what users build their own replay tests on."""
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import cv2
import numpy as np
import pytest
from rclpy.serialization import serialize_message
from rosbags.rosbag2 import Writer
from rosbags.typesys import Stores, get_typestore
from support.paths import DATA, ROOT, TESTS
from support.poses import message, people, write
from support.ros import image

from movenet_ros.errors import SourceError
from movenet_ros.files.recorded_poses import read_poses
from movenet_ros.msg import PoseArray
from movenet_ros.ros.conversions import from_pose_array, set_stamp, stamp_ns
from movenet_ros.testing import (
    MovenetTestNode,
    NodeTestError,
    assert_poses_close,
    read_pose_arrays,
)

CLIP = DATA / 'one_person.mp4'


@pytest.fixture(scope='module')
def usual_node():
    """A node with the default parameters, for tests that do not depend on what it has seen."""
    with MovenetTestNode() as node:
        yield node


@pytest.fixture(scope='module')
def node_of_two_cameras():
    with MovenetTestNode({'cameras': ['front', 'rear']}) as node:
        yield node


def test_recordings_are_read_back_as_messages(tmp_path):
    path = write(tmp_path / 'poses.mcap', [message(5, people((10, 20), (30, 40)), 3)])
    found, = read_pose_arrays(path)
    assert isinstance(found, PoseArray)
    assert (stamp_ns(found.header), found.sequence, found.header.frame_id) == (5, 3, 'camera')
    assert [(p.id, p.keypoints[0].x, p.keypoints[0].y) for p in found.poses] == [
        (1, 10.0, 20.0), (2, 30.0, 40.0)]
    assert_poses_close([found], path, px=0.0, score=0.0)


@pytest.mark.parametrize('name', ['p.mcap', 'p.jsonl', 'p'])
def test_poses_compare_in_every_form(tmp_path, name):
    path = write(tmp_path / name, [message(5, people((10, 20)))])
    forms = [path, Path(path), read_poses(path), read_pose_arrays(path)]
    for form in forms:
        assert_poses_close(form, path, px=0.0, score=0.0)


def test_a_failure_names_image_person_keypoint_and_distance():
    moved = people((10, 20), (30, 40))
    moved.xy[1, 3, 1] += 4.0
    a = [message(1_500_000_000, people((10, 20), (30, 40)))]
    with pytest.raises(AssertionError) as caught:
        assert_poses_close(a, [message(1_500_000_000, moved)], px=3.0)
    assert 'image 0 (1.500000000 s), person 2: left_ear 4 px apart' in str(caught.value)
    assert_poses_close(a, [message(1_500_000_000, moved)], px=4.0)


def test_nothing_is_not_close_to_nothing():
    with pytest.raises(AssertionError, match='no poses on either side'):
        assert_poses_close([], [], px=1.0)


def test_what_are_no_poses_is_said():
    with pytest.raises(TypeError, match='not poses: int'):
        assert_poses_close([1], [1], px=1.0)


def test_every_image_is_processed_once_and_in_order_however_slow_the_node_is():
    with MovenetTestNode({'model': 'thunder', 'threads': 1}) as node:
        live = node.play(CLIP, images=12)
        assert [stamp_ns(m.header) for m in live] == [round(i * 1e9 / 30) for i in range(12)]
        assert [m.sequence for m in live] == list(range(12))
        # It goes on where it was.
        assert [m.sequence for m in node.play(CLIP, images=2)] == [12, 13]


def test_large_images_arrive(usual_node, tmp_path):
    for index in range(3):
        cv2.imwrite(str(tmp_path / f'{index}.png'), np.full((1080, 1920, 3), 9, np.uint8))
    assert [(m.width, m.height) for m in usual_node.play(tmp_path)] == [(1920, 1080)] * 3


@pytest.mark.parametrize('parameters', [
    {'transport': 'compressed'}, {'cameras': ['front']},
    {'cameras': ['front'], 'transport': 'compressed'}], ids=str)
def test_other_transports_and_cameras(parameters):
    with MovenetTestNode(parameters) as node:
        live = node.play(CLIP, images=3, camera='front' * ('cameras' in parameters))
    assert [len(m.poses) for m in live] == [1, 1, 1]


def test_a_bag_keeps_its_stamps_and_loses_unreadable_images(usual_node, tmp_path):
    messages = [image(np.full((48, 64, 3), 90, np.uint8)) for _ in range(4)]
    messages[2].encoding = '32FC1'
    with Writer(tmp_path / 'bag', version=8) as bag:
        connection = bag.add_connection('/front/image', 'sensor_msgs/msg/Image',
                                        typestore=get_typestore(Stores.ROS2_HUMBLE))
        for index, one in enumerate(messages):
            one.header.frame_id = 'front'
            set_stamp(one.header, 10**18 + index)
            bag.write(connection, index, serialize_message(one))
    before = usual_node.left_out
    live = usual_node.play(tmp_path / 'bag', topic='/front/image')
    assert usual_node.left_out - before == 1
    assert [stamp_ns(m.header) - 10**18 for m in live] == [0, 1, 3]
    assert {m.header.frame_id for m in live} == {'front'}


def test_parameters_win_over_the_file(tmp_path):
    file = tmp_path / 'my.yaml'
    file.write_text('movenet:\n  ros__parameters:\n    model: thunder\n    threads: 1\n')
    with MovenetTestNode({'model': 'multipose'}, params_file=file) as node:
        assert from_pose_array(node.play(CLIP, images=1)[0]).model == 'multipose'
    with MovenetTestNode(params_file=file) as node:
        assert node.play(CLIP, images=1)[0].model == 'thunder'


@pytest.mark.parametrize(('parameters', 'problem', 'state'), [
    ({'threads': -1}, 'the node did not start', 'has ended with code 2'),
    ({'model': 'nosuch'}, 'the node did not start', 'has ended with code 2'),
    ({'models_dir': '/nonexistent'}, 'the node could not be activated', 'runs')], ids=str)
def test_a_node_that_does_not_start_fails_at_once_and_says_why(parameters, problem, state):
    value, = parameters.values()
    with pytest.raises(NodeTestError) as caught, MovenetTestNode(parameters):
        pytest.fail('it was started')
    first, second, *log = str(caught.value).splitlines()
    assert (first, second) == (problem, f'    The node {state}; the end of its log:')
    assert any(line.startswith('    ') and str(value) in line for line in log)


def test_a_node_is_active_whatever_form_of_log_lines_the_user_likes(monkeypatch):
    monkeypatch.setenv('RCUTILS_CONSOLE_OUTPUT_FORMAT', '{message}')
    monkeypatch.setenv('RCUTILS_COLORIZED_OUTPUT', '1')
    with MovenetTestNode() as node:
        assert ': active: ' in node.log


def test_the_end_of_the_node_while_it_is_played_to_is_noticed(tmp_path):
    for index in range(200):
        cv2.imwrite(str(tmp_path / f'{index:03}.png'), np.full((48, 64, 3), 9, np.uint8))
    with MovenetTestNode() as node:
        node.play(tmp_path, images=1)
        os.kill(node._process.pid, signal.SIGKILL)
        with pytest.raises(NodeTestError, match=r'image 0 was not processed\n.*ended with code -9'):
            node.play(tmp_path)


def test_a_camera_that_the_node_does_not_have_is_named(usual_node):
    with pytest.raises(NodeTestError, match="no camera 'left': its only one has no name"):
        usual_node.play(CLIP, camera='left')


@pytest.mark.parametrize('camera', ['left', ''])
def test_the_cameras_that_the_node_has_are_named(node_of_two_cameras, camera):
    with pytest.raises(NodeTestError, match=f"no camera '{camera}': .*: front, rear"):
        node_of_two_cameras.play(CLIP, camera=camera)


def test_after_the_block_the_log_is_still_there_and_nothing_is_played():
    node = MovenetTestNode()
    with node:
        pass
    assert 'active: ' in node.log
    for ended in (node, MovenetTestNode()):
        with pytest.raises(NodeTestError, match='does not run: play within its `with` block'):
            ended.play(CLIP)


def test_the_log_in_an_error_is_shown_line_by_line_and_cannot_control_the_terminal():
    assert str(NodeTestError('it failed\n[INFO] one\x1b[2J\n[WARN] two')) == (
        'it failed\n    [INFO] one\\x1b[2J\n    [WARN] two')


def test_a_recording_that_cannot_be_read_is_named(usual_node):
    with pytest.raises(SourceError, match=r'nowhere\.mp4: there is no'):
        usual_node.play('nowhere.mp4')


def test_an_image_that_is_not_processed_is_named():
    with MovenetTestNode() as node:
        node.play(CLIP, images=1)
        os.kill(node._process.pid, signal.SIGSTOP)
        try:
            with pytest.raises(NodeTestError, match=r'not active|image 0 .* was not processed'):
                node.play(CLIP, images=1, timeout=2.0)
        finally:
            os.kill(node._process.pid, signal.SIGCONT)


TEST = """
    import os, pytest
    from pathlib import Path
    pytest_plugins = ['movenet_ros.testing.fixtures']

    def test_it(movenet_node):
        node = movenet_node()
        Path({pids!r}).write_text(str(node._process.pid))
        {body}
"""


@pytest.mark.parametrize(('body', 'code'), [
    ('assert len(node.play({clip!r}, images=2)) == 2', 0), ('raise ValueError', 1),
    ('os.kill(os.getpid(), 2); node.play({clip!r})', 2)], ids=['passes', 'fails', 'ctrl-c'])
def test_no_process_outlives_the_test(tmp_path, body, code):
    pids, file = str(tmp_path / 'pids'), tmp_path / 'test_it.py'
    file.write_text(textwrap.dedent(TEST).format(
        pids=pids, body=body.format(clip=str(CLIP))))
    done = subprocess.run([sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider',
                           '--rootdir', str(tmp_path), str(file)], cwd=tmp_path,
                          capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert not Path('/proc', Path(pids).read_text()).exists()


def test_the_fixtures_are_not_loaded_by_themselves_and_comparing_needs_no_ros(tmp_path):
    code = ('import sys, movenet_ros.testing as t, movenet_ros.cli.diff; '
            'print([m for m in ("rclpy", "pytest", "cv2") if m in sys.modules])')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == '[]'
    plugins = subprocess.run([sys.executable, '-m', 'pytest', '--fixtures', str(tmp_path)],
                             cwd=tmp_path, capture_output=True, text=True, check=False)
    assert 'movenet_node' not in plugins.stdout


def test_the_page_shows_the_example_as_it_runs():
    example = (TESTS / 'tools' / 'test_example_replay.py').read_text(encoding='utf-8')
    page = (ROOT / 'docs' / 'replay_tests.md').read_text(encoding='utf-8')
    assert example.partition('"""\n')[2] in page
