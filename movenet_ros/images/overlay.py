"""Draws poses on pictures.

A person's colour follows the id, from a palette that colour-blind people can distinguish. The
person's left limbs are lighter and the right ones darker, which needs no colour vision either.
"""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config.declarations import OverlayConfig
from movenet_ros.core.skeleton import EDGES, KEYPOINT_NAMES
from movenet_ros.core.types import Picture, Poses

# Okabe and Ito, https://jfly.uni-koeln.de/color/, without black; BGR.
PALETTE = ((0, 159, 230), (233, 180, 86), (115, 158, 0), (66, 228, 240), (167, 121, 204),
           (0, 94, 213), (178, 114, 0))
SIDES = tuple(name.partition('_')[0] for name in KEYPOINT_NAMES)
TOWARDS = {'left': (255, 0.45), 'right': (0, 0.35)}
"""Grey level that a side's colour is mixed with, and its share."""
OUTLINE = (24, 24, 24)
PIXELS_PER_LINE_WIDTH = 240
SHIFT = 4
"""OpenCV draws at fractions of a pixel when given coordinates times 2 ** SHIFT."""

Colour = tuple[int, int, int]


def draw(picture: Picture, poses: Poses, options: OverlayConfig) -> NDArray[np.uint8]:
    """The picture with the poses on it.

    Args:
        picture: The image; it is not changed.
        poses: Keypoints and boxes [px]; they may lie outside the picture.
        options: What to draw.

    Returns:
        A new image, uint8 BGR [H,W,3].
    """
    image = to_bgr(picture)
    width = options.line_width or max(1, round(min(image.shape[:2]) / PIXELS_PER_LINE_WIDTH))
    places = _places(poses.xy, image.shape)
    for row, number in enumerate(poses.id.tolist()):
        colour = PALETTE[(number - 1) % len(PALETTE)]
        if options.boxes:
            _draw_box(image, poses.box[row], colour, width)
        seen = poses.keypoint_score[row] >= options.min_keypoint_score
        _draw_body(image, places[row], seen & np.isfinite(poses.xy[row]).all(axis=1), colour,
                   width)
        if options.labels:
            text = f'{number}  {float(poses.score[row]):.2f}'
            _draw_label(image, text, poses.box[row], colour, width)
    return image


def to_bgr(picture: Picture) -> NDArray[np.uint8]:
    """A copy of the pixels, uint8 BGR [H,W,3]."""
    import cv2
    if picture.order == 'bgr':
        return np.array(picture.pixels, order='C')
    name = 'GRAY' if picture.order == 'mono' else picture.order.upper()
    return np.asarray(cv2.cvtColor(picture.pixels, getattr(cv2, f'COLOR_{name}2BGR')), np.uint8)


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
               colour: Colour, width: int) -> None:
    import cv2
    points = places.tolist()
    lines = [(points[a], points[b], _shade(colour, _side(a, b)))
             for a, b in EDGES if seen[a] and seen[b]]
    # a dark rim, so that every colour stands out on every background
    for a, b, _ in lines:
        cv2.line(image, a, b, OUTLINE, width + 2, cv2.LINE_AA, SHIFT)
    for a, b, shade in lines:
        cv2.line(image, a, b, shade, width, cv2.LINE_AA, SHIFT)
    radius = (width + 1) << SHIFT
    for index in np.flatnonzero(seen).tolist():
        shade = _shade(colour, SIDES[index])
        cv2.circle(image, points[index], radius + (1 << SHIFT), OUTLINE, -1, cv2.LINE_AA, SHIFT)
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
              width: int) -> None:
    import cv2
    corners = _places(box.reshape(2, 2), image.shape).tolist()
    cv2.rectangle(image, corners[0], corners[1], colour, max(1, width // 2), cv2.LINE_AA, SHIFT)


def _draw_label(image: NDArray[np.uint8], text: str, box: NDArray[np.float32], colour: Colour,
                width: int) -> None:
    import cv2
    height, length = image.shape[:2]
    scale = 0.25 + 0.12 * width
    font, thickness = cv2.FONT_HERSHEY_SIMPLEX, max(1, round(scale * 1.5))
    (text_width, text_height), below = cv2.getTextSize(text, font, scale, thickness)
    margin = 1 + width
    tall, wide = text_height + below + margin, text_width + 2 * margin
    corner = np.nan_to_num(box[:2])
    left = max(0, min(int(corner[0]), length - wide))
    top = max(0, min(int(corner[1]) - tall, height - tall))
    # both corners belong to a rectangle of OpenCV's
    cv2.rectangle(image, (left, top), (left + wide - 1, top + tall - 1), colour, -1)
    bright = 0.114 * colour[0] + 0.587 * colour[1] + 0.299 * colour[2] > 110
    cv2.putText(image, text, (left + margin, top + tall - below), font, scale,
                (0, 0, 0) if bright else (255, 255, 255), thickness, cv2.LINE_AA)
