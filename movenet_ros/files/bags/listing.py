"""Which files make up a bag: what its metadata.yaml names, and what is in its folder."""
from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from movenet_ros.errors import SourceError, listed
from movenet_ros.files.bags.bag_file import inner_kind
from movenet_ros.files.bags.metadata import METADATA, BagMetadata, Topic, read_metadata
from movenet_ros.files.file_kind import file_kind
from movenet_ros.files.pictures import natural_order
from movenet_ros.images.content_kind import BAGS, PICTURES, FileKind

ZSTD_ENDINGS = ('.zstd', '.zst')


@dataclass(frozen=True)
class Listing:
    """Which files make up a bag.

    Attributes:
        files: Those that are there, in the order of recording.
        missing: Names of those that are not.
        promised: How many messages each topic should have.
        notes: What the user should know.
    """

    files: tuple[Path, ...]
    missing: tuple[str, ...] = ()
    promised: Mapping[Topic, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def list_files(path: Path) -> Listing:
    """The storage files of a bag.

    Args:
        path: A folder, or a storage file.

    Raises:
        SourceError: A folder has none.
    """
    if not path.is_dir():
        return Listing((path,))
    notes: tuple[str, ...] = ()
    metadata = BagMetadata()
    if not (path / METADATA).exists():
        notes = (f'{path}: there is no {METADATA}, as a recorder leaves it that was killed; all '
                 'bag files of the folder are read',)
    else:
        try:
            metadata = read_metadata(path)
        except SourceError as error:
            notes = (f'{path / METADATA}: {error}; all bag files of the folder are read',)
    there = tuple(path / name for name in metadata.files if (path / name).is_file())
    missing = tuple(name for name in metadata.files if not (path / name).is_file())
    others = [file for file in _storage_files(path) if file not in there]
    if others and (missing or not there):
        # Renamed, or written after the metadata; what is missing shows when all is counted.
        if metadata.files:
            notes += (f'{path / METADATA} does not name {_names(others)}, which the folder has, '
                      f'but {listed(missing)}, which it has not; what is there is '
                      'read',)
        there = tuple(sorted((*there, *others), key=natural_order))
    elif others:
        notes += (f'{path}: left out {_names(others)}, which {METADATA} does not name',)
    if not there:
        gone = f'; missing: {listed(missing)}' if missing else ''
        raise SourceError(f'{path}: there are no bag files in this folder{gone}')
    return Listing(there, missing, metadata.counts, notes)


def _storage_files(folder: Path) -> list[Path]:
    """Files that are bags by their content, in natural order, each once."""
    bags = [file for file, kind in _kinds(folder).items() if kind in BAGS]
    # A recorder that is killed while it compresses a file leaves both.
    return [file for file in bags if file.suffix not in ZSTD_ENDINGS
            or file.with_suffix('') not in bags]


def _kinds(folder: Path) -> dict[Path, FileKind]:
    """What the files of a folder are, in natural order; what cannot be read is left out."""
    kinds = {}
    for file in sorted(folder.iterdir(), key=natural_order):
        with suppress(OSError):
            if file.is_file():
                kinds[file] = inner_kind(file)
    return kinds


def _names(files: list[Path]) -> str:
    return listed(file.name for file in files)


def is_bag(path: Path) -> bool:
    """Whether a file or folder is a bag, also a damaged one.

    A file is one by its content; a folder if it has a metadata.yaml, or storage files and no
    pictures.
    """
    if not path.is_dir():
        try:
            return path.is_file() and file_kind(path) in (*BAGS, FileKind.ZSTD)
        except OSError:
            return False
    if (path / METADATA).is_file():
        return True
    kinds = _kinds(path)
    return (any(kind in BAGS for kind in kinds.values())
            and not any(kind in PICTURES for kind in kinds.values()))
