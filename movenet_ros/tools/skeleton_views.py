"""Draws skeletons in 3-D as two plans with axes in metres: from above, and from the camera.

From above, the camera is at the bottom and looks up the page; lines lead along the edges of its
field of view.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.skeleton import EDGES
from movenet_ros.images.overlay import person_colour

PAPER, GRID, INK = (255, 255, 255), (225, 225, 225), (40, 40, 40)
MARGIN = 44  # px
FONT, FONT_SCALE = cv2.FONT_HERSHEY_SIMPLEX, 0.45

Pixels = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Skeleton:
    """A person to draw.

    Attributes:
        id: Chooses the colour.
        points: float [17,3], keypoints in the camera's optical frame [m]; NaN where not known.
    """

    id: int
    points: NDArray[np.floating]


class Plan:
    """A plan of two directions of space.

    Attributes:
        image: uint8 BGR.
    """

    def __init__(self, size: Pixels, axes: tuple[int, int], names: tuple[str, str],
                 low: tuple[float, float], high: tuple[float, float], title: str) -> None:
        """Draws the axes.

        Args:
            size: Width and height of the image [px].
            axes: Which coordinates lead to the right and upwards.
            names: What is written at them.
            low: Of each axis, where it begins [m]. One of the axes is made longer at both
                ends, so that a metre is as long on both.
            high: Where it ends; it may decrease [m].
            title: Written above.
        """
        width, height = size
        self.image = np.full((height, width, 3), PAPER, np.uint8)
        self._from = np.array([MARGIN, height - MARGIN])
        self._to = np.array([width - MARGIN // 2, MARGIN])
        self._axes, self._low, self._high = axes, *self._with_one_scale(
            np.array(low), np.array(high))
        for axis in (0, 1):
            self._grid(axis)
        self._text(title, (MARGIN, MARGIN - 14))
        self._text(names[0], (width - MARGIN // 2 - 9 * len(names[0]), height - 6))
        self._text(names[1], (4, MARGIN - 14))

    def line(self, start: NDArray[np.floating], end: NDArray[np.floating],
             colour: tuple[int, int, int], width: int = 1) -> None:
        """A line between two points of space [m]."""
        cv2.line(self.image, self._place(start), self._place(end), colour, width, cv2.LINE_AA)

    def skeleton(self, skeleton: Skeleton) -> None:
        """A person, with the id at the highest keypoint."""
        colour = person_colour(skeleton.id)
        points = skeleton.points
        known = np.isfinite(points).all(axis=1)
        for a, b in EDGES:
            if known[a] and known[b]:
                self.line(points[a], points[b], colour, 3)
        for point in points[known]:
            cv2.circle(self.image, self._place(point), 3, INK, -1, cv2.LINE_AA)
        if known.any():
            x, y = self._place(points[known][points[known][:, 1].argmin()])
            self._text(str(skeleton.id), (x + 8, y - 6))

    def ring(self, point: NDArray[np.floating]) -> None:
        """A circle around a point of space [m]."""
        cv2.circle(self.image, self._place(point), 11, INK, 1, cv2.LINE_AA)

    def _with_one_scale(self, low: NDArray[np.floating], high: NDArray[np.floating]) -> tuple[
            NDArray[np.floating], NDArray[np.floating]]:
        pixels, metres = np.abs(self._to - self._from), np.abs(high - low)
        half = np.sign(high - low) * pixels / (pixels / metres).min() / 2
        middle = (low + high) / 2
        return middle - half, middle + half

    def _grid(self, axis: int) -> None:
        low, high = sorted((self._low[axis], self._high[axis]))
        for metres in range(math.ceil(low), math.floor(high) + 1):
            ends = [self._low.copy(), self._high.copy()]
            ends[0][axis] = ends[1][axis] = metres
            start, end = (self._to_pixels(point) for point in ends)
            cv2.line(self.image, start, end, GRID, 1, cv2.LINE_AA)
            x, y = start
            place = (x - 5, y + 18) if axis == 0 else (x - 28, y + 5)
            self._text(str(metres), place)

    def _place(self, point: NDArray[np.floating]) -> Pixels:
        return self._to_pixels(np.array([point[axis] for axis in self._axes], float))

    def _to_pixels(self, values: NDArray[np.floating]) -> Pixels:
        share = (values - self._low) / (self._high - self._low)
        x, y = np.rint(self._from + share * (self._to - self._from)).astype(int).tolist()
        return x, y

    def _text(self, text: str, place: Pixels) -> None:
        cv2.putText(self.image, text, place, FONT, FONT_SCALE, INK, 1, cv2.LINE_AA)


def draw_views(skeletons: Sequence[Skeleton], places: Sequence[tuple[float, float]],
               half_width: float, height: int) -> NDArray[np.uint8]:
    """Both plans, side by side.

    Args:
        skeletons: The people.
        places: Where they really are: to the right and in front of the camera [m].
        half_width: Half of the field of view, per distance.
        height: Of the image [px].

    Returns:
        uint8 BGR [height,W,3].
    """
    above = Plan((height, height), (0, 2), ('x [m], right', 'z [m], ahead'), (-2.5, -0.2),
                 (2.5, 4.8), 'from above; circles: where they were drawn'.rjust(56))
    front = Plan((height, height), (0, 1), ('x [m], right', 'y [m], down'), (-2.0, 1.6),
                 (2.0, -1.6), 'from the camera'.rjust(40))
    camera = np.zeros(3)
    for side in (-1, 1):
        above.line(camera, np.array([side * half_width * 4.8, 0.0, 4.8]), GRID, 2)
    for x, z in places:
        above.ring(np.array([x, 0.0, z]))
    for skeleton in skeletons:
        above.skeleton(skeleton)
        front.skeleton(skeleton)
    return np.hstack([above.image, front.image])
