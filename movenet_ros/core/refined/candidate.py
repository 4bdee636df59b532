"""A person who may be in this image: one who was followed into it, or who was detected in it."""
from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from movenet_ros.config import Config
from movenet_ros.core.refined.boxes import Box, box_around, keypoint_box, moved, overlap, union
from movenet_ros.core.refined.limb_colors import LimbColors
from movenet_ros.core.state import Origin, RefinedPerson, State
from movenet_ros.core.tracker import Track
from movenet_ros.core.types import NANOSECONDS, Detections

MIN_MOTION = 0.05
"""A predicted motion of less than this fraction of a person's size does not move their crop: at
rest it would only add jitter."""

SAME_BOX = 0.8
"""A detected box with at least this IoU with the box of a person does not replace it: a crop that
changes at every detection makes keypoints jitter."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A person who may be in this image; coordinates are image-normalised.

    Attributes:
        id: Id of the track; None for a person who is not tracked yet.
        expected: One row, what a reading has to agree with: what MultiPose detected of them in
            this image, else where they should be by their velocity.
        box: float64 [4]: the box that should hold the person.
        crop_box: float64 [4]: the box around which the crop is placed.
        score: MultiPose's score when it last detected them.
        colors: Of their limbs.
        is_detected: Whether MultiPose detected them in this image.
        is_lost: Whether they were not seen in the image before.
        origin: See `Origin`; None if the box is to be the new one.
    """

    id: int | None
    expected: Detections
    box: Box
    crop_box: Box
    score: float
    colors: LimbColors
    is_detected: bool = False
    is_lost: bool = False
    origin: Origin | None = None

    @property
    def is_new(self) -> bool:
        """Whether the person is not tracked yet."""
        return self.id is None

    def detected(self, detection: Detections, colors: LimbColors, *,
                 is_alone: bool) -> Candidate:
        """This person with what MultiPose detected of them.

        Args:
            detection: One row.
            colors: Of the detection.
            is_alone: Whether it overlaps no other detection, so that the colours are all theirs.
        """
        candidate = replace(self, expected=detection, score=float(detection.score[0]),
                            colors=self.colors.updated(colors) if is_alone else self.colors,
                            is_detected=True)
        box = detected_box(detection)
        if overlap(box, self.box) >= SAME_BOX:
            return candidate
        return replace(candidate, box=box, crop_box=box, origin=None)


def detected_box(detection: Detections) -> Box:
    """The box of one detection, and around all of its keypoints: the latter often reach out."""
    return union(detection.box[0], box_around(detection.xy[0]))


def new_person(detection: Detections, colors: LimbColors) -> Candidate:
    """A person who was detected, and is not tracked yet."""
    box = detected_box(detection)
    return Candidate(None, detection, box, box, float(detection.score[0]), colors,
                     is_detected=True)


def tracked_people(state: State, config: Config) -> list[Candidate]:
    """The people who are still tracked at the time of this image, where they should be then.

    Args:
        state: At the time of this image, see `state.at_image`.
        config: How long a person is tracked who is not seen.
    """
    assert state.time_ns is not None
    alive = state.tracks.alive(state.time_ns, config.tracker)
    return [_predicted(state, track, state.refined[track.id]) for track in alive
            if track.id in state.refined]


def _predicted(state: State, track: Track, person: RefinedPerson) -> Candidate:
    shift = track.velocity * (max(0, state.stamp_ns - track.stamp_ns) / NANOSECONDS)
    size = float((person.box[2:] - person.box[:2]).max())
    is_moving = float(np.abs(shift).max()) > MIN_MOTION * size
    xy = track.xy + shift
    expected = Detections(xy[None], track.keypoint_score[None],
                          keypoint_box(xy, track.keypoint_score)[None],
                          np.array([person.detection_score]))
    box = moved(person.box, shift)
    is_lost = state.tracks.time_ns is not None and track.last_ns < state.tracks.time_ns
    return Candidate(track.id, expected, box, box if is_moving else person.box,
                     person.detection_score, person.colors, is_lost=is_lost,
                     origin=person.origin)
