"""Whether the person read by a single-person network is one who was seen before.

The tracking crop lies around the person it follows, so whoever else is read in it, after a
cut in a film or behind a person who walks past, overlaps their box. And a person who jumps
may leave it within one image. What distinguishes the two is the pose: from one image to the
next a person keeps it, wherever they go, and another person has another one.

Measured on six clips of one person each, and on 340 cuts from one of them to another: at
30 images/s poses of the same person are similar by 0.82 or more, at 5 by 0.58, at 2 by
0.32, and those of 99 in 100 who jump half a crop aside by 0.7; after a cut 87 in 100 are
similar by less than 0.5. Of boxes, 95 in 100 overlap enough for a tracker after a cut.
"""
from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config.declarations import TrackerConfig
from movenet_ros.core.skeleton import MIRRORED
from movenet_ros.core.tracker import NEW, Track, Tracks, least, oks, similarity
from movenet_ros.core.types import NANOSECONDS, Detections

MIN_SIMILARITY = 0.6
"""Least similarity of a pose to the same person's a moment ago."""

HALVED_IN = 0.45
"""Time in which that least similarity halves [s], as people change their pose meanwhile."""

MIN_SPREAD = 1e-6
"""Keypoints nearer to one another, in units of the image's size, have no pose."""

MAX_SCALE = 1.5
"""Most that a person grows or shrinks between two images of the tracking crop."""


def is_same_person(before: Track, people: Detections, stamp_ns: int, config: TrackerConfig) -> bool:
    """Whether the person read in the tracking crop is the one that it follows.

    With too few keypoints in common (`oks_min_keypoints`) this is unknown, and taken to be so.

    Args:
        before: Whom the crop follows.
        people: One person.
        stamp_ns: Stamp of the image.
        config: What counts for object keypoint similarity.
    """
    required = _required(before, stamp_ns)
    similar = _pose_similarity(before, people, config)
    if similar is not None and similar >= required:
        return True
    # A network that takes a back for a front swaps left and right.
    turned = replace(people, xy=people.xy[:, MIRRORED],
                     keypoint_score=people.keypoint_score[:, MIRRORED])
    similar_turned = _pose_similarity(before, turned, config)
    if similar_turned is None:
        return similar is None
    return similar_turned >= required


def recognise(tracks: Tracks, people: Detections, time_ns: int, stamp_ns: int,
              config: TrackerConfig, *, by_box: bool) -> int:
    """The id of a person who was not followed into this image, or `NEW`.

    Args:
        tracks: Who is remembered.
        people: One person.
        time_ns: Time of the image.
        stamp_ns: Its own stamp.
        config: Kind of similarity and thresholds.
        by_box: Whether `config` decides, and where it matches no track the keypoints, as a box
            around few of them is thin. If not, only keypoints do, and have to be as similar
            as in a crop that follows.
    """
    known = tracks.alive(time_ns, config)
    by_keypoints = replace(config, similarity='oks')
    required = np.array([_required(person, stamp_ns) for person in known])
    kinds = ((config, least(config)), (by_keypoints, config.min_oks))
    for kind, needed in kinds if by_box else ((by_keypoints, required),):
        similar = similarity(known, people, stamp_ns, kind)[0]
        similar[similar < needed] = -1.0
        if len(known) and similar.max() >= 0.0:
            return known[int(similar.argmax())].id
    return NEW


def _required(before: Track, stamp_ns: int) -> float:
    elapsed = abs(stamp_ns - before.stamp_ns) / NANOSECONDS
    return float(MIN_SIMILARITY * 0.5 ** (elapsed / HALVED_IN))


def _pose_similarity(before: Track, people: Detections, config: TrackerConfig) -> float | None:
    """Similarity of the poses (oks), wherever they are and however large; None if unknown."""
    score = config.oks_min_keypoint_score
    both = (before.keypoint_score >= score) & (people.keypoint_score[0] >= score)
    if both.sum() < config.oks_min_keypoints:
        return None
    middle, spread = _extent(before.xy[both])
    middle_now, spread_now = _extent(people.xy[0, both])
    if min(spread, spread_now) < MIN_SPREAD:
        return None
    if not spread / MAX_SCALE <= spread_now <= spread * MAX_SCALE:
        return 0.0
    placed = replace(people, xy=(people.xy - middle_now) * (spread / spread_now) + middle)
    return float(oks(placed, before.xy[None], before.keypoint_score[None], config)[0, 0])


def _extent(xy: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Middle of keypoints [K,2], and their root mean square distance from it."""
    middle = np.asarray(xy.mean(axis=0))
    return middle, float(np.sqrt(((xy - middle) ** 2).sum(axis=1).mean()))
