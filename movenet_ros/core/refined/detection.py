"""Detecting people with MultiPose at all scales and in all tiles, each once."""
from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from movenet_ros.config import Config
from movenet_ros.core.decode import decode_multi
from movenet_ros.core.inference import Inference, InferenceRequest
from movenet_ros.core.network import REFERENCE_PEOPLE, Network
from movenet_ros.core.parts import Part, divided, tiles
from movenet_ros.core.resample import multipose_size, resample_whole
from movenet_ros.core.tracker import iou, oks
from movenet_ros.core.types import Detections, Picture

MAX_OVERLAP = 0.5
"""Two detections whose boxes have a larger IoU than this are the same person."""


def detect_people(picture: Picture, network: Network, config: Config) -> Inference[Detections]:
    """All people that MultiPose detects, at all scales and in all tiles, each once.

    Args:
        picture: The image.
        network: MultiPose.
        config: Scales, tiles and thresholds.

    Returns:
        The people, highest score first, image-normalised.
    """
    found = []
    # Those who are tracked need not have the strongest centres.
    decoded = max(config.people.max_people, REFERENCE_PEOPLE)
    for part, long_side in _inputs(picture, config):
        seen = resample_whole(part.picture, long_side)
        rows = yield InferenceRequest(network, seen[None], max_people=decoded)
        detected = decode_multi(
            rows[0], multipose_size(part.picture.width, part.picture.height, long_side),
            (seen.shape[1], seen.shape[0]), config.people.min_detection_score)
        found.append(part.in_whole(detected, (picture.width, picture.height)))
    people = Detections.joined(found)
    people = people.take(np.argsort(-people.score, kind='stable'))
    return people.take(distinct(people, config))


def _inputs(picture: Picture, config: Config) -> Iterator[tuple[Part, int]]:
    """Parts of the picture, and the long side to resample each to [px]."""
    for part in divided(picture):
        yield part, config.multipose.long_side
        if config.people.second_long_side:
            yield part, config.people.second_long_side
    if config.people.tiles > 1:
        for part in tiles(picture, config.people.tiles, config.people.tiles):
            yield part, config.multipose.long_side


def distinct(people: Detections, config: Config) -> list[int]:
    """Rows of `people` that are not the same person as an earlier row.

    The same are two with a larger object keypoint similarity than `people.max_similarity`, and
    two whose boxes overlap by more than `MAX_OVERLAP`: at two scales MultiPose may place the limbs
    of one person differently.
    """
    same = ((oks(people, people.xy, people.keypoint_score, config.tracker)
             > config.people.max_similarity) | (iou(people.box, people.box) > MAX_OVERLAP))
    kept: list[int] = []
    for row in range(len(people)):
        if not same[row, kept].any():
            kept.append(row)
    return kept
