"""Detecting people with MultiPose at all scales and in all tiles, each once."""
from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from movenet_ros.config import Config
from movenet_ros.core.decode import decode_multi
from movenet_ros.core.inference import Inference, InferenceRequest
from movenet_ros.core.network import Network
from movenet_ros.core.resample import multipose_size, resample_whole
from movenet_ros.core.tracker import iou, oks
from movenet_ros.core.types import Detections, Picture

TILE_OVERLAP = 0.25
"""Fraction of a tile's side by which it overlaps the next one."""

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
    for part, x, y, long_side in _parts(picture, config):
        seen = resample_whole(part, long_side)
        rows = yield InferenceRequest(network, seen[None], max_people=config.people.max_people)
        detected = decode_multi(
            rows[0], multipose_size(part.width, part.height, long_side),
            (seen.shape[1], seen.shape[0]), config.people.min_detection_score)
        size = np.array((picture.width, picture.height))
        scale, offset = (part.width, part.height) / size, (x, y) / size
        found.append(Detections(
            detected.xy * scale + offset, detected.keypoint_score,
            detected.box * np.tile(scale, 2) + np.tile(offset, 2), detected.score))
    people = Detections.joined(found)
    people = people.take(np.argsort(-people.score, kind='stable'))
    return people.take(distinct(people, config))


def _parts(picture: Picture, config: Config) -> Iterator[tuple[Picture, int, int, int]]:
    """Parts of the picture, their corner's x and y [px], and the long side to resample to [px]."""
    yield picture, 0, 0, config.multipose.long_side
    if config.people.second_long_side:
        yield picture, 0, 0, config.people.second_long_side
    tiles = config.people.tiles
    if tiles > 1:
        for top, bottom in _spans(picture.height, tiles):
            for left, right in _spans(picture.width, tiles):
                part = Picture(picture.pixels[top:bottom, left:right], picture.order)
                yield part, left, top, config.multipose.long_side


def _spans(side: int, count: int) -> list[tuple[int, int]]:
    """`count` overlapping spans that cover 0 ... side."""
    length = side / (count - (count - 1) * TILE_OVERLAP)
    starts = [number * length * (1 - TILE_OVERLAP) for number in range(count)]
    return [(int(start), max(int(start) + 1, min(side, round(start + length))))
            for start in starts]


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
