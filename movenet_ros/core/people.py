"""Detecting people with MultiPose, and reading each from a crop with a single-person network.

Detections are image-normalised, crops are pixels of the image.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from movenet_ros.config import Config
from movenet_ros.core.crop import box_crop, person_crop
from movenet_ros.core.decode import decode_multi, decode_single
from movenet_ros.core.inference import Inference, InferenceRequest
from movenet_ros.core.network import Network
from movenet_ros.core.resample import multipose_size, resample_crop, resample_whole
from movenet_ros.core.tracker import oks
from movenet_ros.core.types import Crop, Detections, Picture

TILE_OVERLAP = 0.25
"""Fraction of a tile's side by which it overlaps the next one."""


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
        rows = yield InferenceRequest(network, seen[None])
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
    """Rows of `people` that are not the same person as an earlier row."""
    similar = oks(people, people.xy, people.keypoint_score, config.tracker)
    kept: list[int] = []
    for row in range(len(people)):
        if all(similar[row, other] <= config.people.max_similarity for other in kept):
            kept.append(row)
    return kept


def crop_around(people: Detections, row: int, size: tuple[int, int], config: Config) -> Crop:
    """The crop from which a person is read.

    Where the torso is not visible it is a square around the box: the whole image, as for a
    single person, would show other people.

    Args:
        people: N people, image-normalised.
        row: The person.
        size: Width and height of the image [px].
        config: Scales and thresholds.

    Returns:
        The crop [px].
    """
    crop = person_crop(people.xy[row] * size, people.keypoint_score[row], *size,
                       config.min_keypoint_score, config.crop)
    return box_crop(people.box[row] * np.tile(size, 2), config.crop) if crop is None else crop


def read_people(picture: Picture, crops: Sequence[Crop], network: Network,
                config: Config) -> Inference[list[Detections]]:
    """The person that a single-person network reads in each crop, if any.

    Args:
        picture: The image.
        crops: The parts of the image to read [px].
        network: Lightning or Thunder; it reads all crops as one batch.
        config: Thresholds.

    Returns:
        For each crop one detection or none, image-normalised.
    """
    if not crops:
        return []
    size = network.info.input_size
    assert size is not None
    seen = np.stack([resample_crop(picture, crop, size) for crop in crops])
    batch = yield InferenceRequest(network, seen)
    return [decode_single(rows, crop, picture.width, picture.height, config)
            for rows, crop in zip(batch, crops, strict=True)]
