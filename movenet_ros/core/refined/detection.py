"""Detecting people with MultiPose at all scales and in all tiles, each once."""
from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from movenet_ros.config import Config
from movenet_ros.core.decode import decode_multi
from movenet_ros.core.inference import Inference, InferenceRequest
from movenet_ros.core.network import REFERENCE_PEOPLE, Network
from movenet_ros.core.resample import multipose_size, resample_whole
from movenet_ros.core.tracker import iou, oks
from movenet_ros.core.types import Detections, Picture

TILE_OVERLAP = 0.25
"""Fraction of a tile's side by which it overlaps the next one."""

MAX_ASPECT = 2.5
"""Largest ratio of an image's sides at which MultiPose is given the whole of it."""

MAX_DIVISION = 4
"""Largest number of parts of such an image, each of which takes as long as an image: up to 8:1 none
of them exceeds `MAX_ASPECT`."""

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
    found, size = [], np.array((picture.width, picture.height))
    # Those who are tracked need not have the strongest centres.
    decoded = max(config.people.max_people, REFERENCE_PEOPLE)
    for part, x, y, long_side in _parts(picture, config):
        seen = resample_whole(part, long_side)
        rows = yield InferenceRequest(network, seen[None], max_people=decoded)
        detected = decode_multi(
            rows[0], multipose_size(part.width, part.height, long_side),
            (seen.shape[1], seen.shape[0]), config.people.min_detection_score)
        scale, offset = (part.width, part.height) / size, (x, y) / size
        found.append(Detections(
            detected.xy * scale + offset, detected.keypoint_score,
            detected.box * np.tile(scale, 2) + np.tile(offset, 2), detected.score))
    people = Detections.joined(found)
    people = people.take(np.argsort(-people.score, kind='stable'))
    return people.take(distinct(people, config))


def _parts(picture: Picture, config: Config) -> Iterator[tuple[Picture, int, int, int]]:
    """Parts of the picture, their corner's x and y [px], and the long side to resample to [px].

    A picture that is much wider than high, or the other way round, would be resampled to a few
    rows: it is divided along its long side first.
    """
    across = _division(picture.width / picture.height)
    down = _division(picture.height / picture.width)
    for part, x, y in _tiles(picture, across, down):
        yield part, x, y, config.multipose.long_side
        if config.people.second_long_side:
            yield part, x, y, config.people.second_long_side
    if config.people.tiles > 1:
        for part, x, y in _tiles(picture, config.people.tiles, config.people.tiles):
            yield part, x, y, config.multipose.long_side


def _division(aspect: float) -> int:
    """Into how many overlapping parts a side is divided that is so many times the other one."""
    needed = math.ceil((aspect / MAX_ASPECT - TILE_OVERLAP) / (1 - TILE_OVERLAP))
    return min(max(1, needed), MAX_DIVISION)


def _tiles(picture: Picture, across: int, down: int) -> Iterator[tuple[Picture, int, int]]:
    """Overlapping tiles of the picture, as views, and their corner's x and y [px]."""
    for top, bottom in _spans(picture.height, down):
        for left, right in _spans(picture.width, across):
            pixels = picture.pixels[top:bottom, left:right]
            yield Picture(pixels, picture.order), left, top


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
