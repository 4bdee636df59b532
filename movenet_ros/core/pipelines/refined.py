"""Several people: MultiPose detects and tracks them, a single-person network reads each.

    predict -> detect, if due -> assign -> read -> accept -> one per person -> track, smooth

MultiPose decides who is where. A reading is only accepted where it agrees with what MultiPose
detected in the same image or, between detections, with the person's motion. So a crop does not
slide from one person to the next, and nobody is read where nobody is. People are detected every
`people.period`, and in between as soon as two of them come close or a reading is rejected.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config
from movenet_ros.core.inference import Inference
from movenet_ros.core.network import Network
from movenet_ros.core.refined.assignment import assign
from movenet_ros.core.refined.boxes import keypoint_box, moved, union
from movenet_ros.core.refined.candidate import Candidate, tracked_people
from movenet_ros.core.refined.detection import detect_people, distinct
from movenet_ros.core.refined.reading import agreement, read
from movenet_ros.core.state import (
    Origin,
    RefinedPerson,
    State,
    TrackedPeople,
    to_poses,
    track_and_smooth,
)
from movenet_ros.core.tracker import NEW_ID, iou, keypoint_motion
from movenet_ros.core.types import NANOSECONDS, Detections, Picture, Poses

CLOSE = 0.1
"""People whose predicted boxes have a larger IoU than this are close."""

MIN_FALLBACK_SCORE = 0.15
"""Where the reading of a tracked person is rejected, MultiPose's own keypoints are published if
its score is at least this."""

FALLBACK_AGREEMENT = 0.5
"""Agreement of MultiPose's own keypoints, when they are published: a reading that agrees well comes
before them, one that hardly agrees after them."""

MIN_COMMON_KEYPOINTS = 3
"""With fewer keypoints in common, a person's motion since the last detection is not known."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What is known of a candidate in this image.

    Attributes:
        candidate: The person.
        people: One row, image-normalised: what the second network read of them, or MultiPose.
        agreement: Similarity to what was expected, 0..1.
    """

    candidate: Candidate
    people: Detections
    agreement: float

    @property
    def published(self) -> Detections:
        """The row as it is published.

        The score is the geometric mean of MultiPose's and of the mean of all keypoint scores; the
        box encloses the keypoints and the box that holds the person, which is not a new one in
        each image that MultiPose is run on.
        """
        score = np.sqrt(self.people.keypoint_score.mean(axis=1) * self.candidate.score)
        box = keypoint_box(self.people.xy[0], self.people.keypoint_score[0])
        return replace(self.people, score=score, box=union(box, self.candidate.box)[None])


def process_refined_people(state: State, picture: Picture, detector: Network, reader: Network,
                           config: Config) -> Inference[tuple[State, Poses]]:
    """Runs the pipeline of several people, each read by a second network, on one image.

    Args:
        state: At the time of this image, see `state.at_image`.
        picture: The image.
        detector: MultiPose.
        reader: Lightning or Thunder.
        config: All parameters.

    Returns:
        The state after this image, and its poses.
    """
    people = tracked_people(state, config)
    readings: list[Reading] = []
    is_detected = _detection_due(state, people, config)
    if not is_detected:
        seen = [person for person in people if not person.is_lost][:config.people.max_people]
        found = yield from read(picture, seen, reader, config)
        readings = _accepted(seen, found, config)
        is_detected = len(readings) < len(seen)
    if is_detected:
        detected = yield from detect_people(picture, detector, config)
        people = assign(people, detected, picture)
        readings = _with_detections(readings, people)
        already = {reading.candidate.id for reading in readings}
        rest = [person for person in people
                if person.is_detected and person.id not in already]
        rest = rest[:max(0, config.people.max_people - len(readings))]
        found = yield from read(picture, rest, reader, config)
        readings += _accepted(rest, found, config)
        state = replace(state, detected_ns=state.time_ns)
    readings = _one_per_person(readings, config)
    detections = Detections.joined([reading.published for reading in readings])
    state, tracked = track_and_smooth(
        state, detections, config,
        [reading.candidate.id or NEW_ID for reading in readings], velocity_by_keypoints=True)
    state = replace(state, refined=_remembered(state, tracked, readings))
    by_score = np.argsort(-detections.score, kind='stable')
    return state, to_poses(state, tracked.take(by_score), reader.info.model)


def _detection_due(state: State, people: Sequence[Candidate], config: Config) -> bool:
    assert state.time_ns is not None
    if state.detected_ns is None or (state.refined and not people):
        return True
    if state.time_ns - state.detected_ns >= config.people.period * NANOSECONDS:
        return True
    boxes = np.array([person.box for person in people if not person.is_lost]).reshape(-1, 4)
    overlaps = iou(boxes, boxes)
    np.fill_diagonal(overlaps, 0.0)
    return bool(overlaps.max(initial=0.0) > CLOSE)


def _accepted(people: Sequence[Candidate], found: Sequence[Detections | None],
              config: Config) -> list[Reading]:
    """The accepted readings; where one was rejected, what there is instead, if anything."""
    readings = []
    for person, reading in zip(people, found, strict=True):
        if reading is not None:
            readings.append(Reading(person, reading, agreement(person, reading, config)))
        else:
            readings += _instead(person)
    return readings


def _instead(person: Candidate) -> list[Reading]:
    """MultiPose's own keypoints, of a tracked person whom it detected clearly."""
    if person.is_new or not person.is_detected or person.score < MIN_FALLBACK_SCORE:
        return []
    return [Reading(person, person.expected, FALLBACK_AGREEMENT)]


