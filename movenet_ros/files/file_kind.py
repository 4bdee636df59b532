"""The kind of a file, detected from its first bytes, whatever its name."""
from __future__ import annotations

from pathlib import Path

from movenet_ros.images.content_kind import HEAD_BYTES, FileKind, content_kind
from movenet_ros.regular_files import open_regular_file


def file_kind(path: Path) -> FileKind:
    """What a file is, from its first bytes.

    Args:
        path: The file.

    Raises:
        OSError: It cannot be read, or is no regular file.
    """
    with open_regular_file(path) as file:
        return content_kind(file.read(HEAD_BYTES))
