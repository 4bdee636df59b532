"""What is written can be read back, is the same every time, and is whole or not there."""
import dataclasses
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import Reader, StoragePlugin, Writer
from support.sinks import HEIGHT, NAMES, WIDTH, content, random_poses, results, write

from movenet_ros import share
from movenet_ros.core.types import Picture, Poses
from movenet_ros.errors import MovenetError, ParameterError, SinkError, SourceError
from movenet_ros.files.bags.writer import POSE_ARRAY, typestore
from movenet_ros.files.sinks import Result, open_sink, read_jsonl


@pytest.mark.parametrize('name', NAMES)
def test_equal_results_give_equal_bytes(tmp_path, name):
    (tmp_path / 'again').mkdir()
    first = content(write(tmp_path / name, results(30)))
    assert first == content(write(tmp_path / 'again' / name, results(30)))
    assert first == content(write(tmp_path / name, results(30)))


@pytest.mark.parametrize('name', NAMES)
def test_nothing_else_is_left(tmp_path, name):
    write(tmp_path / name, results(4))
    assert [item.name for item in tmp_path.iterdir()] == [name]


def test_a_line_of_json_is_exactly_this(tmp_path):
    poses = Poses(
        xy=np.full((1, 17, 2), 0.1, np.float32), keypoint_score=np.full((1, 17), 0.7, np.float32),
        box=np.array([[0, 1.5, 3e-6, 1e3]], np.float32), score=np.array([1 / 3], np.float32),
        id=np.array([7], np.int32), age=np.array([0.04], np.float32))
    result = Result(40_000_000, 'käse', 1, 'lightning',
                    Picture(np.zeros((3, 5, 1), np.uint8), 'mono'), poses)
    path = write(tmp_path / 'a.jsonl', [result])
    points = ', '.join(['[0.1, 0.1, 0.7]'] * 17)
    assert path.read_text('utf-8') == (
        '{"stamp_ns": 40000000, "frame_id": "käse", "width": 5, "height": 3, "model": "lightning", '
        '"poses": [{"id": 7, "score": 0.33333334, "age": 0.04, "box": [0.0, 1.5, 3e-06, 1000.0], '
        f'"keypoints": [{points}]}}]}}\n')


def test_jsonl_brings_back_every_bit(tmp_path):
    lines = list(read_jsonl(write(tmp_path / 'a.jsonl', results(12))))
    assert len(lines) == 12
    for line, result in zip(lines, results(12), strict=True):
        assert (line['stamp_ns'], line['frame_id']) == (result.stamp_ns, 'camera')
        assert (line['width'], line['height'], line['model']) == (WIDTH, HEIGHT, 'multipose')
        points = np.array([p['keypoints'] for p in line['poses']], np.float32).reshape(-1, 17, 3)
        np.testing.assert_array_equal(points[:, :, :2], result.poses.xy)
        np.testing.assert_array_equal(points[:, :, 2], result.poses.keypoint_score)
        for key, kind in (('id', np.int32), ('score', np.float32), ('age', np.float32),
                          ('box', np.float32)):
            values = np.array([p[key] for p in line['poses']], kind)
            np.testing.assert_array_equal(values.ravel(), getattr(result.poses, key).ravel())


def test_stdout(tmp_path, monkeypatch):
    stdout = io.StringIO()
    monkeypatch.setattr(sys, 'stdout', stdout)
    write('-', results(5))
    path = write(tmp_path / 'a.jsonl', results(5))
    assert stdout.getvalue() == path.read_text('utf-8')
    assert not stdout.closed


@pytest.mark.parametrize('encoding', ['ascii', 'latin-1', 'utf-8'])
def test_stdout_of_another_encoding_gets_json_all_the_same(tmp_path, monkeypatch, encoding):
    stdout = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, 'stdout', stdout)
    (result,) = list(results(1))
    write('-', [dataclasses.replace(result, frame_id='käse 摄像头')])
    text = stdout.buffer.getvalue().decode(encoding)
    assert json.loads(text)['frame_id'] == 'käse 摄像头'
    assert ('käse' in text) == (encoding == 'utf-8')


@pytest.mark.parametrize(('damage', 'says'), [
    (lambda text: text[:-20], 'line 3: not JSON.*cut off'),
    (lambda text: text.replace('\n', '\n?\n', 1), r'line 2: not JSON.*column 1'),
    (lambda text: text + '[]\n', 'line 4: not an object, but list'),
    (lambda text: text + '{"stamp_ns": 1}\n', 'line 4: frame_id, width, .*missing'),
    (lambda text: text + '[' * 300_000 + '\n', 'line 4: not JSON: .*nested too deep'),
    (lambda text: text + '1' * 5000 + '\n', 'line 4: not'),
    (lambda text: text + '\n', 'line 4: not JSON')])
