"""Depth and calibration in bags, as `movenet process` reads them."""
import itertools

import cv2
import numpy as np
import pytest
from support.bags import calibration, raw, write
from support.paths import DATA

from movenet_ros.cli import main
from movenet_ros.files.bags.bag import RawMessage
from movenet_ros.files.sinks import read_jsonl
from movenet_ros.files.sources import open_source

START, STEP = 10**18, 33_333_333
IMAGE, DEPTH, INFO = '/camera/image_raw', '/camera/depth', '/camera/camera_info'
PERSON = cv2.imread(str(DATA / 'astronaut.jpg'))
HEIGHT, WIDTH = PERSON.shape[:2]


def messages(count, *, infos=(0,), depth=2000, encoding='16UC1', frame_id='camera', info=INFO,
             size=(HEIGHT, WIDTH)):
    for index in range(count):
        stamp = START + index * STEP
        if index in infos:
            yield info, calibration(WIDTH, HEIGHT, stamp)
        yield IMAGE, raw(PERSON, stamp)
        if depth is not None:
            kind = np.float32 if encoding == '32FC1' else np.uint16
            yield DEPTH, raw(np.full((*size, 1), depth, kind), stamp, encoding, frame_id)


def process(folder, items, *words):
    """Exit code and lines of `movenet process`."""
    bag = write(folder / 'bag', items)
    output = folder / 'poses.jsonl'
    code = main(['process', str(bag), '--topic', IMAGE, '-o', str(output), *words])
    return code, list(read_jsonl(output)) if output.exists() else []


def people(lines):
    return [person for line in lines for person in line['poses']]


def test_people_have_positions(tmp_path):
    code, lines = process(tmp_path, messages(4), '--depth-topic', DEPTH)
    assert code == 0
    assert len(people(lines)) == 4
    for person in people(lines):
        x, y, z = person['position']
        assert z == pytest.approx(2.0, abs=1e-3)
        assert person['distance'] == pytest.approx(np.linalg.norm([x, y, z]), abs=1e-5)
        assert (person['near'], person['far']) == pytest.approx((2.0, 2.0), abs=1e-3)
        assert np.linalg.norm(person['ray']) == pytest.approx(1.0, abs=1e-5)
        assert {len(person[key]) for key in ('rays', 'positions', 'spreads', 'reasons')} == {17}
        for position, reason in zip(person['positions'], person['reasons'], strict=True):
            assert (position is not None) == (reason == 'ok')
    assert people(lines)[0]['velocity_3d'] is None
    assert people(lines)[3]['velocity_3d'] == pytest.approx([0, 0, 0], abs=0.5)


def test_a_camera_info_beside_the_images_gives_directions(tmp_path):
    _, lines = process(tmp_path, messages(2, depth=None))
    person = people(lines)[0]
    assert person['position'] is person['distance'] is person['velocity_3d'] is None
    assert set(person['reasons']) == {'no_depth_image'}
    assert None not in person['rays']


def test_without_a_camera_info_there_are_no_such_keys(tmp_path):
    _, lines = process(tmp_path, messages(2, infos=(), depth=None))
    assert 'ray' not in people(lines)[0]


def test_the_first_camera_info_holds_from_the_start(tmp_path):
    _, lines = process(tmp_path, messages(4, infos=(2,)), '--depth-topic', DEPTH)
    assert [person['position'] is not None for person in people(lines)] == [True] * 4


def test_a_camera_info_elsewhere(tmp_path):
    items = list(messages(2, info='/calibration'))
    code, lines = process(tmp_path, items, '--depth-topic', DEPTH, '--camera-info-topic',
                          'calibration')
    assert code == 0
    assert people(lines)[0]['position']


@pytest.mark.parametrize(('depth', 'encoding', 'frame_id', 'size', 'cause'), [
    (2000, '16UC1', 'depth_frame', (HEIGHT, WIDTH), 'another_frame'),
    (2000, '16UC1', 'camera', (HEIGHT // 2, WIDTH // 2), 'another_size'),
    (0, '16UC1', 'camera', (HEIGHT, WIDTH), 'no_values'),
    (np.nan, '32FC1', 'camera', (HEIGHT, WIDTH), 'no_values'),
    (9, '16SC1', 'camera', (HEIGHT, WIDTH), 'unsupported_encoding')])
def test_depth_that_cannot_be_used_is_counted(depth, encoding, frame_id, size, cause, tmp_path,
                                              capsys):
    items = messages(3, depth=depth, encoding=encoding, frame_id=frame_id, size=size)
    code, lines = process(tmp_path, items, '--depth-topic', DEPTH)
    assert (code, len(lines)) == (0, 3)
    assert all(person['position'] is None for person in people(lines))
    said = capsys.readouterr().err
    assert said.count(f'({cause}): ') == 1
    assert f'without positions ({cause} 3)' in said


@pytest.mark.parametrize(('infos', 'words', 'problem'), [
    ((), ['--depth-topic', DEPTH], 'there is no camera_info on /camera/camera_info, which '
     'positions need; name one'),
    ((0,), ['--depth-topic', '/nowhere'], 'there are no depth images on /nowhere; the bag has '
     'images on: /camera/depth, /camera/image_raw'),
    ((0,), ['--camera-info-topic', '/nowhere'], 'there is no camera_info on /nowhere; the bag '
     'has: /camera/camera_info')])
def test_topics_that_are_not_there(infos, words, problem, tmp_path, capsys):
    code, lines = process(tmp_path, messages(1, infos=infos), *words)
    assert (code, lines) == (1, [])
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize('option', ['--depth-topic', '--camera-info-topic'])
def test_only_bags_have_topics(option, capsys):
    assert main(['process', str(DATA / 'one_person.mp4'), option, '/x']) == 2
    assert f"parameter '{option}' = '/x': only a bag has topics" in capsys.readouterr().err


def test_messages_come_before_the_images_received_after_them(tmp_path):
    bag = write(tmp_path / 'bag', messages(3))
    with open_source(bag, topic=IMAGE) as source:
        topics = source.find_geometry(None, DEPTH)
        items = [item.topic if isinstance(item, RawMessage) else IMAGE
                 for item in source.with_geometry(source, topics, lambda: True)]
    # The first calibration, and then all in order; equal times: images last.
    assert items == [INFO, INFO, DEPTH, IMAGE, DEPTH, IMAGE, DEPTH, IMAGE]


def test_after_the_last_image_only_what_is_waited_for_is_read(tmp_path):
    later = [message for message in messages(6) if message[0] == DEPTH]
    bag = write(tmp_path / 'bag', [*messages(1), *later])
    waiting = iter([True, True, False])
    with open_source(bag, topic=IMAGE) as source:
        topics = source.find_geometry(None, DEPTH)
        items = list(itertools.islice(
            source.with_geometry(source, topics, lambda: next(waiting)), 100))
    assert sum(isinstance(item, RawMessage) and item.topic == DEPTH for item in items) == 4
