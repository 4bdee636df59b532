"""Reading of what `jsonl` writes; it loads nothing of the pipeline."""
from __future__ import annotations

import json
from collections.abc import Iterator
from io import TextIOWrapper
from typing import Any

from movenet_ros.errors import SourceError, one_line
from movenet_ros.files.source import PathLike
from movenet_ros.regular_files import open_regular_file, parse_json

LONGEST_LINE = 2**26
"""Of a thousand people the line has less than 2 MB [characters]."""
KEYS = ('stamp_ns', 'frame_id', 'width', 'height', 'model', 'poses')


def read_jsonl(path: PathLike) -> Iterator[dict[str, Any]]:
    """The lines that a `JsonlSink` wrote.

    Args:
        path: The file; it may begin with a byte order mark.

    Yields:
        One dictionary per image.

    Raises:
        SourceError: The file cannot be read, or a line is not one of ours; names the line.
    """
    try:
        with TextIOWrapper(open_regular_file(path), encoding='utf-8-sig') as lines:
            number = 0
            while line := lines.readline(LONGEST_LINE + 1):
                number += 1
                yield _parse(line, f'{path}, line {number}')
    except OSError as error:
        raise SourceError(f'{path}: cannot be read: {error.strerror}') from error
    except UnicodeDecodeError as error:
        raise SourceError(f'{path}: is no text file in UTF-8, as JSON lines are') from error


def _parse(line: str, where: str) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise SourceError(f'{where}: is too long: at most {LONGEST_LINE} characters are read')
    try:
        value = parse_json(line)
    except ValueError as error:
        cut = '' if line.endswith('\n') else '; the file seems to be cut off'
        what = (f'{error.msg} at column {error.colno}' if isinstance(error, json.JSONDecodeError)
                else one_line(error))
        raise SourceError(f'{where}: not JSON: {what}{cut}') from error
    if not isinstance(value, dict):
        raise SourceError(f'{where}: not an object, but {type(value).__name__}')
    if missing := [key for key in KEYS if key not in value]:
        raise SourceError(f'{where}: {", ".join(missing)} missing')
    return value
