"""`movenet process` reports what the node reports, and never ends well after nothing."""
import json
import sqlite3
from contextlib import closing

import cv2
import numpy as np
import pytest
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import Reader, StoragePlugin
from support.bags import START, STORE, TYPES, header, raw, write
from support.paths import DATA

from movenet_ros.cli import main
from movenet_ros.images.cdr import COMPRESSED_IMAGE, IMAGE

STEP = 50_000_000


@pytest.fixture(scope='module')
def person():
    """Somebody, in BGR."""
    read, image = cv2.VideoCapture(str(DATA / 'one_person.mp4')).read()
    assert read
    return cv2.resize(image, None, fx=0.5, fy=0.5)


def compressed(data, format, stamp_ns=START):
    return TYPES[COMPRESSED_IMAGE](header=header(stamp_ns), format=format,
                                   data=np.frombuffer(data, np.uint8))


def encoded(ending, image):
    good, data = cv2.imencode(ending, image)
    assert good
    return data.tobytes()


def bag_of(path, messages):
    """A bag of images that were received 50 ms apart, whatever their stamps are."""
    bag = write(path, [('/image', message) for message in messages], StoragePlugin.SQLITE3)
    with closing(sqlite3.connect(next(bag.glob('*.db3')))) as connection:
        connection.execute('UPDATE messages SET timestamp = ? + (id - 1) * ?', (START, STEP))
        connection.commit()
    return bag


class Processed:
    """What came of a run.

    Attributes:
        code: Exit code.
        lines: What was written as JSON.
        warnings: The line of each cause.
        summary: The last line of the run.
    """

    def __init__(self, tmp_path, capfd, path, *words):
        output = tmp_path / 'poses.jsonl'
        self.code = main(['process', str(path), '-o', str(output), *words])
        self.lines = [json.loads(line) for line in output.read_text('utf-8').splitlines()]
        said = [line for line in capfd.readouterr().err.splitlines() if line.startswith('movenet')]
        self.warnings = {line.split('(')[1].split(')')[0]: line for line in said
                         if 'with a warning' in line}
        self.said, self.summary = said, next(line for line in said if ' rejected' in line
                            and 'processed, ' in line and 'warning (' not in line)

    @property
    def scores(self):
        return [max((pose['score'] for pose in line['poses']), default=0) for line in self.lines]


@pytest.fixture
def process(tmp_path, capfd):
    def run(messages, *words):
        bag = bag_of(tmp_path / 'bag', messages) if isinstance(messages, list) else messages
        return Processed(tmp_path, capfd, bag, *words)
    return run


def test_nothing_is_said_of_usual_images(process, person):
    done = process([raw(person, START + i * STEP) for i in range(3)])
    assert (done.code, done.warnings) == (0, {})
    assert done.summary == 'movenet: 3 images processed, 0 rejected'


@pytest.mark.parametrize(('stamps', 'counts'), [
    ([0, 0, 0, 0], {'no_stamp': 4, 'same_stamp': 3}),
    ([START] * 4, {'same_stamp': 3}),
    ([START + i * STEP for i in (0, 2, 1, 3)], {'late_stamp': 1}),
    ([START + i * STEP for i in (20, 21, 0, 1)], {'stamp_back': 1}),
    # seconds since the start of the computer
    ([10**11 + i * STEP for i in range(4)], {'stamp_behind': 4}),
    ([START + 3600 * 10**9 + i * STEP for i in range(4)], {'stamp_ahead': 4})],
    ids=['zero', 'constant', 'swapped', 'back', 'boot time', 'ahead'])
def test_stamps_that_cannot_be_right(process, person, stamps, counts):
    done = process([raw(person, stamp) for stamp in stamps])
    assert (done.code, len(done.lines)) == (0, 4)
    assert set(done.warnings) == set(counts)
    listed = ', '.join(f'{cause} {count}' for cause, count in sorted(counts.items()))
    assert done.summary == f'movenet: 4 images processed, 0 rejected; warnings ({listed})'


@pytest.mark.parametrize(('lateness', 'cause'), [('0.5', 'late_stamp'), ('0.01', 'stamp_back')])
def test_what_is_late_is_a_parameter(process, person, lateness, cause):
    stamps = [START + i * STEP for i in (0, 2, 1, 3)]
    done = process([raw(person, stamp) for stamp in stamps], '--param', f'max_lateness={lateness}')
    assert list(done.warnings) == [cause]


def test_other_warnings(process, person):
    done = process([raw(person, START, frame_id=''), raw(person[:20, :20], START + STEP)])
    assert set(done.warnings) == {'no_frame_id', 'new_size', 'tiny'}
    assert f'image at {START} ns processed, with a warning (no_frame_id)' in done.warnings[
        'no_frame_id']


def test_clips_and_pictures_have_no_headers(process, tmp_path, capfd):
    assert process(DATA / 'one_person.mp4').warnings == {}
    path = tmp_path / 'black.png'
    path.write_bytes(encoded('.png', np.zeros((200, 200, 3), np.uint8)))
    assert list(process(path).warnings) == ['dark_image']


def test_the_log_times_of_a_bag_of_poses_are_those_of_the_images(tmp_path, process, person):
    place = tmp_path / 'poses'
    process([raw(person, 0) for _ in range(4)], '-o', str(place))
    with Reader(place) as reader:
        times = [log_ns for _, log_ns, _ in reader.messages()]
        assert reader.duration == 3 * STEP + 1
    assert times == [START + i * STEP for i in range(4)]


