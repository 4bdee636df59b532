"""Which detected person is which tracked one."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.refined.candidate import Candidate, detected_box, new_person
from movenet_ros.core.refined.limb_colors import limb_colors
from movenet_ros.core.tracker import iou, shared
from movenet_ros.core.types import Detections, Picture

MARGIN = 0.3
"""Boxes are enlarged on each side by this fraction before they are compared, so that they still
overlap when a person has turned or stopped while hidden."""

MIN_IOU = 0.1
"""Smallest IoU of the enlarged boxes of the same person."""

CONFIDENT = 0.15
"""Detections of at least this score are assigned first."""

ALONE = 0.2
"""A detection with less IoU than this with every other one is alone."""

HIDDEN = 0.5
"""A detection that shares this part of its box, or of the other's, with one that is assigned is no
new person, unless it is confident: MultiPose detects people who are hidden in part, or who move,
more than once."""


def assign(candidates: Sequence[Candidate], detected: Detections,
           picture: Picture) -> list[Candidate]:
    """Gives tracked people what MultiPose detected of them.

    Args:
        candidates: The tracked people, where they should be.
        detected: N people, image-normalised.
        picture: The image.

    Returns:
        The tracked people, in their order, then a new person for each detection that is left.
    """
    people = [detected.take([row]) for row in range(len(detected))]
    size = (picture.width, picture.height)
    colors = [limb_colors(picture, person.xy[0] * size, person.keypoint_score[0])
              for person in people]
    boxes = _enlarged([detected_box(person) for person in people])
    similar = iou(boxes, _enlarged([candidate.box for candidate in candidates]))
    likeness = np.array([[candidate.colors.likeness(color) for candidate in candidates]
                         for color in colors]).reshape(similar.shape)
    rank = np.where(similar >= MIN_IOU, similar * likeness, 0.0)
    confident = detected.score >= CONFIDENT
    rows = _pairs(np.where(confident[:, None], rank, 0.0))
    rank[list(rows.values())] = 0.0
    rank[:, list(rows)] = 0.0
    rows |= _pairs(rank)
    is_alone = _are_alone(detected)
    assigned = [
        candidate.detected(people[rows[column]], colors[rows[column]],
                           is_alone=bool(is_alone[rows[column]])) if column in rows else candidate
        for column, candidate in enumerate(candidates)]
    known = sorted(rows.values())
    hidden = shared(detected.box, detected.box[known]).max(axis=1, initial=0.0)
    is_new = confident | (hidden < HIDDEN)
    is_new[known] = False
    return assigned + [new_person(people[row], colors[row]) for row in np.flatnonzero(is_new)]


def _pairs(rank: NDArray[np.float64]) -> dict[int, int]:
    """Row by column, the highest rank first; pairs of rank 0 are none."""
    rank, pairs = rank.copy(), {}
    while rank.size and rank.max() > 0:
        row, column = np.unravel_index(int(rank.argmax()), rank.shape)
        pairs[int(column)] = int(row)
        rank[row] = 0.0
        rank[:, column] = 0.0
    return pairs


def _enlarged(boxes: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    given = np.array(boxes).reshape(-1, 4)
    margin = MARGIN * (given[:, 2:] - given[:, :2])
    return np.hstack((given[:, :2] - margin, given[:, 2:] + margin))


def _are_alone(detected: Detections) -> NDArray[np.bool_]:
    overlaps = iou(detected.box, detected.box)
    np.fill_diagonal(overlaps, 0.0)
    return np.asarray(overlaps.max(axis=1, initial=0.0) < ALONE)
