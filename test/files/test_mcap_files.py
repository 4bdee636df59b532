"""MCAP files whose index, chunks or checksums are damaged or unusual."""
import struct
from zlib import crc32

import pytest
from rosbags.rosbag2 import StoragePlugin
from support.bag_reading import image_numbers, image_numbers_and_error, open_bag, write_split_bag
from support.bags import image, large_bag, storage_file, write

from movenet_ros.errors import SourceError
from movenet_ros.files.bags.salvage import scan
from movenet_ros.images.content_kind import FileKind

FOOTER, SCHEMA, CHANNEL, MESSAGE_INDEX, CHUNK_INDEX, STATISTICS, DATA_END = 2, 3, 4, 7, 8, 11, 15
CHUNK, CHUNK_HEAD = 6, 40
"""Kind of a chunk's record, and bytes before its (uncompressed) messages."""


def records(raw, at=8):
    """The records of an MCAP file: the kind and the content of each."""
    while at + 9 <= len(raw) - 8:
        kind, size = struct.unpack_from('<BQ', raw, at)
        yield kind, raw[at + 9:at + 9 + size]
        at += 9 + size


def mcap(items):
    magic = b'\x89MCAP0\r\n'
    return magic + b''.join(struct.pack('<BQ', kind, len(body)) + body
                            for kind, body in items) + magic


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
    source = open_bag(file)
    assert sorted(image_numbers(source)) == list(range(30))
    assert image_numbers(source)[:3] == [0, 1, 2]


def test_messages_that_are_not_in_the_order_of_their_times(tmp_path):
    order = [0, 3, 1, 2]
    file = storage_file(write(tmp_path / 'bag', [('/image', image(i)) for i in order]))
    file.write_bytes(reindexed(file.read_bytes(), same, lambda kind: False))
    assert sorted(image_numbers(open_bag(file))) == [0, 1, 2, 3]


def test_a_profile_of_another_tool(tmp_path):
    file = storage_file(large_bag(tmp_path / 'bag', StoragePlugin.MCAP))
    (_, header), *others = records(file.read_bytes())
    header = struct.pack('<I', 0) + header[8:]
    file.write_bytes(mcap([(1, header), *others]))
    source = open_bag(file)
    assert image_numbers(source) == list(range(30))
    assert source.total == 30
    (note,) = source.notes
    assert 'Profile is not ros2' in note


def test_a_file_that_ends_between_two_records_is_cut_off(tmp_path):
    file = storage_file(large_bag(tmp_path / 'bag', StoragePlugin.MCAP))
    raw = file.read_bytes()
    file.write_bytes(mcap(list(records(raw))[:4])[:-8])
    numbers, error = image_numbers_and_error(open_bag(file))
    assert numbers == list(range(len(numbers)))
    assert 'cut off' in error


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
    numbers, error = image_numbers_and_error(open_bag(file))
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
    numbers, error = image_numbers_and_error(open_bag(file))
    assert len(numbers) == 30 - lost
    assert f'; {30 - lost} of 30 messages on /image could be read' in error


def test_the_file_of_a_split_bag_that_is_damaged_is_named(tmp_path):
    bag, names = write_split_bag(tmp_path, StoragePlugin.MCAP, parts=3)
    for name in names[:2]:
        raw = (bag / name).read_bytes()
        ((at, size),) = chunks(raw)
        (bag / name).write_bytes(raw[:at + size - 10])
    numbers, error = image_numbers_and_error(open_bag(bag))
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
