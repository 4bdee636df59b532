"""Who is who, compared with ground truth in the format of MOTChallenge."""
from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import TextIOWrapper
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.tracker import iou
from movenet_ros.core.types import Poses
from movenet_ros.errors import SourceError, one_line
from movenet_ros.measure.report.tools import tool
from movenet_ros.regular_files import open_regular_file

LAST_FRAME = 2**31
MIN_OVERLAP = 0.3
"""IoU that makes a match. Not MOTChallenge's 0.5: a single-person network's box is drawn around
keypoints, and leaves out the top of the head, the hands and the feet."""


@dataclass(frozen=True, eq=False)
class Boxes:
    """The people in one image of the ground truth.

    Attributes:
        id: int64 [N].
        box: float64 [N,4], x_min, y_min, x_max, y_max [px].
    """

    id: NDArray[np.int64]
    box: NDArray[np.float64]


@dataclass(frozen=True)
class Identity:
    """How well ids stay with people, in the terms of MOTChallenge.

    Attributes:
        people: Ids of the ground truth.
        switches: How often a person's id became another one.
        fragments: How often a person who was followed was lost and found again.
        misses: People not found, summed over images.
        false_people: People who are not there, summed over images.
        mota: Multiple object tracking accuracy.
        idf1: Share of people and images with the right id.
    """

    people: int
    switches: int
    fragments: int
    misses: int
    false_people: int
    mota: float
    idf1: float

    def row(self) -> dict[str, int | float]:
        """The numbers by name, as in the command's JSON."""
        return asdict(self)


def read_truth(path: Path) -> dict[int, Boxes]:
    """Reads ground truth: lines of frame (from 1), id, left, top, width, height, confidence.

    Lines with confidence 0 are not to be counted, and are left out.

    Returns:
        The people, by index of the image, from 0; without entry where nobody is.

    Raises:
        SourceError: The file cannot be read or is no such table.
    """
    lines: dict[int, list[list[float]]] = defaultdict(list)
    try:
        with TextIOWrapper(open_regular_file(path), encoding='utf-8', newline='') as file:
            for number, cells in enumerate(csv.reader(file), start=1):
                if cells:
                    values = _numbers(path, number, cells)
                    if len(values) < 7 or values[6]:
                        lines[int(values[0]) - 1].append(values[1:6])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f'{path}: {one_line(error)}; give a CSV file in the format of '
                          'MOTChallenge') from error
    if not lines:
        raise SourceError(f'{path}: no ground truth in this file')
    return {frame: _boxes(np.array(rows)) for frame, rows in lines.items()}


def compare(truth: dict[int, Boxes], poses: Sequence[Poses]) -> Identity:
    """Compares ids with ground truth, by motmetrics.

    Args:
        truth: By index of the image.
        poses: What was published, one for each image.

    Raises:
        SourceError: The ground truth has more images than there were.
        MovenetError: motmetrics is not installed.
    """
    if max(truth) >= len(poses):
        raise SourceError(f'the ground truth goes up to image {max(truth) + 1}, but the clip has '
                          f'{len(poses)}; is it that of another clip?')
    motmetrics = tool('motmetrics')
    events = motmetrics.MOTAccumulator(auto_id=True)
    nobody = Boxes(np.empty(0, np.int64), np.empty((0, 4)))
    for frame, found in enumerate(poses):
        there = truth.get(frame, nobody)
        overlap = iou(there.box, found.box.astype(np.float64))
        # NaN forbids a match.
        distance = np.where(overlap >= MIN_OVERLAP, 1.0 - overlap, np.nan)
        events.update(there.id.tolist(), found.id.tolist(), distance)
    names = ['num_switches', 'num_fragmentations', 'num_misses', 'num_false_positives', 'mota',
             'idf1']
    values = motmetrics.metrics.create().compute(
        events, metrics=names, return_dataframe=False)
    switches, fragments, misses, false_people = (int(values[name]) for name in names[:4])
    people = len({number for boxes in truth.values() for number in boxes.id.tolist()})
    return Identity(people, switches, fragments, misses, false_people, float(values['mota']),
                    float(values['idf1']))


def _numbers(path: Path, line: int, cells: list[str]) -> list[float]:
    try:
        values = [float(cell) for cell in cells]
    except ValueError as error:
        raise SourceError(f'{path}, line {line}: {error}; it must hold numbers: frame, id, left, '
                          'top, width, height') from error
    if len(values) < 6 or not 1 <= values[0] < LAST_FRAME:
        raise SourceError(f'{path}, line {line}: {one_line(",".join(cells))} must be frame (from '
                          '1), id, left, top, width, height, ...')
    return values


def _boxes(rows: NDArray[np.float64]) -> Boxes:
    return Boxes(rows[:, 0].astype(np.int64),
                 np.hstack((rows[:, 1:3], rows[:, 1:3] + rows[:, 3:5])))
