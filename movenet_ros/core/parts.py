"""Parts of a picture that MultiPose is given one after the other, and who is seen in two of them.

A picture that is much wider than high, or the other way round, would be resampled to a few rows: it
is divided along its long side first, into parts that overlap.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from movenet_ros.core.tracker import shared
from movenet_ros.core.types import Detections, Picture

OVERLAP = 0.25
"""Fraction of a part's side by which it overlaps the next one."""

MAX_ASPECT = 2.5
"""Largest ratio of an image's sides at which MultiPose is given the whole of it."""

MAX_DIVISION = 4
"""Largest number of parts of such an image, each of which takes as long as an image: up to 8:1 none
of them exceeds `MAX_ASPECT`."""

MAX_SHARED = 0.5
"""Two detections in different parts whose boxes share more than this of the smaller one are the
same person: in one of the parts only a piece of them may be seen."""


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a picture.

    Attributes:
        picture: The part, as a view.
        x, y: Its top-left corner in the picture [px].
    """

    picture: Picture
    x: int
    y: int

    def in_whole(self, people: Detections, size: tuple[int, int]) -> Detections:
        """People in the part, normalised to it, as people in the picture.

        Args:
            people: In this part.
            size: Width and height of the picture [px].
        """
        scale = np.array((self.picture.width, self.picture.height)) / size
        offset = np.array((self.x, self.y)) / size
        return Detections(people.xy * scale + offset, people.keypoint_score,
                          people.box * np.tile(scale, 2) + np.tile(offset, 2), people.score)


def divided(picture: Picture) -> list[Part]:
    """The parts of a picture: the whole of it, unless its sides are more than 2.5:1."""
    return tiles(picture, _division(picture.width / picture.height),
                 _division(picture.height / picture.width))


def tiles(picture: Picture, across: int, down: int) -> list[Part]:
    """So many overlapping parts across and down, row by row."""
    return [Part(Picture(picture.pixels[top:bottom, left:right], picture.order), left, top)
            for top, bottom in _spans(picture.height, down)
            for left, right in _spans(picture.width, across)]


def across_seams(people: Detections, parts: Sequence[int]) -> list[int]:
    """Rows of `people` that are not the same person as an earlier row, seen in another part.

    Args:
        people: N people, image-normalised.
        parts: For each of them the number of the part in which they were detected.
    """
    numbers = np.asarray(parts)
    same = (shared(people.box, people.box) > MAX_SHARED) & (numbers[:, None] != numbers)
    kept: list[int] = []
    for row in range(len(people)):
        if not same[row, kept].any():
            kept.append(row)
    return kept


def _division(aspect: float) -> int:
    """Into how many overlapping parts a side is divided that is so many times the other one."""
    needed = math.ceil((aspect / MAX_ASPECT - OVERLAP) / (1 - OVERLAP))
    return min(max(1, needed), MAX_DIVISION)


def _spans(side: int, count: int) -> list[tuple[int, int]]:
    """`count` overlapping spans that cover 0 ... side."""
    length = side / (count - (count - 1) * OVERLAP)
    starts = [number * length * (1 - OVERLAP) for number in range(count)]
    return [(int(start), max(int(start) + 1, min(side, round(start + length))))
            for start in starts]
