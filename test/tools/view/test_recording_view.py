"""Recordings as `movenet view` plays them: by the clock, while somebody watches."""
import itertools
import signal
import subprocess
import sys
import threading
import time

import cv2
import numpy as np
import pytest
from support.bags import STORAGES
from support.recordings import (
    BEGIN,
    STEP,
    decoded,
    number_image,
    played,
    usual_items,
    write_recording,
)
from support.view import TIMEOUT, post, request, served

from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import MovenetError
from movenet_ros.files.bags import bag_file

IMAGES = '/camera/image_raw'


def shown(watcher, condition=lambda fields: True):
    """The next record that fits: its fields, and the number in its image."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        record = watcher.next(0.1)
        if record is not None:
            fields, jpeg = decoded(record)
            if condition(fields):
                return fields, number_in(jpeg)
    raise AssertionError('no such record')


def number_in(jpeg):
    if not jpeg:
        return None
    return round(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).mean() / 2)


def index_of(fields):
    seconds, nanoseconds = fields['stamp'].split('.')
    return (int(seconds) * NANOSECONDS + int(nanoseconds) - BEGIN) / STEP


@pytest.fixture
def recording(tmp_path):
    return str(write_recording(tmp_path / 'bag', usual_items(60)))


@pytest.mark.parametrize('storage', STORAGES)
def test_a_watcher_sees_the_recording_from_its_first_image_to_its_last(tmp_path, storage):
    path = write_recording(tmp_path / 'bag', usual_items(40), storage)
    with played(path) as subject, subject.feed(IMAGES).watch() as watcher:
        begin = time.monotonic()
        seen = []
        while not seen or seen[-1][0]['position'] < subject.duration:
            seen.append(shown(watcher))
        assert time.monotonic() - begin >= 39 * STEP / NANOSECONDS
        assert seen[0][0]['position'] == 0.0
        for fields, number in seen:
            assert number == index_of(fields) == fields['sequence']
            assert len(fields['people']) == 1
        assert [index_of(fields) for fields, _ in seen][-1] == 39
        assert watcher.next(0.2) is None
        last = seen[-1][0]
        assert (last['model'], last['width'], last['height']) == ('multipose', 64, 48)
        assert last['rate'] == pytest.approx(25.0)
        assert last['latency'] == pytest.approx(0.025)
        assert (last['camera'], last['topic'], last['status']) == (IMAGES, IMAGES, None)


def test_nothing_is_played_until_somebody_watches_and_after_all_have_left(recording):
    with played(recording) as subject:
        playhead, feed = subject._playhead, subject.feed(IMAGES)
        time.sleep(0.3)
        assert playhead.position == 0.0
        with feed.watch() as watcher:
            shown(watcher, lambda fields: fields['position'] > 0.3)
        deadline = time.monotonic() + TIMEOUT
        while playhead._since is not None:
            assert time.monotonic() < deadline
        stopped = playhead.position
        with feed.watch() as watcher:
            assert shown(watcher)[0]['position'] <= stopped + 0.001
            assert shown(watcher)[0]['position'] >= stopped - 0.1


def test_pausing_and_seeking(recording):
    with played(recording) as subject, subject.feed(IMAGES).watch() as watcher:
        shown(watcher)
        subject.play(True, None)
        while watcher.next(0.3) is not None:
            pass
        for position in (1.5, 0.3, 2.0):
            subject.play(None, position)
            fields, number = shown(watcher)
            assert number == int(position * 25) == index_of(fields)
            assert watcher.next(0.15) is None
        subject.play(False, None)
        numbers = [shown(watcher)[1] for _ in range(5)]
        assert 50 <= numbers[0] < numbers[-1] < 60
        assert numbers == sorted(numbers)


def test_everybody_is_told_whether_it_is_paused(recording):
    with played(recording) as subject, subject.feed(IMAGES).watch() as watcher:
        assert shown(watcher)[0]['paused'] is False
        subject.play(True, None)
        fields, _ = shown(watcher, lambda fields: fields['paused'])
        assert fields['position'] < subject.duration
        assert watcher.next(0.15) is None
        with subject.feed(IMAGES).watch() as later:
            assert shown(later)[0]['paused'] is True
        subject.play(False, None)
        shown(watcher, lambda fields: not fields['paused'])
        shown(watcher, lambda fields: fields['paused'] and fields['position'] == subject.duration)


def test_seeking_while_it_plays(recording):
    with played(recording) as subject, subject.feed(IMAGES).watch() as watcher:
        shown(watcher)
        subject.play(None, 2.0)
        assert shown(watcher, lambda fields: fields['position'] > 1.9)[1] >= 49
        subject.play(None, 0.0)
        assert shown(watcher, lambda fields: fields['position'] < 0.3)[1] < 8


def test_playing_again_at_the_end_starts_over(recording):
    with played(recording) as subject, subject.feed(IMAGES).watch() as watcher:
        subject.play(None, 2.2)
        shown(watcher, lambda fields: fields['position'] == subject.duration)
        subject.play(False, None)
        assert shown(watcher, lambda fields: fields['position'] < 2.0)[1] < 10
        subject.play(None, subject.duration)
        shown(watcher, lambda fields: fields['position'] == subject.duration)
        # who goes back from the end finds it paused, as at the end
        subject.play(None, 1.0)
        assert shown(watcher, lambda fields: fields['position'] < 2.0)[1] == 25
        assert watcher.next(0.2) is None
        subject.play(False, 0.5)
        assert shown(watcher, lambda fields: fields['position'] > 0.7)[1] > 15


def test_several_cameras_are_played_by_one_clock(tmp_path):
    both = [*usual_items(100, '/left/image', '/movenet/left/poses', 'left'),
            *usual_items(100, '/right/image', '/movenet/right/poses', 'right')]
    path = write_recording(tmp_path / 'bag', sorted(both, key=lambda item: item[2]))
    with played(path) as subject, subject.feed('/left/image').watch() as left:
        shown(left, lambda fields: fields['position'] > 0.5)
        with subject.feed('/right/image').watch() as right:
            assert shown(right)[0]['position'] > 0.4
            assert shown(right)[0]['frame_id'] == 'right'
        # whoever goes on watching is not stopped by those who leave
        position = shown(left)[0]['position']
        assert shown(left, lambda fields: fields['position'] > position + 0.5)
        with pytest.raises(KeyError):
            subject.feed('/other')


def test_images_that_cannot_be_shown_do_not_end_it(tmp_path):
    def damaged(item):
        item[1].encoding = 'no_encoding'
        return item
    every = [(topic, damaged(number_image(5)) if topic == IMAGES and index // 2 == 5 else item, at)
             for index, (topic, item, at) in enumerate(usual_items(20))]
    path = write_recording(tmp_path / 'bag', every)
    with played(path) as subject, subject.feed(IMAGES).watch() as watcher:
        subject.play(True, 0.2)
        fields, number = shown(watcher, lambda fields: index_of(fields) == 5)
        assert (number, fields['width'], len(fields['people'])) == (None, 64, 1)
        assert 'no_encoding' in fields['status']['message']
        assert fields['status']['level'] == 1
        subject.play(False, None)
        assert shown(watcher, lambda fields: fields['position'] == subject.duration)[1] == 19


def test_what_is_missing_at_the_end_is_told(tmp_path):
    path = write_recording(tmp_path / 'bag', usual_items(400))
    (file,) = path.glob('*.mcap')
    file.write_bytes(file.read_bytes()[:file.stat().st_size // 2])
    with played(path) as subject, subject.feed(IMAGES).watch() as watcher:
        subject.play(None, subject.duration - 0.1)
        fields, _ = shown(watcher, lambda fields: fields['status'])
        assert 'damaged or was cut off' in fields['status']['message']
        assert fields['position'] == subject.duration


@pytest.fixture
def search(tmp_path, monkeypatch):
    """A recording without an index in which a search does not end, and when one has begun."""
    path = write_recording(tmp_path / 'bag', usual_items(60))
    (file,) = path.glob('*.mcap')
    file.write_bytes(file.read_bytes()[:-100])
    begun = threading.Semaphore(0)

    def endless(*_):
        begun.release()
        return itertools.repeat(('/other', 'std_msgs/msg/String', BEGIN, b''))
    with played(path) as subject:
        monkeypatch.setattr(bag_file, 'scan', endless)
        with subject.feed(IMAGES).watch():
            assert begun.acquire(timeout=TIMEOUT)
            yield subject, begun


def test_a_search_ends_when_another_place_is_wanted(search):
    subject, begun = search
    for position in (1.0, 2.0):
        subject.play(None, position)
        assert begun.acquire(timeout=TIMEOUT)


def test_a_search_does_not_keep_the_command_from_ending(search):
    subject, _ = search
    player, = subject._players.values()
    ended = threading.Thread(target=player.run, daemon=True)
    ended.start()
    subject._playhead.close()
    ended.join(TIMEOUT)
    assert not ended.is_alive()


HANGING = """
from movenet_ros.tools.view.recording import RecordingSubject
from movenet_ros.tools.view.serve import ServerOptions, serve_recording
import threading

