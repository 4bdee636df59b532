"""What nodes report of their cameras: as a table that fits a terminal, as lines, as JSON."""
from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from movenet_ros.ros.diagnostics.levels import Level
from movenet_ros.tools.node_status import CameraStatus

HIDDEN = {'state', 'topic', 'configuration', 'engine chosen'}
"""Shown elsewhere, or longer than a column."""
P50, MAX = ' p50 [ms]', ' max [ms]'
GAP = '  '
WIDEST_CELL = 28
NARROWEST_CELL = 8


@dataclass(frozen=True)
class StatusRow:
    """A camera.

    Attributes:
        status: Its newest report.
        age: How old that is [s].
        is_silent: Whether another one should have come by now.
    """

    status: CameraStatus
    age: float
    is_silent: bool

    @property
    def name(self) -> str:
        """Of node and camera."""
        return f'{self.status.full_name} {self.status.camera}'.rstrip()

    @property
    def verdict(self) -> str:
        """The level, or that the node is silent."""
        return f'silent for {self.age:.0f} s' if self.is_silent else self.status.level.name

    @property
    def has_error(self) -> bool:
        """Whether it is an error or worse."""
        return self.is_silent or self.status.level >= Level.ERROR


def table_lines(rows: Sequence[StatusRow], width: int) -> list[str]:
    """A table with a column for each camera, and what is not all right beneath it.

    Args:
        rows: The cameras.
        width: Of the terminal, in columns: no line is longer. Where the cameras do not fit side
            by side, the table is divided.
    """
    columns = [{'node': row.status.full_name, 'camera': row.status.camera or '-',
                'status': row.verdict, 'state': row.status.values['state'],
                'topic': row.status.topic, **_quantities(row.status.values)} for row in rows]
    labels = _ordered(columns)
    label_width = min(max(map(_width, labels)), max(NARROWEST_CELL, width // 2 - len(GAP)))
    lines: list[str] = []
    for group in _groups(columns, max(NARROWEST_CELL, width - label_width)):
        lines += ['', *_side_by_side(labels, label_width, group)]
    for row in rows:
        if row.has_error or row.status.level:
            lines += ['', *_wrapped(f'{row.verdict}: {row.name}: {row.status.message}', width)]
    return lines[1:]


def log_lines(rows: Sequence[StatusRow]) -> list[str]:
    """A line for each camera, for a log."""
    return ['; '.join([f'{row.name}: {row.verdict}: {row.status.message}',
                       *(f'{key} {value}' for key, value in
                         _quantities(row.status.values).items())]) for row in rows]


def as_json(row: StatusRow) -> dict[str, Any]:
    """What a program needs."""
    status = row.status
    return {'node': status.full_name, 'camera': status.camera, 'level': status.level.name,
            'message': status.message, 'topic': status.topic, 'age': round(row.age, 3),
            'silent': row.is_silent, 'values': dict(status.values)}


def _quantities(values: Mapping[str, str]) -> dict[str, str]:
    """Values by their labels; two that belong together share a line."""
    return dict(_pairs(values))


def _pairs(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        name = key.removesuffix(P50)
        if name != key and name + MAX in values:
            yield f'{name} p50/max [ms]', f'{value} / {values[name + MAX]}'
        elif not ((key.endswith(MAX) and key.removesuffix(MAX) + P50 in values) or key in HIDDEN):
            yield key, value


def _ordered(columns: Sequence[Mapping[str, str]]) -> list[str]:
    """All labels; one that few cameras have comes after that before it."""
    labels: list[str] = []
    for column in columns:
        place = 0
        for label in column:
            if label not in labels:
                labels.insert(place, label)
            place = labels.index(label) + 1
    return labels


def _groups(columns: Sequence[Mapping[str, str]],
            room: int) -> Iterator[list[tuple[Mapping[str, str], int]]]:
    """Columns that fit side by side, each with its width."""
    group: list[tuple[Mapping[str, str], int]] = []
    left = room
    for column in columns:
        widest = max(map(_width, column.values()))
        width = min(widest, WIDEST_CELL, room - len(GAP))
        if group and width + len(GAP) > left:
            yield group
            group, left = [], room
        group.append((column, width))
        left -= width + len(GAP)
    yield group


def _side_by_side(labels: Sequence[str], label_width: int,
                  group: Sequence[tuple[Mapping[str, str], int]]) -> Iterator[str]:
    for label in labels:
        if any(label in column for column, _ in group):
            cells = [_cell(column.get(label, '-'), width) for column, width in group]
            yield GAP.join([_cell(label, label_width), *cells]).rstrip()


def _cell(text: str, width: int) -> str:
    """The text, as wide as its column; of a name the end tells more than the beginning."""
    if _width(text) > width:
        is_name = text.startswith('/')
        while _width(text) > width - 3:
            text = text[1:] if is_name else text[:-1]
        text = f'...{text}' if is_name else f'{text}...'
    return text + ' ' * (width - _width(text))


def _wrapped(text: str, width: int) -> list[str]:
    # a character takes two columns at most
    width = width if text.isascii() else width // 2
    return textwrap.wrap(text, max(NARROWEST_CELL, width), subsequent_indent=GAP)


def _width(text: str) -> int:
    """How many columns of a terminal it takes, at most."""
    return sum(2 if unicodedata.east_asian_width(character) in 'WF' else 1 for character in text)
