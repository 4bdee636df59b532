"""Files and folders by path or URL: whether they changed, their hash, and copies to read."""
from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from movenet_ros.errors import MovenetError, SourceError
from movenet_ros.files.atomic_output import locked_folder, remove_abandoned
from movenet_ros.regular_files import open_regular_file

VERSIONS = ('ETag', 'etag', 'LastModified', 'updated', 'mtime')
"""What fsspec's file systems call the version of a file, or its time."""
BLOCK = 2**20


def is_url(place: str) -> bool:
    """Whether it is a URL, not a path."""
    return '://' in place


def open_url(url: str) -> tuple[Any, str]:
    """The fsspec file system of a URL, and the path in it.

    Raises:
        MovenetError: fsspec, or what it needs for this kind of URL, is not installed.
    """
    try:
        from fsspec.core import url_to_fs
        files, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise MovenetError(f"{url}: cannot be opened ({error}): pip install '.[fleet]' in a "
                           'checkout of this package, or the package of this kind of URL, such '
                           'as gcsfs') from error
    return files, str(path)


def revision(location: str) -> str:
    """Tells whether a recording may have changed: sizes and times, or versions, of its files.

    Raises:
        SourceError: There is no such recording.
    """
    listed = _remote_files(location) if is_url(location) else _local_files(Path(location))
    if not listed:
        raise SourceError(f'{location}: there is no such file or folder')
    return hashlib.sha256('\n'.join(sorted(listed)).encode(errors='replace')).hexdigest()


def _local_files(path: Path) -> list[str]:
    files = path.rglob('*') if path.is_dir() else [path]
    states = [(file, file.stat()) for file in files if file.is_file()]
    return [f'{file} {state.st_size} {state.st_mtime_ns}' for file, state in states]


def _remote_files(url: str) -> list[str]:
    files, path = open_url(url)
    return [f'{name} {info["size"]} ' + ' '.join(str(info.get(key)) for key in VERSIONS)
            for name, info in files.find(path, detail=True).items()]


@contextmanager
def local_copy(location: str) -> Iterator[Path]:
    """A recording as a file or folder of this machine; a copy is removed afterwards."""
    if not is_url(location):
        yield Path(location)
        return
    files, path = open_url(location)
    from fsspec.implementations.local import LocalFileSystem
    if isinstance(files, LocalFileSystem):
        yield Path(path)
        return
    parent = Path(tempfile.gettempdir())
    # Those of workers that were killed would fill the disk.
    remove_abandoned(parent)
    folder, lock = locked_folder(parent)
    try:
        copy = folder / PurePosixPath(path).name
        files.get(path, str(copy), recursive=True)
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def size_and_hash(path: Path) -> tuple[int, str]:
    """Size [bytes] and SHA-256 of a file, or of the names and contents of a folder's files."""
    if not path.is_dir():
        return path.stat().st_size, _file_hash(path)
    files = sorted(file for file in path.rglob('*') if file.is_file())
    lines = ''.join(f'{_file_hash(file)}  {file.relative_to(path)}\n' for file in files)
    return (sum(file.stat().st_size for file in files),
            hashlib.sha256(lines.encode(errors='replace')).hexdigest())


def _file_hash(path: Path) -> str:
    digest = hashlib.sha256()
    with open_regular_file(path) as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
