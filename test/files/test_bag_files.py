"""Bags whose files, index and metadata do not agree, and those that SQLite or zstd must open first.

What is in the files counts. Nothing is left out in silence, and no file of the user changes.
"""
import hashlib
import os
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
from zlib import crc32

import cv2
import numpy as np
import pytest
import yaml
from rosbags.rosbag1 import Writer as Rosbag1Writer
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from support.bags import STORAGES, STORE, TYPES, image, large_bag, storage_file, write

from movenet_ros.cli import main
from movenet_ros.errors import SourceError
from movenet_ros.files.bags import bag_file as bag_files
from movenet_ros.files.bags import zstd
from movenet_ros.files.bags.listing import is_bag
from movenet_ros.files.bags.salvage import scan
from movenet_ros.files.bags.source import BagSource
from movenet_ros.images.cdr import IMAGE
from movenet_ros.images.content_kind import FileKind

ROOT = 'rosbag2_bagfile_information'
QOS = """\
- history: keep_last
  depth: 5
  reliability: reliable
  durability: volatile
  deadline: {sec: 0, nsec: 0}
  lifespan: {sec: 0, nsec: 0}
  liveliness: automatic
  liveliness_lease_duration: {sec: 0, nsec: 0}
  avoid_ros_namespace_conventions: false
"""


def opened(path, topic=None):
    return BagSource(path, topic=topic, fps=30.0)


def seen(source):
    """The number that is drawn in each image."""
    return [int(frame.picture().pixels[0, 0, 0]) for frame in source]


def seen_until_the_end(source):
    """The numbers, and the error after them."""
    numbers = []
    with pytest.raises(SourceError) as caught:  # noqa: PT012
        for frame in source:
            numbers.append(int(frame.picture().pixels[0, 0, 0]))
    return numbers, str(caught.value)


def change(bag, edit):
    """Edits the metadata of a bag."""
    path = bag / 'metadata.yaml'
    content = yaml.safe_load(path.read_text())
    edit(content[ROOT])
    path.write_text(yaml.safe_dump(content))


def topic_of(metadata):
    return metadata['topics_with_message_count'][0]


def digests(folder):
    return {path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
            for path in folder.iterdir()}


@pytest.fixture(params=STORAGES, ids=['mcap', 'sqlite3'])
def bag(request, tmp_path):
    """Five images."""
    return write(tmp_path / 'bag', [('/image', image(i)) for i in range(5)], request.param)


def set_qos(metadata):
    topic_of(metadata)['topic_metadata']['offered_qos_profiles'] = QOS


def set_hash(metadata):
    topic_of(metadata)['topic_metadata']['type_description_hash'] = 'RIHS01_' + '0' * 64


def set_format(metadata):
    topic_of(metadata)['topic_metadata']['serialization_format'] = 'cbor'


def set_storage(metadata):
    metadata['storage_identifier'] = 'a plugin of somebody'


def swap_storage(metadata):
    metadata['storage_identifier'] = {'mcap': 'sqlite3', 'sqlite3': 'mcap'}[
        metadata['storage_identifier']]


def set_version(metadata):
    metadata['version'] = 99


def drop_times(metadata):
    del metadata['duration'], metadata['starting_time'], metadata['files']


def claim_compression(metadata):
    metadata.update(compression_mode='FILE', compression_format='zstd')


@pytest.mark.parametrize('edit', [
    set_qos, set_hash, set_format, set_storage, swap_storage, set_version, drop_times,
    claim_compression])
def test_metadata_that_disagrees_with_its_file(bag, edit):
    change(bag, edit)
    source = opened(bag)
    assert seen(source) == [0, 1, 2, 3, 4]
    assert (source.total, source.notes) == (5, ())
    assert source.fps == pytest.approx(20, rel=0.01)


def test_fewer_promised_than_there_are(bag):
    change(bag, lambda metadata: topic_of(metadata).update(message_count=2))
    source = opened(bag)
    assert seen(source) == [0, 1, 2, 3, 4]
    assert source.total == 5
    (note,) = source.notes
    assert note == ('metadata.yaml says that /image has 2 messages, the files hold 5: '
                    'all are read')


