"""The metadata.yaml of a rosbag2 folder, which may disagree with the files.

It is written when a recording ends, and edited by hand and by tools; the files hold what they
hold. Nothing of it is needed to read them.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from movenet_ros.errors import SourceError, one_line, shown
from movenet_ros.regular_files import read_regular_file

Topic: TypeAlias = tuple[str, str]
"""A name and a type of messages."""

METADATA = 'metadata.yaml'
MOST_BYTES = 64 * 2**20
ROOT = 'rosbag2_bagfile_information'


@dataclass(frozen=True)
class BagMetadata:
    """What a folder should hold.

    Attributes:
        files: Names of the storage files, in the order of recording.
        counts: Messages of each topic.
    """

    files: tuple[str, ...] = ()
    counts: Mapping[Topic, int] = field(default_factory=dict)


def read_metadata(folder: Path) -> BagMetadata:
    """Reads the metadata.yaml of a folder.

    Raises:
        SourceError: There is none, or it says nothing that could be used.
    """
    import yaml
    path = folder / METADATA
    try:
        content = yaml.safe_load(read_regular_file(path, MOST_BYTES))
    except OSError as error:
        raise SourceError(error.strerror or 'it cannot be read') from error
    except (yaml.YAMLError, RecursionError) as error:
        raise SourceError(f'it is no YAML: {one_line(error)}') from error
    except ValueError as error:
        # a date that is none, or a number of thousands of digits
        raise SourceError('it has a value that no rosbag2 has') from error
    try:
        return BagMetadata(_files(content[ROOT]), _counts(content[ROOT]))
    except (TypeError, LookupError, AttributeError) as error:
        raise SourceError(f'it has no usable {ROOT}') from error


def _files(content: Any) -> tuple[str, ...]:
    # Recorders of some versions write the folder's own name before it.
    return tuple(PurePosixPath(str(name)).name for name in content.get('relative_file_paths') or ())


def _counts(content: Any) -> dict[Topic, int]:
    counts: dict[Topic, int] = {}
    for item in content.get('topics_with_message_count') or ():
        key = str(item['topic_metadata']['name']), str(item['topic_metadata']['type'])
        count = item['message_count']
        if type(count) is not int:
            raise SourceError(f'the message_count of {one_line(key[0])} is {shown(count)}, '
                              'which is no whole number')
        counts[key] = counts.get(key, 0) + count
    return counts
