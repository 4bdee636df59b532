"""Tables of what was measured."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from movenet_ros.config import parameters
from movenet_ros.measure.accuracy.sweep import plain
from movenet_ros.measure.report.files import known
from movenet_ros.measure.report.tables import NONE, aligned

Row = Mapping[str, Any]

DIGITS = {'ms_per_image': 1, 'lag_ms': 1, 'rest_s': 1, 'false_positives_per_image': 2,
          'no_person': 2}
DEFAULT_DIGITS = 3
PARAMETERS = {parameter.name for parameter in parameters()}


def table(rows: Sequence[Row]) -> str:
    """A table for people and for Markdown; a column for every name in any row."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_cell(name, row.get(name)) for name in names] for row in rows]
    return aligned(names, cells, [
        all(isinstance(row.get(name), (int, float, type(None))) for row in rows)
        for name in names])


def _cell(name: str, value: Any) -> str:
    value = known(value)
    if value is None:
        return NONE
    if name in PARAMETERS:
        return plain(value)
    if isinstance(value, float):
        return f'{value:.{DIGITS.get(name, DEFAULT_DIGITS)}f}'
    return str(value)
