"""The tracking crop: which part of the next image is the single-person network's input.

Follows MoveNet's own scheme: a square around the middle of the hips, large enough
for the whole person, computed from the keypoints of the image before.

All coordinates are pixels of the image.
"""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config.declarations import CropConfig
from movenet_ros.core.skeleton import HIPS, SHOULDERS, TORSO
from movenet_ros.core.types import Crop

POINT_SCALE = 0.6
"""Side of the crop around a point, as a multiple of the image's long side."""


def padded_crop(width: int, height: int) -> Crop:
    """The whole image, padded to a square [px]."""
    return _square(width / 2, height / 2, max(width, height) / 2)


def centre_crop(width: int, height: int) -> Crop:
    """The centre square of the image's short side [px]."""
    return _square(width / 2, height / 2, min(width, height) / 2)


def first_crop(width: int, height: int, config: CropConfig) -> Crop:
    """The crop while no person is tracked [px]."""
    make = centre_crop if config.first_frame == 'centre' else padded_crop
    return make(width, height)


def crop_at(point: tuple[float, float], width: int, height: int) -> Crop:
    """The crop in which the person at a point, of unknown size, is looked for [px]."""
    return _square(*point, POINT_SCALE * max(width, height) / 2)


def square_around(box: NDArray[np.float64], scale: float) -> Crop:
    """A square around the middle of a box.

    Args:
        box: float64 [4], x_min, y_min, x_max, y_max [px].
        scale: Side of the square, as a multiple of the longer side of the box.

    Returns:
        The square [px].
    """
    x, y = (box[:2] + box[2:]) / 2
    # At least two pixels a side: a box may have no area.
    return _square(x, y, max(1.0, scale * float(np.max(box[2:] - box[:2])) / 2))


def next_crop(xy: NDArray[np.float64], score: NDArray[np.float64], width: int, height: int,
              min_score: float, config: CropConfig) -> Crop:
    """The crop in which a single person is read in the next image.

    A square around the middle of the hips, large enough for the whole person.

    Args:
        xy: float64 [17,2] keypoints [px].
        score: float64 [17].
        width: Of the image [px].
        height: Of the image [px].
        min_score: Keypoints below are ignored.
        config: Scales.

    Returns:
        The square [px]; the whole image, padded, where the torso is not visible or the person fills
        the image.
    """
    scores = score.tolist()
    if not _torso_visible(scores, min_score):
        return padded_crop(width, height)
    centre_x, centre_y = ((xy[HIPS[0]] + xy[HIPS[1]]) / 2).tolist()
    distance = np.abs(xy - (centre_x, centre_y)).max(axis=1).tolist()
    torso = max(distance[i] for i in TORSO)
    body = max(d for d, s in zip(distance, scores, strict=True) if s >= min_score)
    half = max(config.torso_scale * torso, config.body_scale * body)
    half = min(half, max(centre_x, width - centre_x, centre_y, height - centre_y))
    if half > max(width, height) / 2:
        return padded_crop(width, height)
    return _square(centre_x, centre_y, half)


def smooth_crop(before: Crop | None, target: Crop, smoothing: float) -> Crop:
    """Moves each edge by the fraction `smoothing` of its way to `target`.

    Args:
        before: The crop of the image before [px]; None where there is none: the result is `target`.
        target: The crop that the person needs [px].
        smoothing: 1 for no smoothing.
    """
    if before is None:
        return target
    return Crop(*(
        old + smoothing * (new - old) for old, new in (
            (before.x_min, target.x_min), (before.y_min, target.y_min),
            (before.x_max, target.x_max), (before.y_max, target.y_max))))


def _torso_visible(score: Sequence[float], min_score: float) -> bool:
    return (max(score[i] for i in HIPS) > min_score
                and max(score[i] for i in SHOULDERS) > min_score)


def _square(centre_x: float, centre_y: float, half: float) -> Crop:
    return Crop(float(centre_x - half), float(centre_y - half),
                float(centre_x + half), float(centre_y + half))
