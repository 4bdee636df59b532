"""Files of results: JSON in which what is not a number is null, and errors that say which file."""
from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from movenet_ros.errors import SinkError


def check_writable(path: Path) -> None:
    """Fails now rather than after minutes of measuring.

    Raises:
        SinkError: The file cannot be written, as far as can be seen without writing it.
    """
    folder = path.resolve().parent
    if not folder.is_dir():
        raise SinkError(f'{path}: the folder {path.parent} does not exist; create it first')
    if path.is_dir():
        raise SinkError(f'{path}: cannot be written: it is a folder')
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise SinkError(f'{path}: cannot be written: no permission')


def write(path: Path, content: bytes) -> None:
    """Writes a file.

    Raises:
        SinkError: It cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise SinkError(f'{path}: cannot be written: {error.strerror}') from error


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Writes the numbers; what is not a number is null.

    Raises:
        SinkError: The file cannot be written.
    """
    write(path, (json.dumps(known(content), indent=2, allow_nan=False) + '\n').encode())


def known(value: Any) -> Any:
    """The value, with None for NaN and infinity, also inside of lists and mappings."""
    if isinstance(value, Mapping):
        return {key: known(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [known(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
