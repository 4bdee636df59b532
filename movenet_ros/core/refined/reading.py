"""Reading each person from a crop with a single-person network, and whether to believe it."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config
from movenet_ros.core.center_weight import weight_around
from movenet_ros.core.crop import square_around
from movenet_ros.core.decode import decode_single
from movenet_ros.core.inference import Inference, InferenceRequest
from movenet_ros.core.network import HEAD_STRIDE, Network
from movenet_ros.core.refined.boxes import keypoint_box, overlap
from movenet_ros.core.refined.candidate import Candidate
from movenet_ros.core.resample import as_sampled, resample_crop
from movenet_ros.core.tracker import oks
from movenet_ros.core.types import Crop, Detections, Picture

CROP_SCALE = 1.05
"""Side of the crop, as a multiple of the longer side of the box that holds the person."""

CENTER_SPREAD = 0.12
"""Standard deviation of the weight around a person's expected centre, in sides of the crop."""

MIN_IOU = 0.3
"""Smallest IoU of a reading and what was expected."""

MIN_OKS = 0.3
"""The same for the object keypoint similarity, where MultiPose was not run on the image."""


def read(picture: Picture, candidates: Sequence[Candidate], network: Network,
         config: Config) -> Inference[list[Detections | None]]:
    """What a single-person network reads of each person.

    Args:
        picture: The image.
        candidates: The people.
        network: Lightning or Thunder; it reads all people as one batch.
        config: Thresholds.

    Returns:
        For each candidate one detection, image-normalised; None where nobody was read, or
        somebody else.
    """
    if not candidates:
        return []
    size = network.info.input_size
    assert size is not None
    crops = [_crop(candidate, picture) for candidate in candidates]
    sampled = as_sampled(picture)
    seen = np.stack([resample_crop(sampled, crop, size) for crop in crops])
    weights = np.stack([_center_weight(candidate, crop, picture, size // HEAD_STRIDE)
                        for candidate, crop in zip(candidates, crops, strict=True)])
    batch = yield InferenceRequest(network, seen, weights)
    readings: list[Detections | None] = []
    for candidate, rows, crop in zip(candidates, batch, crops, strict=True):
        person = decode_single(rows, crop, picture.width, picture.height, config)
        is_accepted = len(person) == 1 and agrees(candidate, person, config)
        readings.append(person if is_accepted else None)
    return readings


def agrees(candidate: Candidate, reading: Detections, config: Config) -> bool:
    """Whether a reading is of the person that was to be read.

    Args:
        candidate: The person.
        reading: One row, image-normalised.
        config: The constants of the object keypoint similarity.
    """
    box = keypoint_box(reading.xy[0], reading.keypoint_score[0])
    expected = candidate.expected
    boxes = (expected.box[0], keypoint_box(expected.xy[0], expected.keypoint_score[0]))
    return max(overlap(box, other) for other in boxes) >= MIN_IOU and (
        candidate.is_detected or agreement(candidate, reading, config) >= MIN_OKS)


def agreement(candidate: Candidate, reading: Detections, config: Config) -> float:
    """Object keypoint similarity of a reading and what was expected."""
    expected = candidate.expected
    return float(oks(reading, expected.xy, expected.keypoint_score, config.tracker)[0, 0])


def _crop(candidate: Candidate, picture: Picture) -> Crop:
    return square_around(
        candidate.crop_box * np.tile((picture.width, picture.height), 2), CROP_SCALE)


def _center_weight(candidate: Candidate, crop: Crop, picture: Picture,
                   side: int) -> NDArray[np.float32]:
    """The weight around the middle of the keypoints where MultiPose or the motion has them."""
    expected = candidate.expected
    # All scores may be 0.
    center = np.average(expected.xy[0], axis=0, weights=expected.keypoint_score[0] + 1e-6)
    x, y = center * (picture.width, picture.height) - (crop.x_min, crop.y_min)
    length = crop.x_max - crop.x_min
    return weight_around(x / length, y / length, CENTER_SPREAD, side)
