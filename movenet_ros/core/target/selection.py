"""Which person is chosen."""
from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.point import row_at
from movenet_ros.core.types import Poses


class Criterion(enum.Enum):
    """By what a person is chosen."""

    NONE = 'none'
    """Nobody."""
    NEAREST = 'nearest'
    """The smallest distance [m]; where no distance is known, as LARGEST."""
    LARGEST = 'largest'
    """The largest box."""
    CENTRAL = 'central'
    """The middle of the box is nearest to the middle of the image."""
    ID = 'id'
    """This id."""
    POINT = 'point'
    """The person at a point of the image, see `core.point`."""


IMMEDIATE = frozenset({Criterion.ID, Criterion.POINT})
"""Criteria that name somebody who is there now. The others wait for the first person."""


@dataclass(frozen=True)
class Selection:
    """Who is to be the target.

    Attributes:
        criterion: By what the person is chosen.
        id: With ID.
        x: With POINT, from the left edge of the image as it is received [px].
        y: With POINT, from its upper edge [px].
    """

    criterion: Criterion = Criterion.NONE
    id: int = 0
    x: float = 0.0
    y: float = 0.0

    @property
    def is_none(self) -> bool:
        """Whether nobody is to be the target."""
        return self.criterion is Criterion.NONE


def chosen_row(selection: Selection, poses: Poses, size: tuple[int, int],
               distances: NDArray[np.float32] | None = None) -> int | None:
    """The person who is chosen.

    Args:
        selection: By what.
        poses: N people.
        size: Width and height of the image [px].
        distances: float32 [N], of the people [m], NaN where unknown; None where none are known.

    Returns:
        Their row in `poses`; None where nobody fits. Of several who fit equally well, the first.
    """
    if not len(poses) or selection.is_none:
        return None
    if selection.criterion is Criterion.ID:
        rows = np.flatnonzero(poses.id == selection.id)
        return int(rows[0]) if len(rows) else None
    if selection.criterion is Criterion.POINT:
        return row_at(poses.box, (selection.x, selection.y))
    if selection.criterion is Criterion.CENTRAL:
        middles = (poses.box[:, :2] + poses.box[:, 2:]) / 2 - np.array(size, np.float32) / 2
        return int(np.argmin(np.linalg.norm(middles, axis=1)))
    if (selection.criterion is Criterion.NEAREST and distances is not None
            and np.isfinite(distances).any()):
        return int(np.nanargmin(np.where(np.isfinite(distances), distances, np.nan)))
    return int(np.argmax(_area(poses)))


def _area(poses: Poses) -> NDArray[np.float32]:
    return np.asarray(np.prod(poses.box[:, 2:] - poses.box[:, :2], axis=1), np.float32)
