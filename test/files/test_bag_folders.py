"""Bags whose files and metadata do not agree, and bags that are split into several files.

What is in the files counts. Nothing is left out in silence, and no file of the user changes.
"""
import shutil

import cv2
import numpy as np
import pytest
from rosbags.rosbag1 import Writer as Rosbag1Writer
from support.bag_reading import (
    ROOT,
    edit_metadata,
    image_numbers,
    image_numbers_and_error,
    open_bag,
    topic_of,
    write_split_bag,
)
from support.bags import STORAGES, TYPES, image, storage_file, write

from movenet_ros.cli import main
from movenet_ros.errors import SourceError
from movenet_ros.files.bags.listing import is_bag
from movenet_ros.images.cdr import IMAGE

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


def set_qos(metadata):
    topic_of(metadata)['topic_metadata']['offered_qos_profiles'] = QOS


def set_hash(metadata):
    topic_of(metadata)['topic_metadata']['type_description_hash'] = 'RIHS01_' + '0' * 64


def set_format(metadata):
    topic_of(metadata)['topic_metadata']['serialization_format'] = 'cbor'


def set_storage(metadata):
    metadata['storage_identifier'] = 'an unknown plugin'


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
    edit_metadata(bag, edit)
    source = open_bag(bag)
    assert image_numbers(source) == [0, 1, 2, 3, 4]
    assert (source.total, source.notes) == (5, ())
    assert source.fps == pytest.approx(20, rel=0.01)


def test_fewer_promised_than_there_are(bag):
    edit_metadata(bag, lambda metadata: topic_of(metadata).update(message_count=2))
    source = open_bag(bag)
    assert image_numbers(source) == [0, 1, 2, 3, 4]
    assert source.total == 5
    (note,) = source.notes
    assert note == ('metadata.yaml says that /image has 2 messages, the files hold 5: '
                    'all are read')


@pytest.mark.parametrize('edit', [
    lambda metadata: metadata.update(topics_with_message_count=[]),
    lambda metadata: topic_of(metadata)['topic_metadata'].update(type='sensor_msgs/msg/Imu')])
def test_a_topic_that_the_metadata_does_not_know(bag, edit):
    edit_metadata(bag, edit)
    assert image_numbers(open_bag(bag)) == [0, 1, 2, 3, 4]


def test_more_promised_than_there_are(bag):
    edit_metadata(bag, lambda metadata: topic_of(metadata).update(message_count=7))
    numbers, error = image_numbers_and_error(open_bag(bag))
    assert numbers == [0, 1, 2, 3, 4]
    assert 'part of the bag is missing: 7 messages are announced on /image' in error
    assert 'only 5 are there' in error


@pytest.mark.parametrize('text', [
    '', '{', 'hello', '[1, 2]', f'{ROOT}: 5', f'{ROOT}: {{relative_file_paths: 3}}',
    f'{ROOT}: {{topics_with_message_count: [1]}}', f'{ROOT}: 2020-13-45', '[' * 100_000,
    '\0\1', '9' * 5000])
def test_metadata_that_is_none(bag, text):
    (bag / 'metadata.yaml').write_text(text)
    source = open_bag(bag)
    assert image_numbers(source) == [0, 1, 2, 3, 4]
    (note,) = source.notes
    assert 'metadata.yaml: it ' in note
    assert 'all bag files of the folder are read' in note


def test_metadata_with_a_count_that_is_none_is_called_what_it_is(bag):
    edit_metadata(bag, lambda metadata: topic_of(metadata).update(message_count='many'))
    source = open_bag(bag)
    assert image_numbers(source) == [0, 1, 2, 3, 4]
    (note,) = source.notes
    assert "metadata.yaml: the message_count of /image is 'many', which is no whole number" in note


def test_a_folder_without_metadata(bag):
    (bag / 'metadata.yaml').unlink()
    assert is_bag(bag)
    source = open_bag(bag)
    assert image_numbers(source) == [0, 1, 2, 3, 4]
    assert 'there is no metadata.yaml' in source.notes[0]


def test_folders_that_are_no_bags(tmp_path):
    (tmp_path / 'notes.mcap').write_text('hello')
    assert not is_bag(tmp_path)
    with pytest.raises(SourceError, match='no bag files'):
        open_bag(tmp_path)


