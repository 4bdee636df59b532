"""`movenet replay` beside what a camera's driver is to its subscribers."""
import contextlib
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import rclpy
from rcl_interfaces.srv import ListParameters
from rclpy.context import Context
from sensor_msgs.msg import CompressedImage, Image
from support.paths import DATA
from support.ros import best_effort

from movenet_ros.core.types import Picture
from movenet_ros.fastdds_profile import CHOSEN_BY_VARIABLE
from movenet_ros.files.source import Frame
from movenet_ros.ros.conversions import stamp_ns
from movenet_ros.tools.planned_images import planned_images
from movenet_ros.tools.player import Player, ReplayOptions

CLIP = str(DATA / 'one_person.mp4')
MILLISECOND = 1_000_000


@contextlib.contextmanager
def replaying(*words):
    """The command, in an environment that says nothing about transports."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in CHOSEN_BY_VARIABLE}
    with subprocess.Popen([sys.executable, '-m', 'movenet_ros.cli', 'replay', *words], text=True,
                          stderr=subprocess.PIPE, env=environment) as process:
        try:
            yield process
        finally:
            process.terminate()


def write_pictures(folder, size, count):
    import cv2
    folder.mkdir()
    for index in range(count):
        # compresses to nothing, and is large only as a message
        cv2.imwrite(str(folder / f'{index:03}.png'), np.full((*size, 3), index, np.uint8))
    return str(folder)


@pytest.mark.parametrize('qos', [100, best_effort(100)], ids=['reliable', 'best effort'])
def test_every_large_image_arrives_without_any_setting(own_peer, tmp_path, qos):
    folder = write_pictures(tmp_path / 'hd', (720, 1280), 40)
    with own_peer.listening('image', Image, qos, matched=False) as images:
        with replaying(folder) as camera:
            own_peer.until(lambda: camera.poll() is not None, 'the end of the replay')
            output = camera.stderr.read()
        own_peer.spin(0.2)
    assert '40 images played' in output
    assert [image.data[0] for image in images] == list(range(40))


def test_services_are_processed_while_it_plays(own_peer):
    with replaying(CLIP, '--loop', '--wait', '0'):
        for _ in range(3):
            answer = own_peer.call(ListParameters, 'list_parameters', ListParameters.Request(),
                                   '/camera', patience=5.0)
            assert 'use_sim_time' in answer.result.names


def test_the_log_tells_which_image_got_which_stamp(own_peer, tmp_path):
    log = tmp_path / 'stamps.csv'
    with (own_peer.listening('image', Image, 100, matched=False) as images,
          replaying(CLIP, '--stamps-log', str(log)) as camera):
        own_peer.until(lambda: camera.poll() is not None, 'the end of the replay')
        own_peer.spin(0.2)
    head, *lines = log.read_text().splitlines()
    rows = [tuple(map(int, line.split(','))) for line in lines]
    assert head == 'index,source_stamp_ns,stamp_ns'
    assert [row[:2] for row in rows] == [(i, round(i * 1e9 / 30)) for i in range(100)]
    assert [row[2] for row in rows] == [stamp_ns(image.header) for image in images]
    # a video has no frame of its own
    assert {image.header.frame_id for image in images} == {'camera'}


def test_a_log_that_cannot_be_written_is_one_line(tmp_path):
    with replaying(CLIP, '--stamps-log', str(tmp_path / 'nowhere' / 'stamps.csv')) as camera:
        output = camera.stderr.read()
    assert camera.wait() == 1
    assert output.count('\n') == 1 and 'stamps.csv: cannot be written' in output


@pytest.fixture
def player():
    """Makes a player; what it reports is in its `reported`."""
    context, players = Context(), []
    rclpy.init(context=context)

    def make(**options):
        reported = []
        players.append(Player(ReplayOptions(**options), context=context, report=reported.append))
        players[-1].reported = reported
        return players[-1]

    yield make
    for one in players:
        one.destroy_node()
    rclpy.shutdown(context=context)


@pytest.mark.parametrize(('options', 'topic', 'kind', 'remedy'), [
    ({}, '/front/image', Image, 'give --topic /front/image --transport raw'),
    ({}, '/image/compressed', CompressedImage, 'give --topic /image --transport compressed'),
    ({'reliable': False}, '/image', Image, 'leave out --best-effort'),
    ({'topic': '/b'}, '/poses', None, 'movenet run --ros-args -p autostart:=true -r image:=/b')])
def test_a_replay_without_subscribers_names_the_remedy(
        own_peer, player, options, topic, kind, remedy):
    camera = player(wait=0.0, **options)
    with contextlib.ExitStack() as stack:
        if kind:
            stack.enter_context(own_peer.listening(topic, kind, 10, matched=False))
            own_peer.until(lambda: camera.count_subscribers(topic), 'the subscriber')
        assert not camera.wait_for_subscribers(threading.Event())
    assert remedy in camera.reported[-1]


def test_a_machine_that_is_too_slow_stamps_images_when_they_are_taken(player):
    def slow(white_level):
        time.sleep(0.2)
        return Picture(np.zeros((32, 48, 3), np.uint8), 'bgr')

    clip = [Frame(index * 10 * MILLISECOND, '', slow) for index in range(5)]
    stamps, ages = [], []

    def published(image):
        stamps.append(image.stamp_ns)
        ages.append(time.time_ns() - image.stamp_ns)

    camera = player()
    camera._published = published
    assert camera.play(lambda: planned_images(clip, 'raw'), threading.Event()) == 5
    # A camera's image is as old as it takes to make it, and none is older for those before it.
    assert max(ages) < 0.8e9
    assert min(np.diff(stamps)) > 0
    assert 'this machine cannot play so fast' in camera.reported[-1]
