"""Zstandard, from the library that rosbags brings along: which one depends on versions."""
from __future__ import annotations

import importlib
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, cast

from movenet_ros.errors import SourceError

# The standard library's from Python 3.14 on, its backport, and what older rosbags use.
LIBRARIES = ('compression.zstd', 'backports.zstd', 'zstandard')


def open_compressed(path: Path) -> BinaryIO:
    """Opens a compressed file to read what is in it.

    Raises:
        SourceError: No library is installed.
        OSError: The file cannot be read.
    """
    return cast('BinaryIO', _library().open(path, 'rb'))


def decompress(data: bytes) -> bytes:
    """What is in a compressed block.

    Raises:
        SourceError: No library is installed.
        Exception: The block is damaged; the libraries have errors of their own.
    """
    with _library().open(BytesIO(data), 'rb') as content:
        return bytes(content.read())


def _library() -> Any:
    for name in LIBRARIES:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise SourceError('it is compressed with zstd, which needs a library that is not installed: '
                      'pip install zstandard; or unpack it first: unzstd FILE')