class Hanging:
    name = topic = 'hanging'

    def moments(self, *_):
        print('reading', flush=True)
        threading.Event().wait()
        yield

subject = RecordingSubject('hanging', [Hanging()], 1.0)
with subject.feed('hanging').watch():
    serve_recording(subject, ServerOptions('127.0.0.1', 0), print)
"""


EARLY = """
import os, signal, time
from contextlib import contextmanager
from movenet_ros.tools.view.recording import RecordingSubject
from movenet_ros.tools.view.serve import ServerOptions, serve_recording

class Early(RecordingSubject):
    @contextmanager
    def playing(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.5)
        yield

try:
    serve_recording(Early('early', [], 1.0), ServerOptions('127.0.0.1', 0), print)
except KeyboardInterrupt:
    print('interrupted')
"""


def test_a_stop_before_the_page_is_there_is_an_interruption():
    done = subprocess.run([sys.executable, '-c', EARLY], capture_output=True, text=True,
                          check=True, timeout=TIMEOUT)
    assert (done.stdout, done.stderr) == ('interrupted\n', '')


def test_a_file_that_hangs_does_not_keep_the_command_from_ending():
    with subprocess.Popen([sys.executable, '-c', HANGING], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        try:
            while process.stdout.readline() != 'reading\n':
                pass
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=TIMEOUT)
        finally:
            process.kill()
    assert (process.returncode, errors) == (
        0, 'still busy 1.5 s after the stop signal: leaving at once\n')


@pytest.mark.parametrize(('options', 'brightness'), [({}, 16), ({'white_level': 4095}, 255)])
def test_images_of_12_bits_are_shown_with_the_white_level(tmp_path, options, brightness):
    def of_12_bits(index):
        kind, message = number_image(index)
        message.encoding, message.step = 'mono16', 2 * message.width
        message.data = np.full((message.height, message.width), 4095, '<u2').view(np.uint8).ravel()
        return kind, message
    every = [(topic, of_12_bits(index // 2) if topic == IMAGES else item, at)
             for index, (topic, item, at) in enumerate(usual_items(5))]
    path = write_recording(tmp_path / 'bag', every)
    with played(path, **options) as subject, subject.feed(IMAGES).watch() as watcher:
        assert 2 * shown(watcher)[1] == pytest.approx(brightness, abs=2)


def test_nobody_can_be_selected(recording):
    with played(recording) as subject:
        assert (subject.kind, subject.can_select, subject.title) == ('recording', False, 'bag')
        with pytest.raises(MovenetError, match='while the node runs'):
            subject.select(IMAGES, Selection(Criterion.LARGEST))


def test_the_server_plays_a_recording(recording):
    with played(recording) as subject, served(subject) as server:
        status, _, info = request(server, 'GET', '/info')
        assert (status, info['kind'], info['cameras']) == (200, 'recording', [IMAGES])
        assert info['duration'] == subject.duration
        assert post(server, '/playback', {'paused': True, 'position': 1.0})[0] == 200
        with subject.feed(IMAGES).watch() as watcher:
            assert shown(watcher)[1] == 25
        assert post(server, '/playback', {'position': 1e3})[0] == 400


def test_images_that_are_late_are_left_out(tmp_path):
    path = write_recording(tmp_path / 'bag', usual_items(60))
    with played(path) as subject, subject.feed(IMAGES).watch() as watcher:
        player = subject._players[IMAGES]
        show, counts = player._show, itertools.count()

        def slow(moment):
            next(counts)
            time.sleep(0.09)
            show(moment)
        player._show = slow
        begin = time.monotonic()
        shown(watcher, lambda fields: fields['position'] == subject.duration)
        # 60 images, of which this machine shows 11 in a second
        assert next(counts) < 45
        assert time.monotonic() - begin >= 59 * STEP / NANOSECONDS