@pytest.mark.parametrize('edit', [
    lambda metadata: metadata.update(topics_with_message_count=[]),
    lambda metadata: topic_of(metadata)['topic_metadata'].update(type='sensor_msgs/msg/Imu')])
def test_a_topic_that_the_metadata_does_not_know(bag, edit):
    change(bag, edit)
    assert seen(opened(bag)) == [0, 1, 2, 3, 4]


def test_more_promised_than_there_are(bag):
    change(bag, lambda metadata: topic_of(metadata).update(message_count=7))
    numbers, error = seen_until_the_end(opened(bag))
    assert numbers == [0, 1, 2, 3, 4]
    assert 'part of the bag is missing: 7 messages are announced on /image' in error
    assert 'only 5 are there' in error


@pytest.mark.parametrize('text', [
    '', '{', 'hello', '[1, 2]', f'{ROOT}: 5', f'{ROOT}: {{relative_file_paths: 3}}',
    f'{ROOT}: {{topics_with_message_count: [1]}}', f'{ROOT}: 2020-13-45', '[' * 100_000,
    '\0\1', '9' * 5000])
def test_metadata_that_is_none(bag, text):
    (bag / 'metadata.yaml').write_text(text)
    source = opened(bag)
    assert seen(source) == [0, 1, 2, 3, 4]
    (note,) = source.notes
    assert 'metadata.yaml: it ' in note
    assert 'all bag files of the folder are read' in note


def test_metadata_with_a_count_that_is_none_is_called_what_it_is(bag):
    change(bag, lambda metadata: topic_of(metadata).update(message_count='many'))
    source = opened(bag)
    assert seen(source) == [0, 1, 2, 3, 4]
    (note,) = source.notes
    assert "metadata.yaml: the message_count of /image is 'many', which is no whole number" in note


def test_a_folder_without_metadata(bag):
    (bag / 'metadata.yaml').unlink()
    assert is_bag(bag)
    source = opened(bag)
    assert seen(source) == [0, 1, 2, 3, 4]
    assert 'there is no metadata.yaml' in source.notes[0]


def test_folders_that_are_no_bags(tmp_path):
    (tmp_path / 'notes.mcap').write_text('hello')
    assert not is_bag(tmp_path)
    with pytest.raises(SourceError, match='no bag files'):
        opened(tmp_path)


def test_a_folder_of_pictures_is_no_bag_because_of_a_result_in_it(bag):
    (bag / 'metadata.yaml').rename(bag / 'other.yaml')
    (bag / 'shot.png').write_bytes(cv2.imencode('.png', np.zeros((9, 9, 3), np.uint8))[1])
    assert not is_bag(bag)
    (bag / 'other.yaml').rename(bag / 'metadata.yaml')
    assert is_bag(bag)


def test_a_renamed_file(bag):
    file = storage_file(bag)
    file.rename(file.with_name(f'kitchen{file.suffix}'))
    source = opened(bag)
    assert seen(source) == [0, 1, 2, 3, 4]
    (note,) = source.notes
    assert 'kitchen' in note
    assert file.name in note


def test_the_ending_of_a_file_says_nothing(bag):
    file = storage_file(bag)
    other = {'.mcap': '.db3', '.db3': '.mcap'}[file.suffix]
    moved = file.rename(file.with_suffix(other))
    change(bag, lambda metadata: metadata.update(relative_file_paths=[moved.name]))
    assert seen(opened(bag)) == [0, 1, 2, 3, 4]
    assert seen(opened(moved)) == [0, 1, 2, 3, 4]


def split(tmp_path, storage, parts=12, each=2):
    """A bag in many files, as `ros2 bag record --max-bag-size` leaves it."""
    bag = tmp_path / 'bag'
    bag.mkdir()
    names = []
    for part in range(parts):
        first = part * each
        made = write(tmp_path / f'bag_{part}',
                     [('/image', image(i)) for i in range(first, first + each)], storage)
        file = storage_file(made)
        names.append(shutil.move(file, bag / file.name).name)
    shutil.move(made / 'metadata.yaml', bag)
    change(bag, lambda metadata: metadata.update(relative_file_paths=names))
    change(bag, lambda metadata: topic_of(metadata).update(message_count=parts * each))
    return bag, names


