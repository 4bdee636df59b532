"""Draws poses on pictures.

A person's colour follows the id, from a palette that colour-blind people can distinguish. The
person's left limbs are lighter and the right ones darker, which needs no colour vision either.
Lines and labels have a size that can be seen in a picture of any size, and that small people are
not hidden by.
"""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config.declarations import OverlayConfig
from movenet_ros.core.skeleton import EDGES, KEYPOINT_NAMES
from movenet_ros.core.types import Picture, Poses
from movenet_ros.images.labels import Colour, draw_label, label_text, place_labels

# Okabe and Ito, https://jfly.uni-koeln.de/color/, without black; BGR.
PALETTE = ((0, 159, 230), (233, 180, 86), (115, 158, 0), (66, 228, 240), (167, 121, 204),
           (0, 94, 213), (178, 114, 0))
SIDES = tuple(name.partition('_')[0] for name in KEYPOINT_NAMES)
TOWARDS = {'left': (255, 0.45), 'right': (0, 0.35)}
"""Grey level that a side's colour is mixed with, and its share."""
OUTLINE = (24, 24, 24)
PIXELS_PER_LINE_WIDTH = 320
"""Size of a picture, the root of its area, whose lines are one pixel wide."""
FULL_LINE_WIDTH = 2
"""Lines are at least so wide, unless the person is small: of narrower ones the rim would hide the
colour [px]."""
WIDTHS_PER_PERSON = 50
"""A person is at least so many times as high as their lines are wide."""
FACE = 5
"""The first keypoints are those of the face."""
FACE_MARGIN = 0.4
"""How far a face goes beyond its keypoints, as a share of their extent."""
SHIFT = 4
"""OpenCV draws at fractions of a pixel when given coordinates times 2 ** SHIFT."""


@dataclass(frozen=True)
class Widths:
    """How wide the lines of a person are [px].

    Attributes:
        line: Of the limbs, without their rim.
        rim: How much wider the dark line below is, both sides together.
        joint: Radius of a keypoint, without its rim.
    """

    line: int
    rim: int
    joint: float


def draw(picture: Picture, poses: Poses, options: OverlayConfig,
         target: int = 0) -> NDArray[np.uint8]:
    """The picture with the poses on it.

    Args:
        picture: The image; it is not changed.
        poses: Keypoints and boxes [px]; they may lie outside the picture.
        options: What to draw.
        target: Id of the chosen person, whose box is wider and whose label says so; 0 for none.

    Returns:
        A new image, uint8 BGR [H,W,3].
    """
    image = to_bgr(picture)
    colours = [person_colour(number) for number in poses.id.tolist()]
    seen = ((poses.keypoint_score >= options.min_keypoint_score)
            & np.isfinite(poses.xy).all(axis=2))
    places = _places(poses.xy, image.shape)
    boxes = _inside(poses.box, image.shape)
    sizes = (boxes[:, 2:] - boxes[:, :2]).max(axis=1).tolist()
    for row, (number, colour) in enumerate(zip(poses.id.tolist(), colours, strict=True)):
        widths = line_widths((picture.width, picture.height), sizes[row], options.line_width)
        if options.boxes:
            _draw_box(image, poses.box[row], colour, widths, is_target=number == target)
        _draw_body(image, places[row], seen[row], colour, widths)
    if options.labels:
        texts = [label_text(number, score) + '  TARGET' * (number == target)
                 for number, score in zip(poses.id.tolist(), poses.score.tolist(), strict=True)]
        # After all bodies, so that none hides a label.
        for label in place_labels(texts, colours, boxes, _faces(poses.xy, seen),
                                  (picture.width, picture.height)):
            draw_label(image, label)
    return image


def person_colour(number: int) -> Colour:
    """The colour of the person with this id."""
    return PALETTE[(number - 1) % len(PALETTE)]


def to_bgr(picture: Picture) -> NDArray[np.uint8]:
    """A copy of the pixels, uint8 BGR [H,W,3]."""
    import cv2
    if picture.order == 'bgr':
        return np.array(picture.pixels, order='C')
    name = 'GRAY' if picture.order == 'mono' else picture.order.upper()
    return np.asarray(cv2.cvtColor(picture.pixels, getattr(cv2, f'COLOR_{name}2BGR')), np.uint8)