def test_a_damaged_line_is_named(tmp_path, damage, says):
    path = write(tmp_path / 'a.jsonl', results(3))
    path.write_text(damage(path.read_text()))
    with pytest.raises(SourceError, match=says):
        list(read_jsonl(path))


def test_a_line_that_is_too_long_is_not_called_cut_off(tmp_path, monkeypatch):
    path = write(tmp_path / 'a.jsonl', results(3))
    longest = max(map(len, path.read_text().splitlines(keepends=True)))
    monkeypatch.setattr('movenet_ros.files.jsonl.LONGEST_LINE', longest)
    assert len(list(read_jsonl(path))) == 3
    path.write_text(path.read_text() + ' ' * longest + '{}\n')
    with pytest.raises(SourceError, match=f'line 4: is too long: at most {longest} characters'):
        list(read_jsonl(path))


def test_reading_what_is_no_jsonl(tmp_path):
    with pytest.raises(SourceError, match='No such file'):
        list(read_jsonl(tmp_path / 'missing.jsonl'))
    (tmp_path / 'binary.jsonl').write_bytes(b'\xff\xfe\0')
    with pytest.raises(SourceError, match='no text file'):
        list(read_jsonl(tmp_path / 'binary.jsonl'))


def test_numbers_that_json_has_not(tmp_path):
    (result,) = list(results(2))[1:]
    result.poses.xy[0, 0, 0] = np.nan
    with pytest.raises(SinkError, match=f'{result.stamp_ns} ns'):
        write(tmp_path / 'a.jsonl', [result])
    assert not list(tmp_path.iterdir())


@pytest.fixture(params=['poses.mcap', 'poses', 'poses.d/'])
def bag(request, tmp_path):
    if request.param.endswith('/'):
        write(f'{tmp_path}/{request.param}', results(12))
    else:
        write(tmp_path / request.param, results(12))
    return tmp_path / request.param


def test_a_bag_has_the_messages(bag):
    with AnyReader([bag]) as reader:
        (connection,) = reader.connections
        assert (connection.topic, connection.msgtype) == ('/movenet/poses', POSE_ARRAY)
        messages = [(stamp, reader.deserialize(raw, POSE_ARRAY))
                    for _, stamp, raw in reader.messages()]
    assert len(messages) == 12
    for (stamp, message), result in zip(messages, results(12), strict=True):
        assert stamp == result.stamp_ns
        check(message, result)


def check(message, result):
    stamp = message.header.stamp
    assert stamp.sec * 10**9 + stamp.nanosec == result.stamp_ns
    assert (message.header.frame_id, message.sequence) == ('camera', result.sequence)
    assert (message.width, message.height, message.model) == (WIDTH, HEIGHT, 'multipose')
    assert len(message.poses) == len(result.poses)
    for row, pose in enumerate(message.poses):
        assert pose.id == result.poses.id[row]
        for name in ('score', 'age'):
            assert np.float32(getattr(pose, name)) == getattr(result.poses, name)[row]
        box = np.float32([pose.x_min, pose.y_min, pose.x_max, pose.y_max])
        np.testing.assert_array_equal(box, result.poses.box[row])
        points = np.float32([(point.x, point.y, point.score) for point in pose.keypoints])
        np.testing.assert_array_equal(points[:, :2], result.poses.xy[row])
        np.testing.assert_array_equal(points[:, 2], result.poses.keypoint_score[row])


@pytest.mark.filterwarnings('ignore:module .sre_:DeprecationWarning')
def test_ros_itself_reads_the_messages(bag):
    messages = pytest.importorskip('movenet_ros.msg')
    serialization = pytest.importorskip('rclpy.serialization')
    with Reader(bag) as reader:
        raws = [raw for _, _, raw in reader.messages()]
    for raw, result in zip(raws, results(12), strict=True):
        message = serialization.deserialize_message(bytes(raw), messages.PoseArray)
        check(message, result)
        # what ros2 bag compares when it plays
        assert len(serialization.serialize_message(message)) == len(raw)


