"""Turns the output of the networks into detections: image-normalised keypoints, boxes, scores."""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config.declarations import Config, TfjsConfig
from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.core.types import Crop, Detections

_KEYPOINT_VALUES = 3 * KEYPOINTS
_SCORE_COLUMN = _KEYPOINT_VALUES + 4


def decode_single(rows: NDArray[np.float32], crop: Crop, width: int, height: int,
                  config: Config) -> Detections:
    """The person that a single-person network detected, if any.

    The score is the mean of the keypoint scores above `min_keypoint_score`; the box
    encloses those keypoints. A person below `min_pose_score`, or with fewer than
    `min_confident_keypoints` keypoints of at least `confident_keypoint_score`, is dropped.

    Args:
        rows: float32 [17,3], y, x, score; normalised to the crop.
        crop: The part of the image that was the network's input [px].
        width: Of the image [px].
        height: Of the image [px].
        config: The thresholds.

    Returns:
        One detection or none, image-normalised.
    """
    # Python floats: for so few numbers the calls of NumPy functions dominate.
    values = rows.tolist()
    scores = [score for _, _, score in values]
    counted = [score for score in scores if score > config.min_keypoint_score]
    score = sum(counted) / len(counted) if counted else 0.0
    confident = sum([score >= config.confident_keypoint_score for score in scores])
    if (score < config.min_pose_score or confident < config.min_confident_keypoints
            or not counted):
        return Detections.empty()
    w, h = crop.x_max - crop.x_min, crop.y_max - crop.y_min
    points = [((crop.x_min + x * w) / width, (crop.y_min + y * h) / height) for y, x, _ in values]
    inside = [point for point, score in zip(points, scores, strict=True)
              if score > config.min_keypoint_score]
    x, y = [x for x, _ in inside], [y for _, y in inside]
    return Detections(np.array([points]), np.array([scores]),
                      np.array([[min(x), min(y), max(x), max(y)]]), np.array([score]))


def decode_multi(rows: NDArray[np.float32], resized: tuple[int, int], padded: tuple[int, int],
                 min_pose_score: float, tfjs: TfjsConfig = TfjsConfig()) -> Detections:
    """The people that the multi-person network detected, highest score first.

    Args:
        rows: float32 [K,56] of K people: 17 x (y, x, score), then y_min, x_min, y_max, x_max,
            score; normalised to the padded input.
        resized: Width and height of the image within the network's input [px].
        padded: Width and height of the network's input [px].
        min_pose_score: People below are dropped.
        tfjs: Whether to keep the order and the boxes of the reference implementation.

    Returns:
        Up to K detections, image-normalised.
    """
    values = rows.astype(np.float64)
    score = values[:, _SCORE_COLUMN]
    order = np.arange(len(score)) if tfjs.network_order else np.argsort(-score, kind='stable')
    chosen = values[order[score[order] >= min_pose_score]]
    unpad = np.array(padded) / np.array(resized)
    keypoints = chosen[:, :_KEYPOINT_VALUES].reshape(-1, KEYPOINTS, 3)
    box = chosen[:, [52, 51, 54, 53]] * (1.0 if tfjs.padded_boxes else np.hstack((unpad, unpad)))
    return Detections(keypoints[:, :, 1::-1] * unpad, keypoints[:, :, 2], box,
                      chosen[:, _SCORE_COLUMN])
