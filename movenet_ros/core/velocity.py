"""How fast people move in the image, from their keypoints.

The median motion of the keypoints that are published, low-passed. Not that of the box, which
changes when a part of the person is hidden or an arm is raised; docs/accuracy.md compares them.
Coordinates are image-normalised.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    motions = {number: Motion(stamp_ns, xy[row], people.keypoint_score[row], people.box[row],
                              np.zeros(2))
               for row, number in enumerate(ids) if number not in before}
    motions |= {number: before[number] for number in ids if number in before}
    later = [row for row, number in enumerate(ids) if motions[number].stamp_ns < stamp_ns]
    if not later:
        return motions
    known = [motions[ids[row]] for row in later]
    interval = (stamp_ns - np.array([motion.stamp_ns for motion in known])) / NANOSECONDS
    score, box = people.keypoint_score[later], people.box[later]
    moved = _moved(known, xy[later], score, box)
    velocity = np.array([motion.velocity for motion in known])
    share = 1.0 - np.exp(-interval / AVERAGED_TIME)
    velocity += share[:, None] * (moved / interval[:, None] - velocity)
    for row, new in zip(later, velocity, strict=True):
        motions[ids[row]] = Motion(stamp_ns, xy[row], people.keypoint_score[row],
                                   people.box[row], new)
    return motions


def _moved(known: Sequence[Motion], xy: NDArray[np.float64], score: NDArray[np.float64],
           box: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far N people have moved, float64 [N,2].

    The median of the keypoints that are seen in both images, or, if these are too few, the middle
    of the box. All people at once, as np.median takes longer than all else here.
    """
    before = np.array([motion.xy for motion in known])
    seen = np.minimum(score, [motion.keypoint_score for motion in known]) >= MIN_KEYPOINT_SCORE
    ordered = np.sort(np.where(seen[:, :, None], xy - before, np.inf), axis=1)
    count, rows = seen.sum(axis=1), np.arange(len(known))
    upper = ordered[rows, np.minimum(count // 2, ordered.shape[1] - 1)]
    median = (ordered[rows, np.maximum(count - 1, 0) // 2] + upper) / 2
    edges = box - [motion.box for motion in known]
    middle = (edges[:, :2] + edges[:, 2:]) / 2
    return np.asarray(np.where((count >= MIN_KEYPOINTS)[:, None], median, middle))