@pytest.mark.parametrize('storage', STORAGES, ids=['mcap', 'sqlite3'])
def test_a_split_bag(tmp_path, storage):
    bag, _ = split(tmp_path, storage)
    source = opened(bag)
    assert seen(source) == list(range(24))
    assert (source.total, source.notes) == (24, ())
    assert source.fps == pytest.approx(20, rel=0.01)


@pytest.mark.parametrize('storage', STORAGES, ids=['mcap', 'sqlite3'])
def test_a_split_bag_without_metadata_is_read_in_natural_order(tmp_path, storage):
    bag, _ = split(tmp_path, storage)
    (bag / 'metadata.yaml').unlink()
    assert seen(opened(bag)) == list(range(24))


@pytest.mark.parametrize('storage', STORAGES, ids=['mcap', 'sqlite3'])
def test_a_split_bag_with_a_part_missing(tmp_path, capfd, storage):
    bag, names = split(tmp_path, storage, parts=3)
    (bag / names[1]).unlink()
    numbers, error = seen_until_the_end(opened(bag))
    assert numbers == [0, 1, 4, 5]
    assert f'6 messages are announced on /image, but only 4 are there; missing: {names[1]}' in error
    poses = tmp_path / 'poses.jsonl'
    assert main(['process', str(bag), '-o', str(poses)]) == 1
    assert len(poses.read_text().splitlines()) == 4
    assert names[1] in capfd.readouterr().err


@pytest.mark.parametrize('storage', STORAGES, ids=['mcap', 'sqlite3'])
def test_a_split_bag_with_a_part_damaged(tmp_path, storage):
    bag, names = split(tmp_path, storage, parts=3)
    (bag / names[1]).write_bytes(b'hello')
    numbers, error = seen_until_the_end(opened(bag))
    assert numbers == [0, 1, 4, 5]
    assert f'{names[1]} is a text file, not a bag' in error


def test_the_part_that_has_the_images_is_missing(tmp_path):
    text = TYPES['std_msgs/msg/String'](data='hello')
    bag = write(tmp_path / 'bag', [('/text', text)], **{'/image': IMAGE})
    change(bag, lambda metadata: topic_of(metadata).update(message_count=9))
    with pytest.raises(SourceError, match=r'metadata\.yaml announces 9: a part of the bag'):
        opened(bag, '/image')


def test_a_file_that_the_metadata_does_not_name(bag, tmp_path):
    other = storage_file(write(tmp_path / 'other', [('/image', image(77))]))
    shutil.move(other, bag / 'another.mcap')
    source = opened(bag)
    assert seen(source) == [0, 1, 2, 3, 4]
    (note,) = source.notes
    assert 'left out another.mcap' in note


# Records of an MCAP file: its kind, and its content.
def records(raw, at=8):
    while at + 9 <= len(raw) - 8:
        kind, size = struct.unpack_from('<BQ', raw, at)
        yield kind, raw[at + 9:at + 9 + size]
        at += 9 + size


def mcap(items):
    magic = b'\x89MCAP0\r\n'
    return magic + b''.join(struct.pack('<BQ', kind, len(body)) + body
                            for kind, body in items) + magic


FOOTER, SCHEMA, CHANNEL, MESSAGE_INDEX, CHUNK_INDEX, STATISTICS, DATA_END = 2, 3, 4, 7, 8, 11, 15


def reindexed(raw, edit, keep=lambda kind: True):
    """The same data, with another summary: `edit` changes what records of it say."""
    data, summary, ended = [], [], False
    for kind, body in records(raw):
        if not ended:
            data.append((kind, body))
        elif kind != FOOTER and keep(kind):
            summary.append((kind, edit(kind, body)))
        ended |= kind == DATA_END
    start = len(mcap(data)) - 8
    return mcap([*data, *summary, (FOOTER, struct.pack('<QQI', start if summary else 0, 0, 0))])


