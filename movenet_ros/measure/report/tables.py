"""Tables for people and for Markdown."""
from __future__ import annotations

from collections.abc import Sequence

from movenet_ros.errors import printable

NONE = '-'
"""What stands where there is no value."""


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[bool]) -> str:
    """A table in Markdown that can be read as it is; its cells are made printable.

    Args:
        head: Names of the columns.
        rows: A text for every column.
        numbers: Whether a column is one of numbers, which stand at its right.
    """
    cells = [[printable(cell) for cell in line] for line in (head, *rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    lines = ['| ' + ' | '.join(
        cell.rjust(width) if number else cell.ljust(width)
        for cell, width, number in zip(line, widths, numbers, strict=True)) + ' |'
        for line in cells]
    rule = '|' + '|'.join('-' * (width + 1) + (':' if number else '-')
                          for width, number in zip(widths, numbers, strict=True)) + '|'
    return '\n'.join([lines[0], rule, *lines[1:]]) + '\n'
