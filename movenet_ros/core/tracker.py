"""The tracker: associates the people of one image with those of the images before.

Coordinates are image-normalised. Ages are seconds of header time, so they do not depend on how
many images were dropped.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config.declarations import TrackerConfig
from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.core.track_life import Intervals
from movenet_ros.core.types import NANOSECONDS, Detections

VELOCITY_TIME = 0.15
"""Time over which motion is averaged [s]: a few images, as boxes jitter."""

MIN_KEYPOINT_SCORE = 0.2
"""Keypoints below say nothing about where a person is, or how they move."""

MIN_KEYPOINTS = 4
"""A velocity by keypoints needs so many of them in both images; else it is that of the box."""

NEW_ID = 0
"""In place of an id: a person who has none yet."""


@dataclass(frozen=True, eq=False)
class Track:
    """A person tracked before; coordinates are image-normalised.

    Attributes:
        id: From 1.
        born_ns: Time of the first image with this id [ns].
        last_ns: Time of the last image with this id [ns].
        stamp_ns: That image's own stamp: earlier than `last_ns` where it came late [ns].
        xy: float64 [17,2], last keypoints, unfiltered.
        keypoint_score: float64 [17].
        box: float64 [4], x_min, y_min, x_max, y_max.
        velocity: float64 [2], low-passed velocity [image size/s].
        unseen_ns: For how long they had not been seen before the last image [ns]; 0 where they
            were in the image before, and in their first.
    """

    id: int
    born_ns: int
    last_ns: int
    stamp_ns: int
    xy: NDArray[np.float64]
    keypoint_score: NDArray[np.float64]
    box: NDArray[np.float64]
    velocity: NDArray[np.float64]
    unseen_ns: int = 0


@dataclass(frozen=True)
class Tracks:
    """The state of the tracker.

    Attributes:
        tracks: The people tracked, the most recently seen first.
        next_id: The id of the next new person.
        intervals: Between images.
    """

    tracks: tuple[Track, ...] = ()
    next_id: int = 1
    intervals: Intervals = field(default_factory=Intervals)

    @property
    def time_ns(self) -> int | None:
        """Time of the last image, if there was one [ns]."""
        return self.intervals.time_ns

    def alive(self, time_ns: int, config: TrackerConfig) -> list[Track]:
        """The tracks that are not too old at a later time, the most recently seen first.

        Args:
            time_ns: That time.
            config: How old a track may become.
        """
        life = self.intervals.life(time_ns, config.max_age)
        return [t for t in self.tracks if time_ns - t.last_ns <= life * NANOSECONDS]


def track(before: Tracks, detections: Detections, time_ns: int, config: TrackerConfig,
          owners: Sequence[int | None] = (), stamp_ns: int | None = None, *,
          velocity_by_keypoints: bool = False) -> tuple[Tracks, tuple[Track, ...]]:
    """Gives each detection a track.

    Tracks that are too old are removed first, see `Tracks.alive`. Then each detection, in
    their order, is matched with the most similar track that is left, if it is similar
    enough; the others become new tracks.

    Args:
        before: The state after the image before.
        detections: The people of this image, image-normalised.
        time_ns: Time of this image, by which the tracks age [ns].
        config: Kind of similarity and thresholds.
        owners: For each detection the id that it is known to have, `NEW_ID`, or None where
            similarity decides; empty where it decides for all.
        stamp_ns: The image's own stamp, from which speeds are taken; where it came late it
            is earlier than `time_ns`, which is the default.
        velocity_by_keypoints: Whether velocities are those of keypoints instead of boxes: better
            where keypoints are exact, as the box of a person who is partly hidden shrinks.

    Returns:
        The state after this image, and the track of each detection.
    """
    stamp_ns = time_ns if stamp_ns is None else stamp_ns
    known = before.alive(time_ns, config)
    columns = {t.id: column for column, t in enumerate(known)}
    chosen: list[int | None] = [
        None if owner is None else columns.get(owner) for owner in owners]
    if len(chosen) < len(detections) or None in chosen:
        similar = similarity(known, detections, stamp_ns, config)
        similar[[row for row, owner in enumerate(owners) if owner == NEW_ID]] = -1.0
        chosen = _choose(similar, min_similarity(config), chosen)
    next_id, current = before.next_id, []
    for row, column in enumerate(chosen):
        if column is None:
            current.append(_new_track(next_id, detections, row, time_ns, stamp_ns))
            next_id += 1
        else:
            was_seen = known[column].last_ns == before.time_ns
            current.append(_seen_again(known[column], detections, row, time_ns, stamp_ns,
                                       was_seen=was_seen,
                                       velocity_by_keypoints=velocity_by_keypoints))
    joined = {t.id: t for t in current}
    people = [joined.pop(t.id, t) for t in known] + list(joined.values())
    people.sort(key=lambda t: -t.last_ns)
    # All people in this image are kept until the next one, also more than `max_tracks`.
    kept = tuple(people[:max(config.max_tracks, len(current))])
    return Tracks(kept, next_id, before.intervals.add(time_ns)), tuple(current)


def iou(boxes: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union, float64 [N,M], of boxes [N,4] and [M,4] in the same unit."""
    shared = intersections(boxes, others)
    union = areas(boxes)[:, None] + areas(others)[None] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def intersections(boxes: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """What boxes [N,4] and [M,4] have in common, float64 [N,M], in their unit squared."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    extent = np.maximum(high - low, 0.0)
    return np.asarray(extent[:, :, 0] * extent[:, :, 1])


def shared(boxes: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over the smaller area, float64 [N,M], of boxes [N,4] and [M,4]."""
    smaller = np.minimum(areas(boxes)[:, None], areas(others))
    return np.asarray(intersections(boxes, others) / np.maximum(smaller, 1e-12))


def oks(detections: Detections, xy: NDArray[np.float64], score: NDArray[np.float64],
        config: TrackerConfig) -> NDArray[np.float64]:
    """Object keypoint similarity, float64 [N,M], of N detections and M tracks.

    Args:
        detections: N people, image-normalised.
        xy: float64 [M,17,2], of the tracks, image-normalised.
        score: float64 [M,17], of the tracks.
        config: Falloffs and thresholds.
    """
    min_score = config.oks_min_keypoint_score
    both = (detections.keypoint_score >= min_score)[:, None] & (score >= min_score)[None]
    squared = ((detections.xy[:, None] - xy[None]) ** 2).sum(axis=3)
    variances = np.array([oks_variances(points, scores, config) for points, scores in zip(
        xy.tolist(), score.tolist(), strict=True)]).reshape(-1, KEYPOINTS)
    count = both.sum(axis=2)
    total = (np.exp(-squared / variances) * both).sum(axis=2)
    similarity = np.where(count >= config.oks_min_keypoints, total / np.maximum(count, 1), 0.0)
    return np.asarray(similarity)


def keypoint_motion(before: NDArray[np.float64], xy: NDArray[np.float64],
                    score: NDArray[np.float64], least: int) -> NDArray[np.float64] | None:
    """How far a person's keypoints have moved.

    Args:
        before: float64 [17,2], where they were.
        xy: float64 [17,2], where they are, in the same unit.
        score: float64 [17], the lower of both scores.
        least: How many have to be of at least `MIN_KEYPOINT_SCORE`.

    Returns:
        float64 [2], the median; None if they are fewer.
    """
    seen = score >= MIN_KEYPOINT_SCORE
    if seen.sum() < least:
        return None
    return np.asarray(np.median((xy - before)[seen], axis=0))


def areas(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The areas of boxes [N,4], float64 [N], in their unit squared."""
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))


def oks_variances(xy: Sequence[Sequence[float]], score: Sequence[float],
                  config: TrackerConfig) -> list[float]:
    """For each keypoint twice the variance of its place, with which its similarity falls off.

    Args:
        xy: 17 times x, y of a person, image-normalised.
        score: Of these keypoints.
        config: Falloffs and thresholds.
    """
    seen = [point for point, each in zip(xy, score, strict=True)
            if each > config.oks_min_keypoint_score]
    double_area = 2.0 * (_keypoint_area(seen) + 1e-6)
    return [double_area * (2.0 * falloff) ** 2 for falloff in config.oks_falloffs]


def _keypoint_area(xy: Sequence[Sequence[float]]) -> float:
    """Area of the box around keypoints; 1, that of the image, where there are none."""
    if not xy:
        return 1.0
    x, y = [x for x, _ in xy], [y for _, y in xy]
    # The reference lets the box reach no farther inwards than the image's own edges.
    return (max(0.0, *x) - min(1.0, *x)) * (max(0.0, *y) - min(1.0, *y))


def min_similarity(config: TrackerConfig) -> float:
    """The smallest `similarity` that matches a detection with a track."""
    return config.min_oks if config.similarity == 'oks' else config.min_iou


def similarity(known: Sequence[Track], detections: Detections, stamp_ns: int,
               config: TrackerConfig) -> NDArray[np.float64]:
    """How similar N detections and M tracks are, float64 [N,M].

    Args:
        known: M tracks; with `predict` they are moved on by their velocity.
        detections: N people, image-normalised.
        stamp_ns: Stamp of the image with the people [ns]. Where it is earlier than that of a
            track, no motion is predicted.
        config: Kind of similarity.
    """
    if not known or not len(detections):
        return np.zeros((len(detections), len(known)))
    shift = np.zeros((len(known), 2))
    if config.predict:
        for row, t in enumerate(known):
            shift[row] = t.velocity * (max(0, stamp_ns - t.stamp_ns) / NANOSECONDS)
    if config.similarity == 'oks':
        return oks(detections, np.array([t.xy for t in known]) + shift[:, None],
                   np.array([t.keypoint_score for t in known]), config)
    return iou(detections.box, np.array([t.box for t in known]) + np.hstack((shift, shift)))


def _choose(similarity: NDArray[np.float64], minimum: float,
            taken: Sequence[int | None]) -> list[int | None]:
    """For each row the column it takes; each column is taken once, rows choose in order.

    Args:
        similarity: float64 [N,M].
        minimum: Smallest similarity of a row and its column.
        taken: For each row the column it already has, or None; or empty.
    """
    left = set(range(similarity.shape[1])).difference(taken)
    chosen: list[int | None] = []
    for number, row in enumerate(similarity.tolist()):
        if taken and taken[number] is not None:
            chosen.append(taken[number])
            continue
        # Of equally similar tracks the most recent one, which is the first, is taken.
        best = max(sorted(left), key=row.__getitem__, default=None)
        if best is None or row[best] < minimum:
            chosen.append(None)
        else:
            left.remove(best)
            chosen.append(best)
    return chosen


def _velocity(known: Track, moved: NDArray[np.float64], stamp_ns: int) -> NDArray[np.float64]:
    interval = (stamp_ns - known.stamp_ns) / NANOSECONDS
    if interval <= 0:
        return known.velocity
    share = 1.0 - math.exp(-interval / VELOCITY_TIME)
    return np.asarray(known.velocity + share * (moved / interval - known.velocity))


def _moved_box(known: Track, box: NDArray[np.float64]) -> NDArray[np.float64]:
    moved = box - known.box
    return np.asarray((moved[:2] + moved[2:]) / 2)


def _new_track(number: int, detections: Detections, row: int, time_ns: int,
               stamp_ns: int) -> Track:
    return Track(number, time_ns, time_ns, stamp_ns, detections.xy[row],
                 detections.keypoint_score[row], detections.box[row], np.zeros(2))


def _seen_again(known: Track, detections: Detections, row: int, time_ns: int, stamp_ns: int, *,
                was_seen: bool, velocity_by_keypoints: bool) -> Track:
    xy, score, box = detections.xy[row], detections.keypoint_score[row], detections.box[row]
    moved = None
    if velocity_by_keypoints:
        seen = np.minimum(known.keypoint_score, score)
        moved = keypoint_motion(known.xy, xy, seen, MIN_KEYPOINTS)
    if moved is None:
        moved = _moved_box(known, box)
    return replace(known, last_ns=time_ns, stamp_ns=stamp_ns, xy=xy, keypoint_score=score,
                   box=box, velocity=_velocity(known, moved, stamp_ns),
                   unseen_ns=0 if was_seen else time_ns - known.last_ns)
