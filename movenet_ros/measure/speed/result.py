"""What a measurement gives: tables to read, targets to meet, numbers to keep."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Target:
    """Something that the package sets out to reach.

    Attributes:
        name: What is measured, and under which conditions.
        value: As measured; None where it was not.
        limit: What it must not exceed; or, with `at_least`, fall below.
        unit: Of both, e.g. 'ms'; empty for a ratio.
        at_least: Whether more is better.
        note: How it was measured, or why it was not.
    """

    name: str
    value: float | None
    limit: float
    unit: str = ''
    at_least: bool = False
    note: str = ''

    @property
    def met(self) -> bool | None:
        """Whether it is reached; None where it was not measured."""
        if self.value is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        title: Of the table.
        columns: Heads of the columns, with units, e.g. 'p50 [ms]'.
        rows: One value per column; numbers as measured, they are rounded when printed.
        text: A sentence or two on how to read it.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    text: str = ''


@dataclass(frozen=True)
class Part:
    """Everything that one kind of measurement gives.

    Attributes:
        name: Of the part, e.g. 'chain'; a key in the JSON.
        tables: To read.
        targets: To meet.
        data: The numbers behind them, as JSON can hold them.
        left_out: What was asked for and cannot be measured, a line for each reason.
    """

    name: str
    tables: tuple[Table, ...]
    targets: tuple[Target, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