def same(kind, body):
    return body


def without_message_indexes(kind, body):
    """A chunk's index that says of no topic where its messages are."""
    if kind != CHUNK_INDEX:
        return body
    (size,) = struct.unpack_from('<I', body, 32)
    return body[:32] + struct.pack('<I', 0) + body[36 + size:]


class OnlyTheFirst:
    """Drops all but the first record of a kind from a summary."""

    def __init__(self, kind):
        self._kind, self._count = kind, 0

    def __call__(self, kind):
        self._count += kind == self._kind
        return kind != self._kind or self._count <= 1


@pytest.mark.parametrize(('edit', 'keep'), [
    (same, lambda kind: False), (same, lambda kind: kind != CHUNK_INDEX),
    (same, lambda kind: kind != CHANNEL), (same, lambda kind: kind not in (SCHEMA, CHANNEL)),
    (same, lambda kind: kind != STATISTICS), (without_message_indexes, lambda kind: True),
    (same, OnlyTheFirst(CHUNK_INDEX))],
    ids=['no summary', 'no chunks', 'no channels', 'no schemas', 'no statistics',
         'no message indexes', 'one chunk of several'])
def test_an_index_that_leaves_out_what_is_there(tmp_path, edit, keep):
    file = storage_file(large_bag(tmp_path / 'bag', StoragePlugin.MCAP))
    file.write_bytes(reindexed(file.read_bytes(), edit, keep))
    source = opened(file)
    assert sorted(seen(source)) == list(range(30))
    assert seen(source)[:3] == [0, 1, 2]


def test_messages_that_are_not_in_the_order_of_their_times(tmp_path):
    order = [0, 3, 1, 2]
    file = storage_file(write(tmp_path / 'bag', [('/image', image(i)) for i in order]))
    file.write_bytes(reindexed(file.read_bytes(), same, lambda kind: False))
    assert sorted(seen(opened(file))) == [0, 1, 2, 3]


def test_a_profile_of_another_tool(tmp_path):
    file = storage_file(large_bag(tmp_path / 'bag', StoragePlugin.MCAP))
    (_, header), *others = records(file.read_bytes())
    header = struct.pack('<I', 0) + header[8:]
    file.write_bytes(mcap([(1, header), *others]))
    source = opened(file)
    assert seen(source) == list(range(30))
    assert source.total == 30
    (note,) = source.notes
    assert 'Profile is not ros2' in note


def test_a_file_that_ends_between_two_records_is_cut_off(tmp_path):
    file = storage_file(large_bag(tmp_path / 'bag', StoragePlugin.MCAP))
    raw = file.read_bytes()
    file.write_bytes(mcap(list(records(raw))[:4])[:-8])
    numbers, error = seen_until_the_end(opened(file))
    assert numbers == list(range(len(numbers)))
    assert 'cut off' in error


CHUNK, CHUNK_HEAD = 6, 40
"""Kind of a chunk's record, and bytes before its (uncompressed) messages."""


def chunks(raw):
    """Where the content of each chunk begins, and its length."""
    at, found = 8, []
    for kind, body in records(raw):
        if kind == CHUNK:
            found.append((at + 9, len(body)))
        at += 9 + len(body)
    return found


def with_checksums(raw):
    """A file whose chunks have checksums, as recorders of ROS write them."""
    for at, size in chunks(raw):
        checksum = crc32(raw[at + CHUNK_HEAD:at + size])
        raw = with_bytes(raw, at + 24, struct.pack('<I', checksum))
    return raw


def with_bytes(raw, at, content):
    return raw[:at] + content + raw[at + len(content):]


# Without an index, only the first chunk says which topics there are.
@pytest.mark.parametrize(('number', 'is_indexed'), [
    (0, True), (1, True), (-1, True), (1, False), (-1, False)])
