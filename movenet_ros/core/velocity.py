"""How fast people move in the image, from their keypoints.

The median motion of the keypoints that are published, low-passed. Not that of the box, which
changes when a part of the person is hidden or an arm is raised; docs/accuracy.md compares them.
Coordinates are image-normalised.
"""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.tracker import MIN_KEYPOINT_SCORE, MIN_KEYPOINTS
from movenet_ros.core.types import NANOSECONDS, Detections

AVERAGED_TIME = 0.1
"""Time constant of the low pass [s]."""


@dataclass(frozen=True, eq=False)
class Motion:
    """A person in the last image that was not late, and how they moved until then.

    Attributes:
        stamp_ns: Stamp of that image [ns].
        xy: float64 [17,2], their smoothed keypoints.
        keypoint_score: float64 [17].
        box: float64 [4].
        velocity: float64 [2], low-passed [image size/s].
    """

    stamp_ns: int
    xy: NDArray[np.float64]
    keypoint_score: NDArray[np.float64]
    box: NDArray[np.float64]
    velocity: NDArray[np.float64]


def follow_motions(before: Mapping[int, Motion], ids: Sequence[int], people: Detections,
                   xy: NDArray[np.float64], stamp_ns: int) -> dict[int, Motion]:
    """The motions of the people in an image, by id.

    Those of whom there is no earlier image do not move yet. An image that is not later than the
    one before says nothing about motion; it changes nothing.

    Args:
        before: Of all who are tracked.
        ids: Of the people in this image, N of them.
        people: As they were found.
        xy: float64 [N,17,2], their smoothed keypoints.
        stamp_ns: Own stamp of the image [ns].
    """
    motions = {}
    for row, number in enumerate(ids):
        known = before.get(number)
        if known is not None and known.stamp_ns >= stamp_ns:
            motions[number] = known
            continue
        score, box = people.keypoint_score[row], people.box[row]
        velocity = np.zeros(2) if known is None else _velocity(
            known, xy[row], score, box, (stamp_ns - known.stamp_ns) / NANOSECONDS)
        motions[number] = Motion(stamp_ns, xy[row], score, box, velocity)
    return motions


def _velocity(known: Motion, xy: NDArray[np.float64], score: NDArray[np.float64],
              box: NDArray[np.float64], interval: float) -> NDArray[np.float64]:
    """The velocity with the next image, after `interval` [s]."""
    share = 1.0 - math.exp(-interval / AVERAGED_TIME)
    return np.array([old + share * (moved / interval - old) for old, moved in zip(
        known.velocity.tolist(), _moved(known, xy, score, box), strict=True)])


def _moved(known: Motion, xy: NDArray[np.float64], score: NDArray[np.float64],
           box: NDArray[np.float64]) -> tuple[float, float]:
    """How far a person has moved along x and y.

    The median of the keypoints that are seen in both images, or, if these are too few, the middle
    of the box.
    """
    # Python floats: for so few numbers the calls of NumPy functions dominate.
    steps = [step for step, before, now in zip(
        (xy - known.xy).tolist(), known.keypoint_score.tolist(), score.tolist(), strict=True)
        if min(before, now) >= MIN_KEYPOINT_SCORE]
    if len(steps) >= MIN_KEYPOINTS:
        return median(x for x, _ in steps), median(y for _, y in steps)
    x_min, y_min, x_max, y_max = (box - known.box).tolist()
    return (x_min + x_max) / 2, (y_min + y_max) / 2
