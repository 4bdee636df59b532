"""Where the torso is in the image: what depth of a person is measured at first."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.skeleton import TORSO
from movenet_ros.core.types import Poses

LEAST_KEYPOINTS = 2
"""Of shoulders and hips that are visible; with fewer, the box stands for the torso."""
TORSO_SHARE, BOX_SHARE = 0.6, 0.5
"""The inner part of the rectangle around shoulders and hips, or of the box, that is measured."""
ASPECT = 0.5
"""Each side of a torso is at least this much of the other, from wherever it is seen."""
MEDIAN, IN_FRONT = 0.5, 0.25
"""The quantile that is a torso's depth; and that of a box, which has more background in it."""


@dataclass(frozen=True, eq=False)
class Torso:
    """The parts of the image where the torsos of N people are measured.

    Attributes:
        centre: float64 [N,2] [px].
        half: float64 [N,2], half the sides [px].
        fraction: float64 [N], the quantile of the depths there that is the person's.
    """

    centre: NDArray[np.float64]
    half: NDArray[np.float64]
    fraction: NDArray[np.float64]


def torso_of(poses: Poses) -> Torso:
    """The torsos of people."""
    seen = poses.visible[:, TORSO, None]
    is_torso = seen.sum(axis=(1, 2)) >= LEAST_KEYPOINTS
    xy = poses.xy[:, TORSO].astype(np.float64)
    low = np.where(seen, xy, np.inf).min(axis=1)
    high = np.where(seen, xy, -np.inf).max(axis=1)
    box = poses.box.astype(np.float64).reshape(-1, 2, 2)
    chosen = is_torso[:, None]
    low, high = np.where(chosen, low, box[:, 0]), np.where(chosen, high, box[:, 1])
    side = high - low
    side = np.where(chosen, np.maximum(side, ASPECT * side[:, ::-1]) * TORSO_SHARE,
                    side * BOX_SHARE)
    return Torso((low + high) / 2, side / 2, np.where(is_torso, MEDIAN, IN_FRONT))
