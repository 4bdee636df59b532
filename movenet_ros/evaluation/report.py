"""Tables and JSON of what was measured."""
from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from movenet_ros.config import parameters
from movenet_ros.errors import SinkError
from movenet_ros.evaluation.sweep import plain

Row = Mapping[str, Any]

DIGITS = {'ms_per_image': 1, 'lag_ms': 1, 'rest_s': 1, 'false_people_per_image': 2, 'nobody': 2}
DEFAULT_DIGITS = 3
PARAMETERS = {parameter.name for parameter in parameters()}
NONE = '-'


def table(rows: Sequence[Row]) -> str:
    """A table for people and for Markdown; a column for every name in any row."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([_cell(name, row.get(name)) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    numbers = [all(isinstance(row.get(name), (int, float, type(None))) for row in rows)
               for name in names]
    lines = ['| ' + ' | '.join(
        cell.rjust(width) if number else cell.ljust(width)
        for cell, width, number in zip(line, widths, numbers, strict=True)) + ' |'
        for line in cells]
    rule = '|' + '|'.join('-' * (width + 1) + (':' if number else '-')
                          for width, number in zip(widths, numbers, strict=True)) + '|'
    return '\n'.join([lines[0], rule, *lines[1:]]) + '\n'


def write_json(path: Path, content: Mapping[str, Sequence[Row]]) -> None:
    """Writes the numbers; what is not a number is null.

    Raises:
        SinkError: The file cannot be written.
    """
    known = {name: [{key: _known(value) for key, value in row.items()} for row in rows]
             for name, rows in content.items()}
    write(path, (json.dumps(known, indent=2, allow_nan=False) + '\n').encode())


def write(path: Path, content: bytes) -> None:
    """Writes a file.

    Raises:
        SinkError: It cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise SinkError(f'{path}: cannot be written: {error.strerror}') from error


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cell(name: str, value: Any) -> str:
    value = _known(value)
    if value is None:
        return NONE
    if name in PARAMETERS:
        return plain(value)
    if isinstance(value, float):
        return f'{value:.{DIGITS.get(name, DEFAULT_DIGITS)}f}'
    return str(value)
