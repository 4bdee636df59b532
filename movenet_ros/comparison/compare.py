"""Compares the poses of two runs, image by image and person by person."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.skeleton import KEYPOINT_NAMES
from movenet_ros.core.types import Poses
from movenet_ros.messages.pose_array import PoseMessage

BOX = 'box'
"""What a difference in the edges of a person's box is called, beside the names of keypoints."""


@dataclass(frozen=True)
class Tolerances:
    """What still counts as equal.

    Attributes:
        px: Distance of keypoints, and of the edges of boxes [px].
        score: Difference of scores, of people and of keypoints.
        min_keypoint_score: Keypoints below this score on both sides are not compared, and boxes
            neither, as they depend on them: a keypoint that was not seen may be anywhere.
    """

    px: float = 0.0
    score: float = 0.0
    min_keypoint_score: float = 0.0


@dataclass(frozen=True)
class PersonDifference:
    """One person as both runs see them.

    Attributes:
        ids: In A and in B.
        distance: Largest distance of a keypoint, or of an edge of the box [px].
        where: Name of that keypoint, or `box`.
        score: Largest difference of a score.
        score_where: Name of that keypoint, or `person`.
        scores: That score in A and in B.
    """

    ids: tuple[int, int]
    distance: float
    where: str
    score: float
    score_where: str
    scores: tuple[float, float]

    def within(self, tolerances: Tolerances) -> bool:
        """Whether they count as equal."""
        return (self.ids[0] == self.ids[1] and self.distance <= tolerances.px
                and self.score <= tolerances.score)


@dataclass(frozen=True)
class ImageDifference:
    """One image that both runs have.

    Attributes:
        index: Its place among them, from 0.
        stamp_ns: Its stamp [ns].
        sizes: Width and height in A and in B [px].
        people: Those who are in both, most alike first.
        only_a, only_b: Ids of those who are in one alone.
    """

    index: int
    stamp_ns: int
    sizes: tuple[tuple[int, int], tuple[int, int]]
    people: tuple[PersonDifference, ...]
    only_a: tuple[int, ...]
    only_b: tuple[int, ...]

    def within(self, tolerances: Tolerances) -> bool:
        """Whether they count as equal."""
        return (not self.only_a and not self.only_b and self.sizes[0] == self.sizes[1]
                and all(person.within(tolerances) for person in self.people))


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side.

    Attributes:
        tolerances: What counts as equal.
        counts: Images in A and in B.
        images: Those that are in both, in the order of A.
        only_a, only_b: Stamps of images that are in one alone [ns].
    """

    tolerances: Tolerances
    counts: tuple[int, int]
    images: tuple[ImageDifference, ...]
    only_a: tuple[int, ...]
    only_b: tuple[int, ...]

    @property
    def different(self) -> tuple[ImageDifference, ...]:
        """The images that differ by more than the tolerances."""
        return tuple(image for image in self.images if not image.within(self.tolerances))

    @property
    def equal(self) -> bool:
        """Whether both have the same images, and equal poses in them."""
        return not (self.only_a or self.only_b or self.different)


def compare(a: Iterable[PoseMessage], b: Iterable[PoseMessage],
            tolerances: Tolerances) -> Comparison:
    """Compares two runs; images are joined by their stamps.

    Of several images with one stamp, the first of A is compared with the first of B, and so on.

    Args:
        a: One run.
        b: The other.
        tolerances: What counts as equal.
    """
    of_a, of_b = _by_stamp(a), _by_stamp(b)
    images: list[ImageDifference] = []
    only_a: list[int] = []
    for key, message in of_a.items():
        if key in of_b:
            images.append(_compare_image(len(images), message, of_b[key], tolerances))
        else:
            only_a.append(key[0])
    only_b = [key[0] for key in of_b if key not in of_a]
    return Comparison(tolerances, (len(of_a), len(of_b)), tuple(images), tuple(only_a),
                      tuple(only_b))


def _by_stamp(messages: Iterable[PoseMessage]) -> dict[tuple[int, int], PoseMessage]:
    """The messages by their stamp, and by how many have had it before."""
    before: defaultdict[int, int] = defaultdict(int)
    found = {}
    for message in messages:
        found[message.stamp_ns, before[message.stamp_ns]] = message
        before[message.stamp_ns] += 1
    return found


def _compare_image(index: int, a: PoseMessage, b: PoseMessage,
                   tolerances: Tolerances) -> ImageDifference:
    pairs = _pairs(a.poses, b.poses)
    of_a, of_b = {row for row, _ in pairs}, {row for _, row in pairs}
    return ImageDifference(
        index, a.stamp_ns, ((a.width, a.height), (b.width, b.height)),
        tuple(_compare_person(a.poses, b.poses, *pair, tolerances) for pair in pairs),
        tuple(int(number) for row, number in enumerate(a.poses.id) if row not in of_a),
        tuple(int(number) for row, number in enumerate(b.poses.id) if row not in of_b))


def _pairs(a: Poses, b: Poses) -> list[tuple[int, int]]:
    """Rows of A and B that are the same person: the nearest first, and of those the same id."""
    distance = np.nan_to_num(
        np.linalg.norm(a.xy[:, None] - b.xy[None], axis=-1).mean(axis=-1), nan=np.inf)
    order = sorted(np.ndindex(*distance.shape),
                   key=lambda pair: (distance[pair], a.id[pair[0]] != b.id[pair[1]], pair))
    pairs: list[tuple[int, int]] = []
    for row, column in order:
        if all(row != other and column != another for other, another in pairs):
            pairs.append((row, column))
    return pairs


def _compare_person(a: Poses, b: Poses, row: int, column: int,
                    tolerances: Tolerances) -> PersonDifference:
    seen_a, seen_b = a.keypoint_score[row], b.keypoint_score[column]
    counts = np.maximum(seen_a, seen_b) >= tolerances.min_keypoint_score
    apart = np.linalg.norm(a.xy[row].astype(np.float64) - b.xy[column], axis=-1)
    distances = np.where(counts, apart, 0.0)
    edges = np.abs(a.box[row] - b.box[column]).max() if tolerances.min_keypoint_score <= 0 else 0.0
    distance, where = _largest(np.append(distances, edges), (*KEYPOINT_NAMES, BOX))
    scores = (np.append(np.where(counts, seen_a, 0.0), a.score[row]),
              np.append(np.where(counts, seen_b, 0.0), b.score[column]))
    score, score_where = _largest(np.abs(scores[0] - scores[1]), (*KEYPOINT_NAMES, 'person'))
    place = (*KEYPOINT_NAMES, 'person').index(score_where)
    return PersonDifference(
        (int(a.id[row]), int(b.id[column])), distance, where, score, score_where,
        (float(scores[0][place]), float(scores[1][place])))


def _largest(values: NDArray[np.float64], names: tuple[str, ...]) -> tuple[float, str]:
    finite = np.nan_to_num(values, nan=np.inf, posinf=np.inf)
    return float(finite.max()), names[int(finite.argmax())]
