"""A recording played as a camera, and a subscriber to the poses of the node."""
import signal
import subprocess
import sys
import threading
import time

import cv2
import numpy as np
import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.serialization import deserialize_message, serialize_message
from rosbags.rosbag2 import Writer
from rosbags.typesys import Stores, get_typestore
from sensor_msgs.msg import Image
from support.process import NodeProcess

from movenet_ros.core.types import Picture
from movenet_ros.errors import ImageError
from movenet_ros.files.source import Frame
from movenet_ros.files.sources import open_source
from movenet_ros.msg import PoseArray
from movenet_ros.ros.conversions import set_stamp, stamp_ns
from movenet_ros.tools.planned_images import paced, planned_images
from movenet_ros.tools.player import Player, ReplayOptions
from movenet_ros.tools.pose_monitor import PoseMonitor

MILLISECOND = 1_000_000
STAMPS = [0, 20 * MILLISECOND, 60 * MILLISECOND]


def a_clip(pixels=None, order='bgr', stamps=STAMPS):
    """Stands in for a source."""
    pixels = np.zeros((32, 48, 3), np.uint8) if pixels is None else pixels
    return [Frame(5 * 10**9 + stamp, 'recorded', lambda _: Picture(pixels, order))
            for stamp in stamps]


@pytest.fixture
def context():
    context = Context()
    rclpy.init(context=context)
    yield context
    rclpy.shutdown(context=context)


class Show:
    """A player that plays in a thread, for a peer that listens."""

    def __init__(self, context, options, source):
        self.stop = threading.Event()
        self.reported, self.count, self.taken = [], None, None
        self.player = Player(options, context=context, report=self.reported.append)
        self._open = lambda: planned_images(source, options.transport)
        self._thread = threading.Thread(target=self._play)
        self._thread.start()

    def _play(self):
        assert self.player.wait_for_subscribers(self.stop)
        started = time.monotonic()
        self.count = self.player.play(self._open, self.stop)
        self.taken = time.monotonic() - started

    def finish(self):
        self._thread.join()
        return self.count

    def close(self):
        self.stop.set()
        self._thread.join()
        self.player.destroy_node()


@pytest.fixture
def show(context):
    shows = []

    def start(options, source):
        shows.append(Show(context, options, source))
        return shows[-1]

    yield start
    for one in shows:
        one.close()


def test_recorded_stamps_and_frame_are_kept(own_peer, show):
    with own_peer.listening('/camera/image', Image, 10, matched=False) as images:
        show(ReplayOptions('/camera/image', stamps='source'), a_clip())
        own_peer.until(lambda: len(images) == 3, 'the images')
    assert [stamp_ns(i.header) - 5 * 10**9 for i in images] == STAMPS
    assert {i.header.frame_id for i in images} == {'recorded'}
    assert {i.encoding for i in images} == {'bgr8'}


def test_stamps_of_now_are_as_far_apart_as_the_recorded_ones(own_peer, show):
    before = time.time_ns()
    with own_peer.listening('/camera/image', Image, 10, matched=False) as images:
        options = ReplayOptions('/camera/image', stamps='now', speed=2.0, frame_id='head')
        playing = show(options, a_clip())
        own_peer.until(lambda: len(images) == 3, 'the images')
    stamps = [stamp_ns(i.header) for i in images]
    assert before < stamps[0] < time.time_ns()
    assert np.diff(stamps).tolist() == [10 * MILLISECOND, 20 * MILLISECOND]
    assert images[0].header.frame_id == 'head'
    assert playing.finish() == 3
    assert playing.taken >= 0.029


def test_a_loop_goes_on_in_time(own_peer, show):
    with own_peer.listening('/camera/image', Image, 100, matched=False) as images:
        playing = show(ReplayOptions('/camera/image', loop=True), a_clip())
        own_peer.until(lambda: len(images) > 6, 'three rounds')
        playing.stop.set()
        assert playing.finish() >= 7
    steps = (np.diff([stamp_ns(i.header) for i in images[:7]]) / MILLISECOND).round(3).tolist()
    # An image or two may pass before the listener is known to the player.
    assert steps in ([20, 40, 40, 20, 40, 40], [40, 40, 20, 40, 40, 20], [40, 20, 40, 40, 20, 40])


def test_channels_keep_their_order(own_peer, show):
    pixels = np.arange(32 * 48, dtype=np.uint8).reshape(32, 48, 1)
    with own_peer.listening('/camera/image', Image, 10, matched=False) as images:
        show(ReplayOptions('/camera/image'), a_clip(pixels, 'mono', [0]))
        own_peer.until(lambda: images, 'an image')
    assert (images[0].encoding, images[0].step) == ('mono8', 48)
    assert images[0].data.tobytes() == pixels.tobytes()


def test_a_single_picture_in_a_loop_is_paced():
    images = paced(lambda: planned_images(a_clip(stamps=[0]), 'raw'), loop=True)
    assert [next(images)[0] for _ in range(3)] == pytest.approx([0.0, 0.1, 0.2])


