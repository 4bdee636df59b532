"""`movenet demo`: what it shows, what it leaves behind, and that it does not measure itself."""
import re
import signal
import subprocess
import sys
import time

import cv2
import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.serialization import deserialize_message, serialize_message
from rosbags.rosbag2 import Reader
from support.paths import DATA

from movenet_ros.cli.interruption import interruptible
from movenet_ros.cli.status_line import StatusLine
from movenet_ros.msg import Keypoint, PersonPose, PoseArray
from movenet_ros.ros.conversions import set_stamp
from movenet_ros.tools.demo_recorder import DemoRecorder
from movenet_ros.tools.pose_monitor import PoseMonitor
from movenet_ros.tools.stamps_log import PublishedImage, read_stamps_log, write_stamps_log

FRAMES = 20
DEMO = [sys.executable, '-u', '-m', 'movenet_ros.cli', 'demo', '--model', 'lightning']


@pytest.fixture(scope='module')
def clip(tmp_path_factory):
    """The beginning of a sample clip."""
    return write_clip(tmp_path_factory.mktemp('clip') / 'short.avi', FRAMES, 20.0)


def write_clip(path, count, fps):
    capture = cv2.VideoCapture(str(DATA / 'one_person.mp4'))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), fps, (360, 480))
    for _ in range(count):
        writer.write(capture.read()[1])
    writer.release()
    capture.release()
    return path


def bag_stamps(path):
    with Reader(path) as bag:
        return sorted(stamp for _, stamp, _ in bag.messages())


def test_every_answer_is_recorded_and_nothing_is_warned_of(clip, tmp_path):
    done = subprocess.run([*DEMO, '--clip', str(clip)], cwd=tmp_path, capture_output=True,
                          text=True, check=True)
    out = tmp_path / 'out' / 'demo'
    stamps = bag_stamps(out / 'poses')
    assert f'{FRAMES} images played, {len(stamps)} processed and recorded' in done.stdout
    assert ('not images' in done.stdout) == (len(stamps) < FRAMES)
    assert 'ms from the stamp of an image to its poses' in done.stdout
    assert '[WARN]' not in done.stderr and '[ERROR]' not in done.stderr
    played = read_stamps_log(out / 'log' / 'stamps.csv')
    assert [image.index for image in played] == list(range(FRAMES))
    # A slow machine answers few of them.
    assert len(stamps) >= 3
    overlay = cv2.VideoCapture(str(out / 'overlay.webm'))
    count, fps = (overlay.get(wanted) for wanted in (cv2.CAP_PROP_FRAME_COUNT, cv2.CAP_PROP_FPS))
    # in real time: an image is shown again where the next one has no answer
    assert count / fps == pytest.approx((stamps[-1] - stamps[0]) / 1e9 + 1 / fps, abs=2 / fps)
    overlay.release()
    assert cv2.imread(str(out / 'picture.png')).shape[1] > 480
    assert 'look at this first' in done.stdout


