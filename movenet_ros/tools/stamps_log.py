"""The stamps log of a replay: which image was published with which stamp."""
from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from movenet_ros.errors import SinkError


@dataclass(frozen=True)
class PublishedImage:
    """An image that was published: one line of the log, whose columns have these names.

    Attributes:
        index: Its place in the source, from 0.
        source_stamp_ns: As recorded [ns].
        stamp_ns: The stamp in its header [ns].
    """

    index: int
    source_stamp_ns: int
    stamp_ns: int


HEADER = ','.join(column.name for column in fields(PublishedImage))
"""The first line."""


@contextmanager
def write_stamps_log(path: Path) -> Iterator[Callable[[PublishedImage], None]]:
    """Gives what writes a line for each image.

    Raises:
        SinkError: The file cannot be written.
    """
    try:
        # Line by line, so that it is right however the replay ends.
        with path.open('w', encoding='ascii', buffering=1) as file:
            print(HEADER, file=file)
            yield lambda image: print(*astuple(image), sep=',', file=file)
    except OSError as error:
        raise SinkError(f'{path}: cannot be written: {error.strerror}') from error


def read_stamps_log(path: Path) -> list[PublishedImage]:
    """The images in a log; none if it has not been begun."""
    if not path.is_file():
        return []
    with path.open(encoding='ascii', newline='') as file:
        return [PublishedImage(**{name: int(value) for name, value in row.items()})
                for row in csv.DictReader(file)]
