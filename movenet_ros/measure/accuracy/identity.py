"""Who is who, compared with ground truth in the format of MOTChallenge."""
from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

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
    """The people in one image, of the ground truth or published.

    Attributes:
        id: int64 [N].
        box: float64 [N,4], x_min, y_min, x_max, y_max [px].
        counts: bool [N]; those who do not need not be found.
    """

    id: NDArray[np.int64]
    box: NDArray[np.float64]
    counts: NDArray[np.bool_]

    def only(self, chosen: NDArray[np.bool_]) -> Boxes:
        """Those for whom `chosen`, bool [N], is true."""
        return Boxes(self.id[chosen], self.box[chosen], self.counts[chosen])


NOBODY = Boxes(np.empty(0, np.int64), np.empty((0, 4)), np.empty(0, np.bool_))


@dataclass(frozen=True)
class Identity:
    """How well ids stay with people, in the terms of MOTChallenge.

    Attributes:
        people: Ids of the ground truth that count in any image.
        switches: How often a person's id became another one.
        fragments: How often a person who was followed was lost and found again.
        misses: People not found, summed over images.
        false_people: People who are not there, summed over images.
        mota: Multiple object tracking accuracy; NaN where nobody counts.
        idf1: Share of people and images with the right id; NaN likewise.
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

    People with confidence 0 need not be found, and are no mistake if they are.

    Returns:
        The people, by index of the image, from 0; without entry where nobody is. Of an empty file:
        nobody in any image.

    Raises:
        SourceError: The file cannot be read or is no such table.
    """
    lines: dict[int, list[list[float]]] = defaultdict(list)
    try:
        with TextIOWrapper(open_regular_file(path), encoding='utf-8', newline='') as file:
            for number, cells in enumerate(csv.reader(file), start=1):
                if cells:
                    values = _numbers(path, number, cells)
                    counts = float(len(values) < 7 or values[6] != 0)
                    lines[int(values[0]) - 1].append([*values[1:6], counts])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f'{path}: {one_line(error)}; give a CSV file in the format of '
                          'MOTChallenge') from error
    return {frame: _boxes(np.array(rows)) for frame, rows in lines.items()}


def matches(truth: dict[int, Boxes], poses: Sequence[Poses]) -> list[dict[int, int]]:
    """Whom each pose is of, as motmetrics decides: who was matched before stays so if possible.

    Args:
        truth: By index of the image.
        poses: What was published, one for each image.

    Returns:
        For each image the id of the pose by the id of the person, also of people who do not count.

    Raises:
        SourceError: The ground truth has more images than there were.
        MovenetError: motmetrics is not installed.
    """
    last = max(truth, default=-1)
    if last >= len(poses):
        raise SourceError(f'the ground truth goes up to image {last + 1}, but the clip has '
                          f'{len(poses)}; is it that of another clip?')
    found: list[dict[int, int]] = [{} for _ in poses]
    events = _events([truth.get(frame, NOBODY) for frame in range(len(poses))],
                     [_published(people) for people in poses]).mot_events
    for (frame, _), event in events[events.Type.isin(('MATCH', 'SWITCH'))].iterrows():
        found[frame][int(event.OId)] = int(event.HId)
    return found


def compare(truth: dict[int, Boxes], poses: Sequence[Poses],
            matched: Sequence[dict[int, int]] | None = None) -> Identity:
    """Compares ids with ground truth, by motmetrics.

    As MOTChallenge does, poses that are matched with people who do not count are left out.

    Args:
        truth: By index of the image.
        poses: What was published, one for each image.
        matched: From `matches`, where it is known already.

    Raises:
        SourceError: The ground truth has more images than there were.
        MovenetError: motmetrics is not installed.
    """
    people, published = [], []
    for frame, pairs in enumerate(matches(truth, poses) if matched is None else matched):
        there, found = truth.get(frame, NOBODY), _published(poses[frame])
        excused = [pairs[number] for number in there.id[~there.counts].tolist() if number in pairs]
        people.append(there.only(there.counts))
        published.append(found.only(~np.isin(found.id, excused)))
    names = ['num_switches', 'num_fragmentations', 'num_misses', 'num_false_positives', 'mota',
             'idf1']
    values = tool('motmetrics').metrics.create().compute(
        _events(people, published), metrics=names, return_dataframe=False)
    switches, fragments, misses, false_people = (int(values[name]) for name in names[:4])
    counted = len({number for boxes in people for number in boxes.id.tolist()})
    mota, idf1 = (float(values[name]) if counted else math.nan for name in names[4:])
    return Identity(counted, switches, fragments, misses, false_people, mota, idf1)


def _published(poses: Poses) -> Boxes:
    return Boxes(poses.id.astype(np.int64), poses.box.astype(np.float64),
                 np.ones(len(poses), np.bool_))


def _events(people: Sequence[Boxes], published: Sequence[Boxes]) -> Any:
    """The accumulator of motmetrics, after all images."""
    events = tool('motmetrics').MOTAccumulator(auto_id=True)
    for there, found in zip(people, published, strict=True):
        overlap = iou(there.box, found.box)
        # NaN forbids a match.
        distance = np.where(overlap >= MIN_OVERLAP, 1.0 - overlap, np.nan)
        events.update(there.id.tolist(), found.id.tolist(), distance)
    return events


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
                 np.hstack((rows[:, 1:3], rows[:, 1:3] + rows[:, 3:5])), rows[:, 5] != 0)
