"""The labels of people on a picture: how large they are, where they go, and in which colours.

A label stands above the person's box. Where it would cover the face of anybody or a label that is
there already, it goes to another side of the box.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.tracker import intersections

Colour = tuple[int, int, int]
"""Blue, green, red."""

MIN_DIGIT_HEIGHT = 10
"""Digits are never lower than this [px]: below it OpenCV's can no longer be told apart."""
DIGIT_HEIGHTS = (0.011, 0.016)
"""Height of digits of small people and of others, as a share of the picture's size."""
DIGITS_PER_PERSON = 11
"""A person is at least so many times as high as the digits, unless these would be too small."""
UNIT_HEIGHT = 21
"""Height of a digit at scale 1 [px], of the font of OpenCV 4 and of that of OpenCV 5."""
STROKE = 9
"""Height of a digit, as a multiple of the width of its strokes."""
SHORT = 2
"""Of a label that is more than so many times as wide as the box, only the first word is left."""
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
LABEL_WEIGHT = 4.0
"""How much worse it is to cover a label than a face."""


@dataclass(frozen=True)
class Label:
    """A label that has its place.

    Attributes:
        text: What it says.
        colour: Of its ground.
        left, top, right, bottom: Its edges [px]; right and bottom are outside of it.
        digit_height: Height of a digit [px].
        margin: Between the text and the edges [px].
    """

    text: str
    colour: Colour
    left: int
    top: int
    right: int
    bottom: int
    digit_height: int
    margin: int


def place_labels(texts: Sequence[str], colours: Sequence[Colour], boxes: NDArray[np.float64],
                 faces: NDArray[np.float64], size: tuple[int, int]) -> list[Label]:
    """Finds a place for each label, one after the other.

    Args:
        texts: Of N people; where there is little room, only the first word is written.
        colours: Of their grounds.
        boxes: [N,4], x_min, y_min, x_max, y_max of the people [px]; finite.
        faces: [M,4], what should not be covered [px].
        size: Width and height of the picture [px].
    """
    labels: list[Label] = []
    taken = np.zeros((len(texts), 4))
    for row, (text, colour, box) in enumerate(zip(texts, colours, boxes.tolist(), strict=True)):
        height = digit_height(size, max(box[2] - box[0], box[3] - box[1]))
        margin = max(2, height // 4)
        width = _text_width(text, height) + 2 * margin
        if width > SHORT * (box[2] - box[0]):
            text = text.partition(' ')[0]
            width = _text_width(text, height) + 2 * margin
        places = _candidates(box, width, height + 2 * margin, size)
        costs = _overlap(places, faces) + LABEL_WEIGHT * _overlap(places, taken[:row])
        taken[row] = places[int(np.argmin(costs))]
        left, top, right, bottom = (int(edge) for edge in taken[row])
        labels.append(Label(text, colour, left, top, right, bottom, height, margin))
    return labels


def digit_height(size: tuple[int, int], person: float) -> int:
    """Height of the digits of a person's label [px].

    Args:
        size: Width and height of the picture [px].
        person: The longer side of the person's box [px].
    """
    small, full = (share * math.sqrt(size[0] * size[1]) for share in DIGIT_HEIGHTS)
    return max(MIN_DIGIT_HEIGHT, round(min(max(person / DIGITS_PER_PERSON, small), full)))


def label_text(number: int, score: float) -> str:
    """What a label says of the person with this id."""
    return f'{number}  {score:.2f}'


def draw_label(image: NDArray[np.uint8], label: Label) -> None:
    """Draws a label on a picture, uint8 BGR [H,W,3]."""
    import cv2
    # both corners belong to a rectangle of OpenCV's
    cv2.rectangle(image, (label.left, label.top), (label.right - 1, label.bottom - 1),
                  label.colour, -1)
    cv2.putText(image, label.text, (label.left + label.margin, label.bottom - label.margin),
                cv2.FONT_HERSHEY_SIMPLEX, label.digit_height / UNIT_HEIGHT,
                text_colour(label.colour), _stroke(label.digit_height), cv2.LINE_AA)


def text_colour(ground: Colour) -> Colour:
    """Black or white, whichever has more contrast; at least 4.58, more than WCAG's AA asks for."""
    # Both have the contrast 4.58 at the luminance sqrt(1.05 * 0.05) - 0.05.
    return BLACK if luminance(ground) > 0.179 else WHITE


def luminance(colour: Colour) -> float:
    """Relative luminance as WCAG 2 defines it: 0 for black to 1 for white."""
    shares = [value / 255 for value in colour]
    blue, green, red = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
                        for share in shares)
    return 0.0722 * blue + 0.7152 * green + 0.2126 * red


def _stroke(height: int) -> int:
    return max(1, round(height / STROKE))


def _text_width(text: str, height: int) -> int:
    import cv2
    (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, height / UNIT_HEIGHT,
                                    _stroke(height))
    return int(width)


def _candidates(box: Sequence[float], width: int, height: int,
                size: tuple[int, int]) -> NDArray[np.float64]:
    """Places of a label, the best first, moved into the picture: int [P,4], edges [px]."""
    left, top, right, bottom = (int(np.floor(edge)) for edge in box)
    above, below = top - height, bottom
    corners = np.array([(left, above), (right - width, above), (left, below),
                        (right - width, below), (right, top), (left - width, top),
                        (left, bottom - height)], np.float64)
    corners = np.maximum(np.minimum(corners, np.subtract(size, (width, height))), 0)
    return np.hstack([corners, corners + np.array([width, height])])


def _overlap(places: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how much each place covers the others, all together [px^2]: [P]."""
    return np.asarray(intersections(places, others).sum(axis=1))