def line_widths(size: tuple[int, int], person: float, line_width: int = 0) -> Widths:
    """How wide the lines of a person are.

    Args:
        size: Width and height of the picture [px].
        person: The longer side of the person's box [px].
        line_width: Of the limbs [px]; 0 chooses it.
    """
    if line_width:
        return Widths(line_width, 2 * max(1, line_width // 4), line_width + 1)
    wide = max(FULL_LINE_WIDTH, math.sqrt(size[0] * size[1]) / PIXELS_PER_LINE_WIDTH)
    line = max(1, round(min(wide, person / WIDTHS_PER_PERSON)))
    # Small people are but a few lines wide: half a rim is enough.
    rim = 1 if person < 2 * WIDTHS_PER_PERSON else 2 * max(1, line // 4)
    return Widths(line, rim, max(line / 2, min(line + 1, person / WIDTHS_PER_PERSON)))


def _inside(boxes: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Boxes [N,4] with finite edges within the picture [px]."""
    height, width = shape[:2]
    return np.clip(np.nan_to_num(boxes.astype(np.float64)), 0, [width, height, width, height])


def _faces(xy: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Boxes [M,4] around the faces of those whose face is seen [px]."""
    shown = seen[:, :FACE].any(axis=1)
    points = np.where(seen[:, :FACE, None], xy[:, :FACE].astype(np.float64), np.nan)[shown]
    low, high = np.nanmin(points, axis=1), np.nanmax(points, axis=1)
    margin = FACE_MARGIN * (high - low).max(axis=1, keepdims=True)
    return np.hstack([low - margin, high + margin])


def _places(xy: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.int32]:
    """Keypoints int32 [N,17,2] in OpenCV's fractions of a pixel.

    Our origin is the corner of the top-left pixel, OpenCV's its centre.
    """
    # OpenCV's 16 bits of fraction overflow far outside.
    far = 4 * max(shape[:2])
    safe = np.clip(np.nan_to_num(xy), -far, far)
    places: NDArray[np.int32] = np.rint((safe - 0.5) * 2 ** SHIFT).astype(np.int32)
    return places


def _draw_body(image: NDArray[np.uint8], places: NDArray[np.int32], seen: NDArray[np.bool_],
               colour: Colour, widths: Widths) -> None:
    import cv2
    points = places.tolist()
    lines = [(points[a], points[b], _shade(colour, _side(a, b)))
             for a, b in EDGES if seen[a] and seen[b]]
    # a dark rim, so that every colour stands out on every background
    for a, b, _ in lines:
        cv2.line(image, a, b, OUTLINE, widths.line + widths.rim, cv2.LINE_AA, SHIFT)
    for a, b, shade in lines:
        cv2.line(image, a, b, shade, widths.line, cv2.LINE_AA, SHIFT)
    radius = round(widths.joint * 2 ** SHIFT)
    rim = widths.rim * 2 ** SHIFT // 2
    for index in np.flatnonzero(seen).tolist():
        shade = _shade(colour, SIDES[index])
        cv2.circle(image, points[index], radius + rim, OUTLINE, -1, cv2.LINE_AA, SHIFT)
        cv2.circle(image, points[index], radius, shade, -1, cv2.LINE_AA, SHIFT)


def _side(a: int, b: int) -> str:
    """The side of a limb; '' for what joins both sides. The nose goes with the eye."""
    sides = {SIDES[a], SIDES[b]} & set(TOWARDS)
    return sides.pop() if len(sides) == 1 else ''


def _shade(colour: Colour, side: str) -> Colour:
    grey, share = TOWARDS.get(side, (0, 0.0))
    blue, green, red = (round(grey * share + value * (1 - share)) for value in colour)
    return blue, green, red


def _draw_box(image: NDArray[np.uint8], box: NDArray[np.float32], colour: Colour,
              widths: Widths, *, is_target: bool) -> None:
    import cv2
    width = widths.line + 2 if is_target else max(1, widths.line // 2)
    corners = _places(box.reshape(2, 2), image.shape).tolist()
    cv2.rectangle(image, corners[0], corners[1], colour, width, cv2.LINE_AA, SHIFT)