def test_a_damaged_chunk_costs_no_other(tmp_path, number, is_indexed):
    file = storage_file(large_bag(tmp_path / 'bag', StoragePlugin.MCAP))
    raw = with_checksums(file.read_bytes())
    places = chunks(raw)
    assert len(places) >= 4
    at, size = places[number]
    lost = raw[at:at + size].count(b'camera_optical_frame')
    raw = with_bytes(raw, at + size // 2, bytes([raw[at + size // 2] ^ 1]))
    file.write_bytes(raw if is_indexed else reindexed(raw, same, lambda kind: False))
    numbers, error = seen_until_the_end(opened(file))
    assert len(numbers) == 30 - lost > 15
    assert numbers == sorted(numbers)
    of = f'{30 - lost} of 30' if is_indexed else f'{30 - lost}'
    assert f'a chunk does not fit its checksum; {of} messages on /image could be read' in error


def test_a_wrong_length_costs_no_chunk_that_the_index_knows(tmp_path):
    file = storage_file(large_bag(tmp_path / 'bag', StoragePlugin.MCAP))
    raw = with_checksums(file.read_bytes())
    (first, _), (second, size) = chunks(raw)[:2]
    lost = raw[first:second + size].count(b'camera_optical_frame')
    raw = with_bytes(raw, first + 1000, b'damage')
    file.write_bytes(with_bytes(raw, second - 8, b'\xff' * 8))
    numbers, error = seen_until_the_end(opened(file))
    assert len(numbers) == 30 - lost
    assert f'; {30 - lost} of 30 messages on /image could be read' in error


def test_the_file_of_a_split_bag_that_is_damaged_is_named(tmp_path):
    bag, names = split(tmp_path, StoragePlugin.MCAP, parts=3)
    for name in names[:2]:
        raw = (bag / name).read_bytes()
        ((at, size),) = chunks(raw)
        (bag / name).write_bytes(raw[:at + size - 10])
    numbers, error = seen_until_the_end(opened(bag))
    assert numbers == [4, 5]
    assert error == (f'{bag}: the bag is damaged or was cut off: {names[0]}: the file ends within '
                     'a record (and 1 more files); 2 of 6 messages on /image could be read')


def test_a_chunk_that_does_not_fit_its_checksum(tmp_path):
    file = storage_file(large_bag(tmp_path / 'bag', StoragePlugin.MCAP))
    items = list(records(file.read_bytes()))
    at = next(i for i, (kind, _) in enumerate(items) if kind == 6)
    body = bytearray(items[at][1])
    body[24:28] = b'\1\2\3\4'
    items[at] = (6, bytes(body))
    file.write_bytes(mcap(items))
    with pytest.raises(SourceError, match='checksum'):
        list(scan(file, FileKind.MCAP))


class Recorder:
    """Writes a database the way rosbag2 does, and is killed."""

    def __init__(self, path, mode='WAL'):
        self.path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute(f'PRAGMA journal_mode = {mode}')
        self._connection.execute('PRAGMA wal_autocheckpoint = 0')

    def create(self, qos=''):
        self._connection.executescript(f"""
            CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL,
              serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL);
            CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL,
              timestamp INTEGER NOT NULL, data BLOB NOT NULL);
            CREATE INDEX timestamp_idx ON messages (timestamp ASC);
            INSERT INTO topics VALUES(1, '/image', '{IMAGE}', 'cdr', '{qos}');""")

    def record(self, indexes, end='COMMIT'):
        self._connection.execute('BEGIN')
        for i in indexes:
            data = bytes(STORE.serialize_cdr(image(i % 250), IMAGE))
            self._connection.execute(
                'INSERT INTO messages (topic_id, timestamp, data) VALUES(1, ?, ?)', (i, data))
        if end:
            self._connection.execute(end)

    def checkpoint(self):
        self._connection.execute('PRAGMA wal_checkpoint(TRUNCATE)')

    def kill(self, folder):
        """Leaves what a killed process leaves."""
        folder.mkdir()
        for file in self.path.parent.glob(f'{self.path.name}*'):
            shutil.copy(file, folder)
        self._connection.close()
        return folder / self.path.name


@pytest.fixture
def recorder(tmp_path):
    (tmp_path / 'live').mkdir()
    return Recorder(tmp_path / 'live' / 'bag_0.db3')


@pytest.fixture(params=['with shm', 'without shm', 'read-only'])
def left(request, tmp_path):
    """Makes a folder of what was left behind."""
    def leave(recorder):
        path = recorder.kill(tmp_path / 'left')
        if request.param == 'without shm':
            path.with_name(f'{path.name}-shm').unlink(missing_ok=True)
        if request.param == 'read-only':
            for file in path.parent.iterdir():
                file.chmod(0o444)
            path.parent.chmod(0o555)
        return path
    yield leave
    (tmp_path / 'left').chmod(0o755)


def test_a_log_beside_a_database_is_read(recorder, left):
    recorder.create()
    recorder.record(range(3))
    recorder.checkpoint()
    recorder.record(range(3, 6))
    path = left(recorder)
    before = digests(path.parent)
    for place in (path, path.parent):
        with opened(place) as source:
            assert seen(source) == seen(source) == list(range(6))
            assert 'bag_0.db3-wal was applied' in source.notes[-1]
    assert digests(path.parent) == before


def test_a_database_that_is_all_in_its_log(recorder, left):
    recorder.create()
    recorder.record(range(4))
    path = left(recorder)
    assert b'CREATE TABLE' not in path.read_bytes()
    assert seen(opened(path)) == [0, 1, 2, 3]


def test_what_was_not_committed_is_not_there(recorder, tmp_path):
    recorder.create()
    recorder.record(range(2))
    recorder.record(range(2, 400), end='')
    assert seen(opened(recorder.kill(tmp_path / 'left'))) == [0, 1]


FRAME = 24 + 4096
"""A page in SQLite's write-ahead log [bytes]."""


def left_log(recorder, folder):
    """A database that lacks its last seven messages, and the log that has them."""
    recorder.create()
    recorder.record(range(3))
    recorder.checkpoint()
    for i in range(3, 10):
        recorder.record([i])
    path = recorder.kill(folder)
    return path, path.with_name(f'{path.name}-wal')


def test_what_of_a_log_was_not_committed_is_reported(recorder, tmp_path):
    recorder.create()
    recorder.record(range(2))
    recorder._connection.execute('PRAGMA cache_size = 1')
    recorder.record(range(2, 400), end='')
    source = opened(recorder.kill(tmp_path / 'left'))
    assert seen(source) == [0, 1]
    assert re.search('bag_0.db3-wal was applied, in a copy, except for [0-9]+ pages of a change '
                     'that was not finished', source.notes[-1])


@pytest.mark.parametrize(('damage', 'fewest'), [
    (lambda raw: raw[:-3000], 5), (lambda raw: raw[:-FRAME - 10], 5),
    (lambda raw: raw[:-3 * FRAME] + b'\xff' + raw[1 - 3 * FRAME:], 5),
    (lambda raw: raw[:40] + b'\xff' + raw[41:], 3), (lambda raw: raw[:20] + b'\xff' + raw[21:], 3),
    (lambda raw: np.random.default_rng(1).bytes(len(raw)), 3), (lambda raw: bytes(len(raw)), 3),
    (lambda raw: raw[:31], 3)],
    ids=['cut', 'cut within a head', 'a wrong page', 'a wrong first frame', 'a wrong header',
         'noise', 'zeros', 'cut within the header'])
def test_a_damaged_log_is_applied_as_far_as_it_is_right_and_then_reported(
        recorder, tmp_path, damage, fewest):
    path, log = left_log(recorder, tmp_path / 'left')
    log.write_bytes(damage(log.read_bytes()))
    numbers, error = seen_until_the_end(opened(path))
    assert numbers == list(range(len(numbers)))
    assert fewest <= len(numbers) < 10
    assert 'bag_0.db3-wal is damaged' in error
    assert f'{len(numbers)} messages on /image could be read' in error


def test_what_a_log_has_left_of_an_older_one_is_no_damage(recorder, tmp_path):
    recorder.create()
    recorder.record(range(9))
    recorder._connection.execute('PRAGMA wal_checkpoint(FULL)')
    recorder.record([9])
    assert seen(opened(recorder.kill(tmp_path / 'left'))) == list(range(10))


def test_a_log_of_something_else_is_reported(bag):
    file = storage_file(bag)
    file.with_name(f'{file.name}-wal').write_bytes(np.random.default_rng(1).bytes(50_000))
    if file.suffix == '.mcap':
        assert seen(opened(bag)) == [0, 1, 2, 3, 4]
        return
    numbers, error = seen_until_the_end(opened(bag))
    assert numbers == [0, 1, 2, 3, 4]
    assert f'{file.name}-wal is damaged: it does not begin as a log of SQLite' in error


@pytest.mark.parametrize(('content', 'says'), [
    (b'noise' * 1000, 'bag_0.db3-journal is damaged: SQLite has not applied it'),
    (bytes(4096), '')], ids=['noise', 'a finished one'])
def test_a_journal_that_is_none(recorder, tmp_path, content, says):
    recorder._connection.execute('PRAGMA journal_mode = DELETE')
    recorder.create()
    recorder.record(range(3))
    path = recorder.kill(tmp_path / 'left')
    path.with_name(f'{path.name}-journal').write_bytes(content)
    source = opened(path)
    assert source.notes == ()
    if says:
        numbers, error = seen_until_the_end(source)
        assert numbers == [0, 1, 2] and says in error
    else:
        assert seen(source) == [0, 1, 2]


@pytest.mark.parametrize('name', [b'a?b#c%41 d.db3', b'caf\xe9.db3', 'käse.db3'.encode()])
def test_a_database_of_any_name_is_read_by_its_index(tmp_path, name):
    file = storage_file(write(tmp_path / 'bag', [('/image', image(i)) for i in range(5)],
                              StoragePlugin.SQLITE3))
    moved = file.rename(tmp_path / os.fsdecode(name))
    source = opened(moved)
    assert seen(source) == [0, 1, 2, 3, 4]
    assert (source.total, source.notes) == (5, ())


def test_an_unfinished_change_is_taken_back(tmp_path):
    (tmp_path / 'live').mkdir()
    recorder = Recorder(tmp_path / 'live' / 'bag_0.db3', mode='DELETE')
    recorder.create()
    recorder.record(range(3))
    recorder._connection.execute('PRAGMA cache_size = 1')
    recorder.record(range(3, 300), end='')
    path = recorder.kill(tmp_path / 'left')
    assert path.with_name(f'{path.name}-journal').stat().st_size
    before = digests(path.parent)
    source = opened(path)
    assert seen(source) == [0, 1, 2]
    assert 'bag_0.db3-journal' in source.notes[0]
    assert digests(path.parent) == before


def test_copies_are_removed(recorder, tmp_path, monkeypatch):
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path / 'tmp'))
    (tmp_path / 'tmp').mkdir()
    recorder.create()
    recorder.record(range(3))
    path = recorder.kill(tmp_path / 'left')
    with opened(path) as source:
        assert seen(source) == [0, 1, 2]
        assert list((tmp_path / 'tmp').iterdir())
    assert not list((tmp_path / 'tmp').iterdir())
    source = opened(path)
    del source
    assert not list((tmp_path / 'tmp').iterdir())


