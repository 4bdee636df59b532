"""Several people: MultiPose detects them, a single-person network reads each from a crop.

MultiPose is run every `people.period`, and when a person was lost; in between, each person is
read from the tracking crop around them.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from movenet_ros.config import Config
from movenet_ros.core.crop import smooth_crop
from movenet_ros.core.inference import Inference
from movenet_ros.core.network import Network
from movenet_ros.core.people import crop_around, detect_people, distinct, read_people
from movenet_ros.core.state import (
    RefinedPerson,
    State,
    TrackedPeople,
    to_poses,
    track_and_smooth,
)
from movenet_ros.core.tracker import Track, oks
from movenet_ros.core.types import NANOSECONDS, Detections, Picture, Poses


@dataclass(frozen=True, eq=False)
class Candidate:
    """A person to be read in this image.

    Attributes:
        id: Id of the person that the crop follows; None for one who was just detected.
        person: The crop to read, and MultiPose's score.
    """

    id: int | None
    person: RefinedPerson


@dataclass(frozen=True, eq=False)
class Reading:
    """A detection in a candidate's crop.

    Attributes:
        candidate: The candidate.
        people: One detection, image-normalised.
    """

    candidate: Candidate
    people: Detections

    @property
    def scored(self) -> Detections:
        """The detection; its score is the geometric mean of two.

        These are MultiPose's score and the mean of all keypoint scores.
        """
        score = np.sqrt(self.people.keypoint_score.mean(axis=1)
                        * self.candidate.person.detection_score)
        return replace(self.people, score=score)


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
    candidates = _followed(state)
    if _detection_due(state, config):
        detected = yield from detect_people(picture, detector, config)
        candidates = _with_detected(candidates, detected, state, config)
        state = replace(state, detected_ns=state.time_ns)
    candidates = candidates[:config.people.max_people]
    found = yield from read_people(
        picture, [candidate.person.crop for candidate in candidates], reader, config)
    readings = _one_per_person(
        [Reading(candidate, people) for candidate, people in zip(candidates, found, strict=True)
         if len(people)], state, config)
    ids = [reading.candidate.id for reading in readings]
    if set(state.refined) - set(ids):
        # A person is lost: detect people in the next image.
        state = replace(state, detected_ns=None)
    detections = Detections.joined([reading.scored for reading in readings])
    state, people = track_and_smooth(state, detections, config, ids)
    state = replace(state, refined=_next_crops(state, people, readings, config))
    by_score = np.argsort(-detections.score, kind='stable')
    return state, to_poses(state, people.take(by_score))


def _followed(state: State) -> list[Candidate]:
    known = {track.id for track in state.tracks.tracks}
    return [Candidate(number, person) for number, person in state.refined.items()
            if number in known]


def _detection_due(state: State, config: Config) -> bool:
    assert state.time_ns is not None
    if state.detected_ns is None:
        return True
    return state.time_ns - state.detected_ns >= config.people.period * NANOSECONDS


def _with_detected(followed: Sequence[Candidate], detected: Detections, state: State,
                   config: Config) -> list[Candidate]:
    """Adds detected people who are not followed yet; updates the detection score of the others."""
    tracks = _tracks_by_id(state)
    last = [tracks[candidate.id] for candidate in followed if candidate.id is not None]
    similar = oks(detected, np.array([t.xy for t in last]).reshape(-1, *detected.xy.shape[1:]),
                  np.array([t.keypoint_score for t in last]).reshape(
                      -1, detected.xy.shape[1]), config.tracker)
    updated, new = list(followed), []
    for row in range(len(detected)):
        score = float(detected.score[row])
        best = int(similar[row].argmax()) if last else -1
        if best >= 0 and similar[row, best] > config.people.max_similarity:
            person = replace(updated[best].person, detection_score=score)
            updated[best] = replace(updated[best], person=person)
        else:
            crop = crop_around(detected, row, state.size, config)
            new.append(Candidate(None, RefinedPerson(crop, score)))
    return updated + new


def _one_per_person(readings: Sequence[Reading], state: State,
                    config: Config) -> list[Reading]:
    """Of several readings of one person, the one most similar to the image before."""
    tracks = _tracks_by_id(state)

    def continuity(reading: Reading) -> float:
        number = reading.candidate.id
        before = None if number is None else tracks.get(number)
        if before is None:
            return 0.0
        return float(oks(reading.people, before.xy[None], before.keypoint_score[None],
                         config.tracker)[0, 0])

    ordered = sorted(readings, key=lambda reading: (
        -continuity(reading), reading.candidate.id is None,
        -reading.people.keypoint_score.mean()))
    people = Detections.joined([reading.people for reading in ordered])
    return [ordered[row] for row in distinct(people, config)]


def _next_crops(state: State, people: TrackedPeople, readings: Sequence[Reading],
                config: Config) -> dict[int, RefinedPerson]:
    smoothed = replace(people.detections, xy=people.xy)
    crops = {}
    for row, (track, reading) in enumerate(zip(people.tracks, readings, strict=True)):
        before = state.refined.get(track.id)
        crop = smooth_crop(None if before is None else before.crop,
                           crop_around(smoothed, row, state.size, config), config.crop.smoothing)
        crops[track.id] = RefinedPerson(crop, reading.candidate.person.detection_score)
    return crops


def _tracks_by_id(state: State) -> dict[int, Track]:
    return {track.id: track for track in state.tracks.tracks}
