"""Which recordings are named by paths and URLs."""
from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from movenet_ros.errors import MovenetError, ParameterError, SourceError, one_line
from movenet_ros.files.bags.metadata import METADATA
from movenet_ros.files.locations import is_url, open_url
from movenet_ros.files.pictures import PICTURE_FILES
from movenet_ros.processing.result_set import is_result_set

RECORDINGS = ('.mcap', '.db3', '.zstd', '.mp4', '.m4v', '.mov', '.webm', '.mkv', '.avi', '.ts',
              '.mjpeg', '.mjpg', '.gif')
"""Endings of what is taken for a recording in a folder; a file that is named may have any."""


@dataclass(frozen=True)
class Input:
    """A recording.

    Attributes:
        location: Its absolute path or URL.
        name: What its results are called, below the folder of results.
    """

    location: str
    name: str


def find_inputs(places: Iterable[str], output_dir: str) -> list[Input]:
    """The recordings that are named, and those in folders that are named.

    Args:
        places: Paths and URLs.
        output_dir: The folder of results; it is no input.

    Raises:
        ParameterError: Two recordings would have results of one name, or a pattern is named.
        SourceError: A folder cannot be listed, or holds no recording.
        MovenetError: A URL needs a package that is not installed.
    """
    found: dict[str, Input] = {}
    for place in places:
        for item in _listed(place, output_dir):
            other = found.setdefault(item.name, item)
            if other.location != item.location:
                raise ParameterError(
                    'INPUT', item.location, f'would have results of the same name as '
                    f'{other.location}; give a folder that holds both, or another --output-dir')
    return list(found.values())


def _listed(place: str, output_dir: str) -> list[Input]:
    try:
        return list(_in_place(place, output_dir))
    except MovenetError:
        raise
    except Exception as error:  # each kind of URL has errors of its own
        raise SourceError(f'{place}: cannot be listed: {type(error).__name__}: '
                          f'{one_line(error)}') from error


def _in_place(place: str, output_dir: str) -> Iterator[Input]:
    files, root = open_url(place) if is_url(place) else (None, os.path.abspath(place))  # noqa: PTH100
    if not (files.isdir(root) if files else os.path.isdir(root)):  # noqa: PTH112
        if glob.has_magic(root) and not (files.exists(root) if files else os.path.lexists(root)):
            raise ParameterError('INPUT', place, 'is a pattern; leave out the quotes so that your '
                                 'shell lists the files, or give the folder')
        yield Input(place if files else root, PurePosixPath(root).name)
        return
    count = 0
    for folder, folders, names in files.walk(root) if files else os.walk(root):
        path = PurePosixPath(folder)
        if is_result_set(path.name, names):
            folders.clear()
            continue
        chosen = _recordings(names)
        folders[:] = [name for name in sorted(folders) if not name.startswith('.')
                      and chosen != [''] and str(path / name) != output_dir]
        for location in (path / name for name in chosen):
            count += 1
            yield Input(files.unstrip_protocol(str(location)) if files else str(location),
                        str(location.relative_to(root)) if location != PurePosixPath(root)
                        else location.name)
    if not count:
        raise SourceError(f'{place}: there is no bag, video or picture in this folder')


def _recordings(names: Iterable[str]) -> list[str]:
    """The recordings among the files of one folder; '' is the folder itself."""
    visible = sorted(name for name in names if not name.startswith('.'))
    if METADATA in visible:
        return ['']
    recordings = [name for name in visible if name.lower().endswith(RECORDINGS)]
    pictures = any(name.lower().endswith(PICTURE_FILES) for name in visible)
    return recordings or [''] * pictures