def test_the_types_are_those_of_ros():
    prefixes = [sys.prefix, *os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)]
    places = [Path(prefix, 'share', 'movenet_ros', 'msg', 'PoseArray.json') for prefix in prefixes]
    generated = next((place for place in places if place.is_file()), None)
    if not generated:
        pytest.skip('the messages are not built here')
    hashes = json.loads(generated.read_text())['type_hashes']
    for item in hashes:
        if item['type_name'].startswith('movenet_ros/'):
            assert typestore().hash_rihs01(item['type_name']) == item['hash_string']


def test_a_topic_of_ones_own(tmp_path):
    with open_sink(tmp_path / 'a.mcap', topic='/hall/poses') as sink:
        sink.write(next(results(1)))
    with Reader(tmp_path / 'a.mcap') as reader:
        assert list(reader.topics) == ['/hall/poses']


def test_a_bag_file_names_itself_rightly(tmp_path):
    assert b'poses.mcap' in write(tmp_path / 'poses.mcap', results(1)).read_bytes()


def test_stamps_before_1970_get_a_log_time(tmp_path):
    result = next(results(1))
    early = Result(-5, *(getattr(result, name) for name in (
        'frame_id', 'sequence', 'model', 'picture', 'poses')))
    with AnyReader([write(tmp_path / 'a.mcap', [early])]) as reader:
        ((_, stamp, raw),) = reader.messages()
        message = reader.deserialize(raw, POSE_ARRAY)
    assert stamp == 0
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (-1, 999_999_995)


def test_the_log_time_is_when_the_image_was_received(tmp_path):
    many = [dataclasses.replace(result, stamp_ns=0, receive_ns=5 * 10**9 + index)
            for index, result in enumerate(results(3))]
    path = write(tmp_path / 'a.mcap', many)
    with AnyReader([path]) as reader:
        messages = list(reader.messages())
        stamps = {reader.deserialize(raw, POSE_ARRAY).header.stamp.sec for _, _, raw in messages}
    assert [log_ns for _, log_ns, _ in messages] == [5 * 10**9 + index for index in range(3)]
    assert stamps == {0}
    (tmp_path / 'b').mkdir()
    assert write(tmp_path / 'b' / 'a.mcap', many).read_bytes() == path.read_bytes()


def test_a_stamp_beyond_ros_is_told(tmp_path):
    result = next(results(1))
    late = Result(2**63, 'camera', 0, 'thunder', result.picture, result.poses)
    with pytest.raises(SinkError, match='do not fit into a message'):
        write(tmp_path / 'a.mcap', [late])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(('height', 'width'), [(48, 64), (47, 61)])
def test_an_overlay_video(tmp_path, height, width):
    path = write(tmp_path / 'a.mp4', results(10, height=height, width=width))
    video = cv2.VideoCapture(str(path))
    assert video.get(cv2.CAP_PROP_FPS) == 25
    frames = []
    while (read := video.read())[0]:
        frames.append(read[1])
    assert len(frames) == 10
    assert frames[0].shape == (height + height % 2, width + width % 2, 3)
    # nobody in the picture
    np.testing.assert_allclose(frames[9][:40, :40], 18, atol=4)


def test_a_video_of_pictures_of_several_sizes(tmp_path):
    path = write(tmp_path / 'a.mp4', [*results(1), *results(1, height=20, width=500)])
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT) == 2


