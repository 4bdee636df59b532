"""Bags that are compressed with zstd."""

import numpy as np
import pytest
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from support.bag_reading import image_numbers, image_numbers_and_error, open_bag
from support.bags import STORAGES, STORE, image, large_bag, storage_file, write

from movenet_ros.errors import SourceError
from movenet_ros.files.bags import bag_file as bag_files
from movenet_ros.files.bags import zstd
from movenet_ros.files.bags.listing import is_bag
from movenet_ros.images.cdr import IMAGE


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
    assert image_numbers(open_bag(bag)) == [0, 1, 2, 3, 4]
    (file,) = (item for item in bag.iterdir() if item.name != 'metadata.yaml')
    assert image_numbers(open_bag(file)) == [0, 1, 2, 3, 4]
    (bag / 'metadata.yaml').unlink()
    assert is_bag(bag)
    assert image_numbers(open_bag(bag)) == [0, 1, 2, 3, 4]


def test_a_file_is_not_read_twice_because_it_was_beingzstd_compressed(bag):
    file = storage_file(bag)
    (bag / 'metadata.yaml').unlink()
    whole = file.with_name(f'{file.name}.zstd')
    whole.write_bytes(zstd_compressed(file.read_bytes()))
    assert image_numbers(open_bag(bag)) == [0, 1, 2, 3, 4]
    file.unlink()
    assert image_numbers(open_bag(bag)) == [0, 1, 2, 3, 4]


def test_a_compressed_bag_that_was_cut_off(tmp_path):
    bag = large_bag(tmp_path / 'bag', StoragePlugin.MCAP)
    raw = storage_file(bag).read_bytes()
    path = tmp_path / 'cut.mcap.zstd'
    packed = zstd_compressed(raw + np.random.default_rng(1).bytes(3 * 10**6))
    path.write_bytes(packed[:len(packed) // 2])
    numbers, error = image_numbers_and_error(open_bag(path))
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
        path.write_bytes(zstd_compressed(path.read_bytes()))
    else:
        path.with_name(f'{path.name}-wal').write_bytes(b'something')
    remedy = 'is full; set TMPDIR to a folder with more room'
    with pytest.raises(SourceError, match=remedy) as caught:
        open_bag(path)
    assert 'damaged' not in str(caught.value) and 'cannot be decompressed' not in str(caught.value)


def zstd_compressed(raw):
    return zstd._library().compress(raw)


def test_something_else_that_iszstd_compressed(tmp_path):
    path = tmp_path / 'notes.zst'
    path.write_bytes(zstd_compressed(b'hello, this is no bag'))
    with pytest.raises(SourceError, match=r'notes\.zst is a text file, not a bag'):
        open_bag(path)