def test_what_was_played_until_ctrl_c_is_recorded(tmp_path):
    clip = write_clip(tmp_path / 'long.avi', 100, 5.0)
    command = [*DEMO, '--clip', str(clip), '--output', str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as demo:
        next(line for line in demo.stdout if line.startswith('images'))
        demo.send_signal(signal.SIGINT)
        output = demo.stdout.read()
    assert demo.returncode == 130
    assert 'stopped; what was played until now is recorded' in output
    assert 'processed and recorded' in output
    assert 0 < len(bag_stamps(tmp_path / 'poses')) < 100


# Sends the demo Ctrl-C within a function of the recorder.
STOPPED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from movenet_ros.cli import main
from movenet_ros.tools.demo_recorder import DemoRecorder
def stop():
    os.kill(os.getpid(), signal.SIGINT)
{change}
raise SystemExit(main(sys.argv[1:]))
"""
IN_THE_DRAWING = """
results = DemoRecorder._results
def stopping(self, processed):
    for index, result in enumerate(results(self, processed)):
        if index == {index}:
            {stop}
        yield result
DemoRecorder._results = stopping
"""


def stopped_demo(clip, folder, change):
    done = subprocess.run([sys.executable, '-c', STOPPED.format(change=change), *DEMO[4:],
                           '--clip', str(clip), '--output', str(folder)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 130, done.stderr
    # the camera says things, too
    return [line for line in done.stderr.splitlines() if line.startswith('movenet: stopped')]


@pytest.mark.parametrize('step', ['wait_for_node', 'watch'])
def test_ctrl_c_before_the_first_image_is_named(clip, tmp_path, step):
    change = f'DemoRecorder.{step} = lambda *_: stop()'
    assert stopped_demo(clip, tmp_path, change) == ['movenet: stopped before the first image']
    assert [item.name for item in tmp_path.iterdir()] == ['log']


def test_ctrl_c_while_it_draws_leaves_the_same_images_in_all_outputs(tmp_path):
    # slow enough for a slow machine to answer more than one
    clip = write_clip(tmp_path / 'slow.avi', 8, 4.0)
    line, = stopped_demo(clip, tmp_path, IN_THE_DRAWING.format(index=1, stop='stop()'))
    assert re.fullmatch(r'movenet: stopped after 1 of \d+ images were drawn; the outputs are '
                        'partial: they hold the first 1', line)
    assert len(bag_stamps(tmp_path / 'poses')) == 1
    assert (tmp_path / 'picture.png').exists() and (tmp_path / 'overlay.webm').exists()


@pytest.mark.parametrize(('stop', 'expected'), [
    ('stop()', 'nothing was written'),
    ('stop(); stop()', 'stopped again while the outputs were written: they are not complete')])
def test_ctrl_c_when_nothing_is_drawn_yet(clip, tmp_path, stop, expected):
    line, = stopped_demo(clip, tmp_path, IN_THE_DRAWING.format(index=0, stop=stop))
    assert line.startswith('movenet: stopped after 0 of ') and line.endswith(expected)
    assert [item.name for item in tmp_path.iterdir()] == ['log']


def test_ctrl_c_while_a_message_is_made_comes_after_that(monkeypatch):
    """Of what is raised in the class of a message, rclpy makes a TypeError."""
    keypoint = sys.modules[Keypoint.__module__]

    def stopped():
        monkeypatch.delattr(keypoint, 'float')
        signal.raise_signal(signal.SIGINT)
        return 0.0

    content = serialize_message(PoseArray(poses=[PersonPose()]))
    with pytest.raises(KeyboardInterrupt), interruptible():  # noqa: PT012
        monkeypatch.setattr(keypoint, 'float', stopped, raising=False)
        assert len(deserialize_message(content, PoseArray).poses) == 1
        time.sleep(1.0)


def publish_poses(peer, publisher, index):
    message = PoseArray(sequence=index)
    stamp = time.time_ns()
    set_stamp(message.header, stamp)
    publisher.publish(message)
    return stamp


def test_the_time_that_the_monitor_itself_takes_does_not_count(own_peer):
    context, seen = Context(), []
    rclpy.init(context=context)
    monitor = PoseMonitor(seen.append, context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(monitor)
    publisher = own_peer.node.create_publisher(PoseArray, '/movenet/poses', 10)
    own_peer.until(lambda: publisher.get_subscription_count()
                   and monitor.count_publishers('movenet/poses'), 'each other')
    deadline = time.monotonic() + 20.0
    index = 0
    while not seen:  # each side learns of the other at its own time
        publish_poses(own_peer, publisher, index)
        index += 1
        executor.spin_once(timeout_sec=0.2)
        assert time.monotonic() < deadline
    seen.clear()
    publish_poses(own_peer, publisher, index)
    busy = 0.3
    time.sleep(busy)
    while not (seen and seen[-1].message.sequence == index):
        executor.spin_once(timeout_sec=0.2)
        assert time.monotonic() < deadline
    assert seen[-1].latency < busy
    executor.shutdown()
    monitor.destroy_node()
    rclpy.shutdown(context=context)


def test_images_without_an_answer_are_named_with_the_cause(own_peer, tmp_path, clip):
    log = tmp_path / 'stamps.csv'
    publisher = own_peer.node.create_publisher(PoseArray, '/movenet/poses', 10)
    with DemoRecorder(tmp_path, clip, log) as recorder, write_stamps_log(log) as published:
        own_peer.until(lambda: publisher.get_subscription_count(), 'the recorder')
        # the node answers every second image; this one is lost neither here nor on the way
        images, processed = [], []

        def playing():
            index = len(images)
            if index < FRAMES and (index % 2 or not processed
                                   or processed[-1] in recorder._observations):
                stamp = time.time_ns()
                if index % 2 == 0:
                    stamp = publish_poses(own_peer, publisher, index // 2)
                    processed.append(stamp)
                images.append(PublishedImage(index, index * 50_000_000, stamp))
                published(images[-1])
            return index < FRAMES

        recorder.watch(playing)
        assert read_stamps_log(log) == images
        summary = recorder.record()[0]
    assert summary.startswith(
        '20 images played, 10 processed and recorded (not images 1, 3, 5, 7, 9, '
        '11, 13, 15, 17, 19 of the clip: the node takes the newest image')


def test_a_recorder_that_cannot_start_leaves_ros_shut_down(tmp_path, clip, monkeypatch):
    def fail(*_):
        raise ValueError('no subscription')

    monkeypatch.setattr(PoseMonitor, '__init__', fail)
    recorder = DemoRecorder(tmp_path, clip, tmp_path / 'stamps.csv')
    with pytest.raises(ValueError, match='no subscription'), recorder:
        pass
    assert not rclpy.ok()


def test_a_status_in_a_file_is_a_line_and_the_last_one_is_there(capsys):
    with StatusLine() as status:
        status.show('1 image')
        status.show('2 images')
    assert capsys.readouterr().out == '2 images\n'


def test_a_status_on_a_terminal_changes_in_place(capsys, monkeypatch):
    monkeypatch.setattr('sys.stdout.isatty', lambda: True)
    monkeypatch.setattr('movenet_ros.cli.status_line.TERMINAL_PERIOD', -1.0)
    with StatusLine() as status:
        status.show('1 image')
        status.show('2 images')
    assert capsys.readouterr().out == '\r1 image\r2 images\n'