def test_stamps_that_jump_do_not_stop_the_show():
    source = a_clip(stamps=[0, 10**7, 10**7, 10**15, 10**15 + 10**8, 3, 3 + 10**7])
    times = [due for due, *_ in paced(lambda: planned_images(source, 'raw'))]
    assert times == pytest.approx([0.0, 0.01, 0.01, 0.02, 0.12, 0.22, 0.23])


def test_a_picture_that_cannot_be_read_is_left_out(own_peer, show):
    def broken(white_level):
        raise ImageError('torn')

    source = a_clip()
    source[1] = Frame(source[1].stamp_ns, '', broken)
    with own_peer.listening('/camera/image', Image, 10, matched=False):
        playing = show(ReplayOptions('/camera/image'), source)
        assert playing.finish() == 2
    assert playing.reported[-1] == 'left out an image: torn'


def write_bag(path, messages):
    store = get_typestore(Stores.LATEST)
    with Writer(path, version=9) as bag:
        connection = bag.add_connection('/front/image', 'sensor_msgs/msg/Image', typestore=store)
        for index, message in enumerate(messages):
            bag.write(connection, index * 20 * MILLISECOND, serialize_message(message))


@pytest.mark.parametrize('stamps', ['source', 'now'])
def test_recorded_messages_are_played_as_they_are(own_peer, show, tmp_path, stamps):
    recorded = []
    for index in range(3):
        # an encoding of which no picture of ours keeps everything
        message = Image(height=2, width=2, encoding='16UC1', step=6, data=bytes(range(12)))
        set_stamp(message.header, 7 * 10**9 + index * 20 * MILLISECOND)
        message.header.frame_id = 'depth'
        recorded.append(message)
    write_bag(tmp_path / 'bag', recorded)
    with open_source(tmp_path / 'bag') as source, own_peer.listening(
            '/camera/image', Image, 10, matched=False) as images:
        show(ReplayOptions('/camera/image', stamps=stamps), source)
        own_peer.until(lambda: len(images) == 3, 'the images')
    if stamps == 'now':
        assert stamp_ns(images[0].header) > 10**18
        for image, original in zip(images, recorded, strict=True):
            image.header.stamp = original.header.stamp
    assert images == recorded


def test_without_a_subscriber_it_says_so_and_stops_when_told(context):
    reported = []
    player = Player(ReplayOptions('/unused/image', wait=0.1), context=context,
                    report=reported.append)
    stop = threading.Event()
    assert not player.wait_for_subscribers(stop)
    assert reported[-1].startswith(
        'no subscriber on /unused/image after 0.1 s, playing all the same; ')
    stop.set()
    assert player.play(lambda: planned_images(a_clip(), 'raw'), stop) == 0
    player.destroy_node()


def test_a_video_through_the_node_to_a_monitor(tmp_path, request):
    person = cv2.imread(str(request.config.rootpath / 'test' / 'data' / 'astronaut.jpg'))
    path = tmp_path / 'clip.avi'
    clip = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 20.0, (512, 512))
    for _ in range(20):
        clip.write(person)
    clip.release()
    seen = []
    rclpy.init()
    try:
        monitor = PoseMonitor(seen.append)
        executor = SingleThreadedExecutor()
        executor.add_node(monitor)
        with NodeProcess(autostart='true') as process:
            process.wait_for_line('active: ')
            words = ['replay', str(path), '--loop']
            with subprocess.Popen([sys.executable, '-m', 'movenet_ros.cli', *words]) as camera:
                end = time.monotonic() + 20.0
                while len(seen) < 40 and time.monotonic() < end:
                    executor.spin_once(timeout_sec=0.05)
                camera.send_signal(signal.SIGINT)
            assert camera.returncode == 0
        executor.shutdown()
        monitor.destroy_node()
    finally:
        rclpy.shutdown()
    assert len(seen) >= 40
    last = seen[-1]
    assert (last.count, last.lost) == (len(seen), 0)
    assert last.rate == pytest.approx(20.0, rel=0.3)
    assert 0.0 < last.latency < 0.5
    assert deserialize_message(last.serialized, PoseArray) == last.message
    assert len(last.message.poses) == 1


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_replay(tmp_path, number):
    cv2.imwrite(str(tmp_path / 'one.png'), np.zeros((32, 48, 3), np.uint8))
    code = ('from movenet_ros.tools.player import ReplayOptions; '
            'from movenet_ros.tools.replay import main; '
            f'main({str(tmp_path)!r}, ReplayOptions(loop=True), report=print)')
    with subprocess.Popen([sys.executable, '-u', '-c', code], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as camera:
        assert 'waiting for a subscriber' in next(
            line for line in camera.stdout if 'XMLPARSER' not in line and 'DEFAULT' not in line)
        camera.send_signal(number)
        rest = camera.stdout.read()
    assert camera.returncode == 0
    assert 'Traceback' not in rest
