"""Reading of what `jsonl` writes; it loads nothing of the pipeline."""
from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any

from movenet_ros.errors import SourceError, one_line
from movenet_ros.files.source import PathLike
from movenet_ros.files.wanted import Wanted, always
from movenet_ros.regular_files import open_regular_file, parse_json

LONGEST_LINE = 2**26
"""Of a thousand people the line has less than 2 MB [characters]."""
KEYS = ('stamp_ns', 'frame_id', 'width', 'height', 'model', 'poses')

STAMP = re.compile(r'\{"stamp_ns": (-?\d{1,19}),')
"""How a line begins."""


def read_jsonl(path: PathLike, start_ns: int | None = None,
               is_wanted: Wanted = always) -> Iterator[dict[str, Any]]:
    """The lines that a `JsonlSink` wrote.

    Args:
        path: The file; it may begin with a byte order mark.
        start_ns: Leaves out the lines before the first one with this stamp or a later one [ns],
            and does not check them, which is faster.
        is_wanted: Ends the search for that line.

    Yields:
        One dictionary per image.

    Raises:
        SourceError: The file cannot be read, or a line is not one of ours; names the line.
    """
    with _lines(path) as lines:
        for number, line in enumerate(lines, 1):
            if start_ns is not None and _is_before(line, start_ns):
                if not is_wanted():
                    return
                continue
            start_ns = None
            yield _parse(line, f'{path}, line {number}')


def span_of_lines(path: PathLike) -> tuple[int, int]:
    """The least and the largest stamp of the lines that a `JsonlSink` wrote [ns]; 0 without any.

    Raises:
        SourceError: As `read_jsonl`.
    """
    least = largest = None
    with _lines(path) as lines:
        for number, line in enumerate(lines, 1):
            stamp = STAMP.match(line)
            value = int(stamp[1] if stamp else _parse(line, f'{path}, line {number}')['stamp_ns'])
            least = value if least is None else min(least, value)
            largest = value if largest is None else max(largest, value)
    return least or 0, largest or 0


@contextmanager
def _lines(path: PathLike) -> Iterator[Iterator[str]]:
    try:
        with TextIOWrapper(open_regular_file(path), encoding='utf-8-sig') as lines:
            yield iter(lambda: lines.readline(LONGEST_LINE + 1), '')
    except OSError as error:
        raise SourceError(f'{path}: cannot be read: {error.strerror}') from error
    except UnicodeDecodeError as error:
        raise SourceError(f'{path}: is no text file in UTF-8, as JSON lines are') from error


def _is_before(line: str, stamp_ns: int) -> bool:
    stamp = STAMP.match(line)
    return stamp is not None and int(stamp[1]) < stamp_ns


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