def test_10_bits_of_infrared_in_16(process, person):
    narrow = cv2.cvtColor(person, cv2.COLOR_BGR2GRAY).astype(np.uint16) * 4
    dark = process([raw(narrow, START + i * STEP, 'mono16') for i in range(2)])
    assert dark.scores == [0, 0]
    assert 'white_level' in dark.warnings['dark_image']
    assert 'dark_image 2' in dark.summary


@pytest.mark.parametrize('white_level', ['1023', '0'])
def test_10_bits_of_infrared_stretched(process, person, white_level):
    narrow = cv2.cvtColor(person, cv2.COLOR_BGR2GRAY).astype(np.uint16) * 4
    done = process([raw(narrow, encoding='mono16'),
                    raw(narrow + 20_000, START + STEP, 'mono16')][:2 if white_level == '0' else 1],
                   '--param', f'white_level={white_level}')
    assert min(done.scores) > 0.4
    assert done.warnings == {}


def test_a_mosaic_in_a_jpeg_is_seen_as_the_raw_one(process, person):
    even = person[:person.shape[0] // 2 * 2, :person.shape[1] // 2 * 2]
    mosaic = np.empty(even.shape[:2], np.uint8)
    for at, channel in enumerate((2, 1, 1, 0)):
        mosaic[at // 2::2, at % 2::2] = even[at // 2::2, at % 2::2, channel]
    done = process([compressed(encoded('.png', mosaic), 'bayer_rggb8; png compressed ')])
    (score,) = done.scores
    assert score > 0.5


def test_jpegs_without_an_end_mark_are_used_and_reported(process, person):
    jpeg = encoded('.jpg', person)
    done = process([compressed(jpeg[:-2], 'jpeg', START + i * STEP) for i in range(2)])
    assert done.code == 0
    assert min(done.scores) > 0.5
    assert 'no_end_mark 2' in done.summary


def test_depth_is_rejected_and_nothing_processed_is_a_failure(process, person):
    depth = encoded('.png', cv2.cvtColor(person, cv2.COLOR_BGR2GRAY).astype(np.uint16) * 10)
    done = process([compressed(depth, '16UC1; png compressed ')] * 3)
    assert (done.code, done.lines) == (1, [])
    assert '0 images processed, 3 rejected (depth 3)' in done.summary
    assert done.said[-1].endswith('bag: no image was processed: all 3 were rejected')


def test_a_rate_for_a_bag_is_a_wrong_option(tmp_path, capfd, person):
    bag = bag_of(tmp_path / 'bag', [raw(person)])
    assert main(['process', str(bag), '--fps', '10']) == 2
    assert "'--fps' = 10.0: the images of a bag have stamps" in capfd.readouterr().err


def test_one_image_is_one(tmp_path, capfd, person):
    cv2.imwrite(str(tmp_path / 'a.png'), person)
    assert main(['process', str(tmp_path / 'a.png'), '-o', str(tmp_path / 'a.jsonl')]) == 0
    assert 'movenet: 1 image processed, 0 rejected\n' in capfd.readouterr().err


def test_the_failure_is_said_in_quiet_too(tmp_path, capfd, person):
    bag = bag_of(tmp_path / 'bag', [raw(person, encoding='cheese8')])
    assert main(['process', str(bag), '-q', '-o', str(tmp_path / 'poses.jsonl')]) == 1
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith('movenet')]
    assert len(lines) == 2
    assert 'no image was processed' in lines[1]


def test_the_same_bag_gives_the_same_bytes(tmp_path, process, person):
    places = [tmp_path / name / 'poses.mcap' for name in 'ab']
    bag = bag_of(tmp_path / 'bag', [raw(person, 0), raw(person, 0)])
    for place in places:
        place.parent.mkdir()
        process(bag, '-o', str(place))
    assert places[0].read_bytes() == places[1].read_bytes()
    with AnyReader([places[0]]) as reader:
        assert reader.topics['/movenet/poses'].msgcount == 2


def test_messages_are_serialized_as_before(tmp_path, process, person):
    """The time of reception is no part of a PoseArray."""
    place = tmp_path / 'poses'
    message = raw(person, START)
    process([message], '-o', str(place))
    with Reader(place) as reader:
        ((_, log_ns, data),) = reader.messages()
    assert log_ns == START
    assert int.from_bytes(data[4:8], 'little') == START // 10**9
    assert STORE.serialize_cdr(message, IMAGE)[4:12] == data[4:12]


@pytest.mark.parametrize(('model', 'is_said'), [('thunder', True), ('lightning', False)])
def test_poses_of_another_network_are_told(tmp_path, capfd, model, is_said):
    clip, poses = str(DATA / 'one_person.mp4'), tmp_path / 'poses.jsonl'
    main(['process', str(DATA / 'astronaut.jpg'), '--model', 'lightning', '-q', '-o', str(poses)])
    capfd.readouterr()
    main(['process', clip, '--only-stamps-of', str(poses), '--model', model, '-q',
          '-o', str(tmp_path / 'again.jsonl')])
    told = 'these poses are of lightning, and those to come of thunder' in capfd.readouterr().err
    assert told == is_said