def test_copies_of_a_process_that_was_killed_are_removed_by_the_next(
        recorder, tmp_path, monkeypatch):
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path / 'tmp'))
    (tmp_path / 'tmp').mkdir()
    recorder.create()
    recorder.record(range(3))
    path = recorder.kill(tmp_path / 'left')
    code = ('import sys, time\n'
            'from movenet_ros.files.sources import open_source\n'
            f'source = open_source({str(path)!r})\n'
            'print("ready", flush=True)\n'
            'time.sleep(60)\n')
    with subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, 'TMPDIR': str(tmp_path / 'tmp')}) as other:
        try:
            assert other.stdout.readline() == 'ready\n'
            (theirs,) = (tmp_path / 'tmp').iterdir()
            with opened(path):
                assert theirs.exists() and len(list((tmp_path / 'tmp').iterdir())) == 2
        finally:
            other.kill()
    assert list(theirs.rglob('*.db3'))
    with opened(path) as source:
        assert seen(source) == [0, 1, 2]
        assert not theirs.exists()


def compressed_bag(path, mode, storage):
    writer = Writer(path, version=8, storage_plugin=storage)
    writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        connection = writer.add_connection('/image', IMAGE, typestore=STORE)
        for i in range(5):
            writer.write(connection, i, bytes(STORE.serialize_cdr(image(i), IMAGE)))
    return path