def test_a_folder_of_pictures_is_no_bag_because_of_a_result_in_it(bag):
    (bag / 'metadata.yaml').rename(bag / 'other.yaml')
    (bag / 'shot.png').write_bytes(cv2.imencode('.png', np.zeros((9, 9, 3), np.uint8))[1])
    assert not is_bag(bag)
    (bag / 'other.yaml').rename(bag / 'metadata.yaml')
    assert is_bag(bag)


def test_a_renamed_file(bag):
    file = storage_file(bag)
    file.rename(file.with_name(f'kitchen{file.suffix}'))
    source = open_bag(bag)
    assert image_numbers(source) == [0, 1, 2, 3, 4]
    (note,) = source.notes
    assert 'kitchen' in note
    assert file.name in note


def test_the_ending_of_a_file_says_nothing(bag):
    file = storage_file(bag)
    other = {'.mcap': '.db3', '.db3': '.mcap'}[file.suffix]
    moved = file.rename(file.with_suffix(other))
    edit_metadata(bag, lambda metadata: metadata.update(relative_file_paths=[moved.name]))
    assert image_numbers(open_bag(bag)) == [0, 1, 2, 3, 4]
    assert image_numbers(open_bag(moved)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize('storage', STORAGES, ids=['mcap', 'sqlite3'])
def test_a_split_bag(tmp_path, storage):
    bag, _ = write_split_bag(tmp_path, storage)
    source = open_bag(bag)
    assert image_numbers(source) == list(range(24))
    assert (source.total, source.notes) == (24, ())
    assert source.fps == pytest.approx(20, rel=0.01)


@pytest.mark.parametrize('storage', STORAGES, ids=['mcap', 'sqlite3'])
def test_a_split_bag_without_metadata_is_read_in_natural_order(tmp_path, storage):
    bag, _ = write_split_bag(tmp_path, storage)
    (bag / 'metadata.yaml').unlink()
    assert image_numbers(open_bag(bag)) == list(range(24))


@pytest.mark.parametrize('storage', STORAGES, ids=['mcap', 'sqlite3'])
def test_a_split_bag_with_a_part_missing(tmp_path, capfd, storage):
    bag, names = write_split_bag(tmp_path, storage, parts=3)
    (bag / names[1]).unlink()
    numbers, error = image_numbers_and_error(open_bag(bag))
    assert numbers == [0, 1, 4, 5]
    assert f'6 messages are announced on /image, but only 4 are there; missing: {names[1]}' in error
    poses = tmp_path / 'poses.jsonl'
    assert main(['process', str(bag), '-o', str(poses)]) == 1
    assert len(poses.read_text().splitlines()) == 4
    assert names[1] in capfd.readouterr().err


@pytest.mark.parametrize('storage', STORAGES, ids=['mcap', 'sqlite3'])
def test_a_split_bag_with_a_part_damaged(tmp_path, storage):
    bag, names = write_split_bag(tmp_path, storage, parts=3)
    (bag / names[1]).write_bytes(b'hello')
    numbers, error = image_numbers_and_error(open_bag(bag))
    assert numbers == [0, 1, 4, 5]
    assert f'{names[1]} is a text file, not a bag' in error


def test_the_part_that_has_the_images_is_missing(tmp_path):
    text = TYPES['std_msgs/msg/String'](data='hello')
    bag = write(tmp_path / 'bag', [('/text', text)], **{'/image': IMAGE})
    edit_metadata(bag, lambda metadata: topic_of(metadata).update(message_count=9))
    with pytest.raises(SourceError, match=r'metadata\.yaml announces 9: a part of the bag'):
        open_bag(bag, '/image')


def test_a_file_that_the_metadata_does_not_name(bag, tmp_path):
    other = storage_file(write(tmp_path / 'other', [('/image', image(77))]))
    shutil.move(other, bag / 'another.mcap')
    source = open_bag(bag)
    assert image_numbers(source) == [0, 1, 2, 3, 4]
    (note,) = source.notes
    assert 'left out another.mcap' in note


def test_a_ros_1_bag_is_named_with_the_remedy(tmp_path):
    path = tmp_path / 'old.bag'
    with Rosbag1Writer(path):
        pass
    with pytest.raises(SourceError, match=r'is a ROS 1 bag; .*rosbags-convert --src'):
        open_bag(path)