def _with_detections(readings: Sequence[Reading],
                     people: Sequence[Candidate]) -> list[Reading]:
    """Readings that were accepted before MultiPose was run, with what it detected."""
    by_id = {person.id: person for person in people if not person.is_new}
    return [replace(reading, candidate=by_id[reading.candidate.id]) for reading in readings]


def _one_per_person(readings: Sequence[Reading], config: Config) -> list[Reading]:
    """Of several readings of one person, the one that agrees best with what was expected.

    That of a person who is tracked comes before that of a new one. Whose reading is left out was
    detected apart from the other one, and may be published with MultiPose's own keypoints.
    """
    ordered = sorted(readings, key=lambda reading: (reading.candidate.is_new, -reading.agreement))
    kept = _distinct(ordered, config)
    left_out = [reading for reading in ordered if reading not in kept]
    return _distinct(
        kept + [other for reading in left_out for other in _instead(reading.candidate)], config)


def _distinct(readings: Sequence[Reading], config: Config) -> list[Reading]:
    rows = distinct(Detections.joined([reading.people for reading in readings]), config)
    return [readings[row] for row in rows]


def _remembered(state: State, people: TrackedPeople,
                readings: Sequence[Reading]) -> dict[int, RefinedPerson]:
    """What is remembered of everybody who is tracked, also of those who are lost."""
    known = {track.id for track in state.tracks.tracks}
    remembered = {number: person for number, person in state.refined.items() if number in known}
    for row, (track, reading) in enumerate(zip(people.tracks, readings, strict=True)):
        person = reading.candidate
        xy, score = people.xy[row], reading.people.keypoint_score[0]
        origin = person.origin or Origin(person.crop_box, xy, score)
        remembered[track.id] = RefinedPerson(
            _followed_box(origin, xy, score, person), person.score, person.colors, origin)
    return remembered


def _followed_box(origin: Origin, xy: NDArray[np.float64], score: NDArray[np.float64],
                  person: Candidate) -> NDArray[np.float64]:
    """The box of the origin, moved as the smoothed keypoints have moved since."""
    shift = keypoint_motion(origin.xy, xy, np.minimum(origin.keypoint_score, score),
                            MIN_COMMON_KEYPOINTS)
    return person.box if shift is None else moved(origin.box, shift)