@pytest.mark.parametrize('storage', STORAGES, ids=['mcap', 'sqlite3'])
@pytest.mark.parametrize('mode', [CompressionMode.FILE, CompressionMode.MESSAGE])
def test_compressed_bags(tmp_path, storage, mode):
    bag = compressed_bag(tmp_path / 'bag', mode, storage)
    assert seen(opened(bag)) == [0, 1, 2, 3, 4]
    (file,) = (item for item in bag.iterdir() if item.name != 'metadata.yaml')
    assert seen(opened(file)) == [0, 1, 2, 3, 4]
    (bag / 'metadata.yaml').unlink()
    assert is_bag(bag)
    assert seen(opened(bag)) == [0, 1, 2, 3, 4]


def test_a_file_is_not_read_twice_because_it_was_being_compressed(bag):
    file = storage_file(bag)
    (bag / 'metadata.yaml').unlink()
    whole = file.with_name(f'{file.name}.zstd')
    whole.write_bytes(_compressed(file.read_bytes()))
    assert seen(opened(bag)) == [0, 1, 2, 3, 4]
    file.unlink()
    assert seen(opened(bag)) == [0, 1, 2, 3, 4]


def test_a_compressed_bag_that_was_cut_off(tmp_path):
    bag = large_bag(tmp_path / 'bag', StoragePlugin.MCAP)
    raw = storage_file(bag).read_bytes()
    path = tmp_path / 'cut.mcap.zstd'
    packed = _compressed(raw + np.random.default_rng(1).bytes(3 * 10**6))
    path.write_bytes(packed[:len(packed) // 2])
    numbers, error = seen_until_the_end(opened(path))
    assert numbers == list(range(len(numbers)))
    assert 'cut.mcap.zstd cannot be decompressed to its end' in error


@pytest.mark.parametrize(('storage', 'packed'), [
    (StoragePlugin.MCAP, True), (StoragePlugin.SQLITE3, True), (StoragePlugin.SQLITE3, False)])
def test_a_disk_that_is_full_of_copies_is_not_called_a_damaged_bag(
        tmp_path, monkeypatch, storage, packed):
    """Copies, of what is compressed or has a log, go to a device that is always full."""
    def place(self, name, size):
        path = real(self, name, size)
        path.symlink_to('/dev/full')
        return path

    real = bag_files.Scratch.place
    monkeypatch.setattr(bag_files.Scratch, 'place', place)
    path = storage_file(write(tmp_path / 'bag', [('/image', image(1))], storage))
    if packed:
        path.write_bytes(_compressed(path.read_bytes()))
    else:
        path.with_name(f'{path.name}-wal').write_bytes(b'something')
    with pytest.raises(SourceError, match='is full; set TMPDIR to a folder with more room') as told:
        opened(path)
    assert 'damaged' not in str(told.value) and 'cannot be decompressed' not in str(told.value)


def _compressed(raw):
    return zstd._library().compress(raw)


def test_something_else_that_is_compressed(tmp_path):
    path = tmp_path / 'notes.zst'
    path.write_bytes(_compressed(b'hello, this is no bag'))
    with pytest.raises(SourceError, match=r'notes\.zst is a text file, not a bag'):
        opened(path)


def test_a_ros_1_bag_is_named_with_the_remedy(tmp_path):
    path = tmp_path / 'old.bag'
    with Rosbag1Writer(path):
        pass
    with pytest.raises(SourceError, match=r'is a ROS 1 bag; .*rosbags-convert --src'):
        opened(path)
