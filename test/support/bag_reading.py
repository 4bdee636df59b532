"""Bags that a test opens, and edits."""
import hashlib
import shutil

import pytest
import yaml
from support.bags import image, storage_file, write

from movenet_ros.errors import SourceError
from movenet_ros.files.bags.source import BagSource

ROOT = 'rosbag2_bagfile_information'


def open_bag(path, topic=None):
    """The images of a bag as a source."""
    return BagSource(path, topic=topic, fps=30.0)


def image_numbers(source):
    """The number that is drawn in each image."""
    return [int(frame.picture().pixels[0, 0, 0]) for frame in source]


def image_numbers_and_error(source):
    """The numbers, and the error after them."""
    numbers = []
    with pytest.raises(SourceError) as caught:  # noqa: PT012
        for frame in source:
            numbers.append(int(frame.picture().pixels[0, 0, 0]))
    return numbers, str(caught.value)


def edit_metadata(bag, edit):
    """Edits the metadata of a bag."""
    path = bag / 'metadata.yaml'
    content = yaml.safe_load(path.read_text())
    edit(content[ROOT])
    path.write_text(yaml.safe_dump(content))


def topic_of(metadata):
    return metadata['topics_with_message_count'][0]


def digests(folder):
    """Digest and time of change of each file, to see that none was modified."""
    return {path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
            for path in folder.iterdir()}


def write_split_bag(tmp_path, storage, parts=12, each=2):
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
    edit_metadata(bag, lambda metadata: metadata.update(relative_file_paths=names))
    edit_metadata(bag, lambda metadata: topic_of(metadata).update(message_count=parts * each))
    return bag, names