@pytest.mark.parametrize(('number', 'tiles'), [(1, 1), (5, 5), (12, 12), (13, 12), (100, 12)])
def test_a_contact_sheet(tmp_path, number, tiles):
    with open_sink(tmp_path / 'a.png') as sink:
        for result in results(number):
            sink.write(result)
    sheet = cv2.imread(str(tmp_path / 'a.png'))
    columns = min(4, number)
    rows = -(-tiles // 4)
    assert sheet.shape[1] == columns * (WIDTH + 4) + 4
    assert sheet.shape[0] in {r * (HEIGHT + 4) + 4 for r in (rows, max(1, rows - 1))}


def test_a_contact_sheet_spans_the_run(tmp_path):
    with open_sink(tmp_path / 'a.png') as sink:
        # nobody in them, so that the corner is the picture's
        for result in results(120):
            sink.write(Result(result.stamp_ns, '', 0, 'thunder', result.picture, random_poses(0)))
    sheet = cv2.imread(str(tmp_path / 'a.png'))
    corners = [int(sheet[8 + row * 52, 60 + column * 68, 0]) // 2
               for row in range(3) for column in range(4)]
    assert corners == sorted(corners)
    assert corners[0] == 0
    assert corners[-1] >= 100
    assert np.diff(corners).max() <= 20


class Interrupted(Exception):
    pass


def interrupted(number):
    yield from results(number)
    raise Interrupted


@pytest.mark.parametrize('name', NAMES)
def test_what_was_written_before_a_failure_is_kept_and_whole(tmp_path, name):
    with pytest.raises(Interrupted):
        write(tmp_path / name, interrupted(7))
    (tmp_path / 'whole').mkdir()
    assert content(tmp_path / name) == content(write(tmp_path / 'whole' / name, results(7)))


@pytest.mark.parametrize('name', NAMES)
def test_a_failure_at_once_leaves_what_was_there(tmp_path, name):
    before = content(write(tmp_path / name, results(3)))
    with pytest.raises(Interrupted):
        write(tmp_path / name, interrupted(0))
    assert content(tmp_path / name) == before
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize('name', ['poses.jsonl', 'poses.mcap', 'poses'])
def test_nobody_to_write_of_is_a_file_all_the_same(tmp_path, name):
    write(tmp_path / name, [])
    if name == 'poses.jsonl':
        assert (tmp_path / name).read_bytes() == b''
    else:
        with Reader(tmp_path / name) as reader:
            assert reader.message_count == 0


@pytest.mark.parametrize('name', ['overlay.mp4', 'overlay.webm', 'sheet.png'])
def test_nothing_to_draw(tmp_path, name):
    with pytest.raises(SinkError, match='no image to draw'):
        write(tmp_path / name, [])
    assert not list(tmp_path.iterdir())


def test_an_old_bag_folder_is_replaced(tmp_path):
    write(tmp_path / 'poses', results(30))
    write(tmp_path / 'poses', results(2))
    with Reader(tmp_path / 'poses') as reader:
        assert reader.message_count == 2


def test_an_empty_folder_becomes_a_bag(tmp_path):
    (tmp_path / 'poses').mkdir()
    write(tmp_path / 'poses', results(2))


@pytest.mark.parametrize('name', ['thesis.txt', 'only.mcap', 'metadata.yaml', 'folder.mcap/a'])
def test_a_folder_with_other_things_is_left_alone(tmp_path, name):
    path = tmp_path / 'poses' / name
    path.parent.mkdir(parents=True)
    path.write_text('precious')
    with pytest.raises(SinkError, match=f'{name[:8]}.*nothing was changed'):
        open_sink(tmp_path / 'poses')
    assert path.read_text() == 'precious'


def recording(path, storage):
    """Somebody else's bag."""
    store = typestore()
    kind = 'sensor_msgs/msg/CompressedImage'
    with Writer(path, version=8, storage_plugin=storage) as writer:
        writer.write(writer.add_connection('/image', kind, typestore=store), 5, b'precious')


@pytest.mark.parametrize('storage', [StoragePlugin.MCAP, StoragePlugin.SQLITE3])
def test_a_recording_is_left_alone(tmp_path, storage):
    recording(tmp_path / 'recording', storage)
    before = content(tmp_path / 'recording')
    with pytest.raises(SinkError, match='recording: holds something that this command did not'):
        open_sink(tmp_path / 'recording')
    assert content(tmp_path / 'recording') == before


def test_a_recording_in_one_file_is_left_alone(tmp_path):
    recording(tmp_path / 'a', StoragePlugin.MCAP)
    file = (tmp_path / 'a' / 'a.mcap').rename(tmp_path / 'b.mcap')
    before = file.read_bytes()
    with pytest.raises(SinkError, match=r'b\.mcap: holds something'):
        open_sink(file)
    assert file.read_bytes() == before


@pytest.mark.parametrize('name', ['poses.mcap', 'poses'])
@pytest.mark.parametrize('change', [
    lambda whole: whole.replace(b'rosbags-', b'libmcap ', 1), lambda whole: whole[:100],
    lambda whole: b'hello'], ids=['recorded live', 'cut off', 'foreign'])
def test_poses_that_were_not_written_here_are_left_alone(tmp_path, name, change):
    bag = write(tmp_path / name, results(12))
    file = next(tmp_path.rglob('*.mcap'))
    file.write_bytes(change(file.read_bytes()))
    before = content(bag)
    with pytest.raises(SinkError, match='nothing was changed'):
        open_sink(bag)
    assert content(bag) == before


def test_an_empty_file_becomes_a_bag(tmp_path):
    (tmp_path / 'a.mcap').touch()
    write(tmp_path / 'a.mcap', results(2))
    with Reader(tmp_path / 'a.mcap') as reader:
        assert reader.message_count == 2


@pytest.mark.parametrize('name', [name for name in NAMES if '.' in name])
def test_a_folder_of_a_files_name(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(SinkError, match='is a folder'):
        open_sink(tmp_path / name)


def test_a_file_of_a_folders_name(tmp_path):
    (tmp_path / 'poses').write_text('precious')
    with pytest.raises(SinkError, match='is a file'):
        open_sink(tmp_path / 'poses')


@pytest.mark.parametrize('name', NAMES)
def test_a_missing_folder_is_named(tmp_path, name):
    with pytest.raises(SinkError, match=r'there is no folder .*missing$'):
        open_sink(tmp_path / 'missing' / name)


@pytest.fixture
def locked_folder():
    """A folder that may be read but not written to; root, who may, is somebody else meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        yield Path(folder)
        if root:
            os.seteuid(0)


@pytest.mark.parametrize('name', NAMES)
def test_an_unwritable_folder_is_named(locked_folder, name):
    with pytest.raises(SinkError, match=f'{name}.*Permission denied'):
        open_sink(locked_folder / name)


FULL = """
import os, resource, signal, sys
sys.path.insert(0, {tests!r})
from support.sinks import results
from movenet_ros.errors import SinkError
from movenet_ros.files.sinks import open_sink
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
sink = open_sink({path!r})
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    with sink:
        for result in results(30, height=480, width=640):
            sink.write(result)
except SinkError as error:
    print('SinkError', error)
print(os.listdir(os.path.dirname({path!r})))
"""
SMALL_DISK = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c',
              'mount -t tmpfs -o size=12k tmpfs "$0" && exec "$@"']


def fill(path, limit=2**40, around=()):
    """What is said, and what is left, when a place to write to is full."""
    code = FULL.format(tests=str(Path(__file__).parents[1]), path=str(path), limit=limit)
    done = subprocess.run([*around, sys.executable, '-c', code], capture_output=True, text=True,
                          check=True)
    assert f'SinkError {path}' in done.stdout
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize('name', NAMES)
def test_a_file_that_may_not_grow_leaves_nothing(tmp_path, name):
    assert fill(tmp_path / name, limit=2000) == '[]'


@pytest.mark.parametrize('name', NAMES)
def test_a_full_disk_leaves_nothing(tmp_path, name):
    """A disk of three pages, in memory, which only the process sees that writes to it."""
    small_disk = [*SMALL_DISK, str(tmp_path)]
    if not shutil.which('unshare') or subprocess.run(
            [*small_disk, 'true'], capture_output=True, check=False).returncode:
        pytest.skip('this machine lets nobody mount a disk of their own')
    assert fill(tmp_path / name, around=small_disk) == '[]'


@pytest.mark.parametrize('name', ['poses.csv', 'poses.bag', 'poses.db3'])
def test_unknown_endings(tmp_path, name):
    with pytest.raises(ParameterError, match=r'known are: \.jsonl'):
        open_sink(tmp_path / name)


@pytest.mark.parametrize('name', ['.jsonl', '.MCAP', '.webm', '.mp4', '.png'])
def test_an_ending_without_a_name_makes_no_hidden_bag(tmp_path, name):
    with pytest.raises(ParameterError, match=rf'give e\.g\. .*/poses\{name}$'):
        open_sink(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_the_first_missing_folder_is_named(tmp_path):
    with pytest.raises(SinkError, match=r'there is no folder .*/a$'):
        open_sink(tmp_path / 'a' / 'b' / 'c.jsonl')


def test_json_lines_are_json_for_others(tmp_path):
    path = write(tmp_path / 'a.jsonl', results(3))
    assert [len(json.loads(line)['poses']) for line in path.read_text().splitlines()] == [0, 1, 2]


def test_the_share_folder_of_an_installation(tmp_path, monkeypatch):
    monkeypatch.setattr(share, '__file__', str(tmp_path / 'lib' / 'movenet_ros' / 'share.py'))
    monkeypatch.setattr(sys, 'prefix', str(tmp_path / 'prefix'))
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'{tmp_path / "one"}:{tmp_path / "two"}')
    with pytest.raises(MovenetError) as caught:
        share.share_dir()
    for name in ('lib', 'prefix', 'one', 'two'):
        assert str(tmp_path / name) in str(caught.value)
    for name in ('two', 'prefix'):
        place = tmp_path / name / 'share' / 'movenet_ros'
        place.mkdir(parents=True)
        (place / 'package.xml').touch()
        assert share.share_dir() == place
