"""From the network's numbers to people: image-normalised keypoints, boxes, scores."""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config, TfjsConfig
from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.core.types import Crop, Detections

_KEYPOINT_VALUES = 3 * KEYPOINTS
_SCORE_COLUMN = _KEYPOINT_VALUES + 4


def decode_single(rows: NDArray[np.float32], crop: Crop, width: int, height: int,
                  config: Config) -> Detections:
    """The one person that a single-person network found, or nobody.

    The score is the mean of the keypoint scores above `min_keypoint_score`; the box
    is drawn around those keypoints. Nobody is there below `min_pose_score`, or with fewer
    than `min_sure_keypoints` keypoints from `sure_keypoint_score` on.

    Args:
        rows: float32 [17,3], y, x, score; normalised to the crop.
        crop: What the network saw [px].
        width: Of the image [px].
        height: Of the image [px].
        config: The thresholds.

    Returns:
        One detection or none.
    """
    values = rows.astype(np.float64)
    scores = values[:, 2]
    counted = scores > config.min_keypoint_score
    score = float(scores[counted].mean()) if counted.any() else 0.0
    sure = np.count_nonzero(scores >= config.sure_keypoint_score)
    if score < config.min_pose_score or sure < config.min_sure_keypoints or not counted.any():
        return nobody()
    corner = np.array((crop.x_min, crop.y_min))
    side = np.array((crop.x_max, crop.y_max)) - corner
    xy = (corner + values[:, 1::-1] * side) / (width, height)
    box = np.concatenate((xy[counted].min(axis=0), xy[counted].max(axis=0)))
    return Detections(xy[None], scores[None], box[None], np.array([score]))


def decode_multi(rows: NDArray[np.float32], resized: tuple[int, int], padded: tuple[int, int],
                 min_pose_score: float, tfjs: TfjsConfig = TfjsConfig()) -> Detections:
    """The people that the multi-person network found, highest score first.

    Args:
        rows: float32 [6,56]: 17 x (y, x, score), then y_min, x_min, y_max, x_max, score;
            normalised to the padded input.
        resized: Width and height of the image within the network's input [px].
        padded: Width and height of the network's input [px].
        min_pose_score: People below are left out.
        tfjs: Whose order, and boxes of what.

    Returns:
        Up to six detections.
    """
    values = rows.astype(np.float64)
    score = values[:, _SCORE_COLUMN]
    order = np.arange(len(score)) if tfjs.network_order else np.argsort(-score, kind='stable')
    chosen = values[order[score[order] >= min_pose_score]]
    unpad = np.array(padded) / np.array(resized)
    keypoints = chosen[:, :_KEYPOINT_VALUES].reshape(-1, KEYPOINTS, 3)
    box = chosen[:, [52, 51, 54, 53]] * (1.0 if tfjs.padded_boxes else np.tile(unpad, 2))
    return Detections(keypoints[:, :, 1::-1] * unpad, keypoints[:, :, 2], box,
                      chosen[:, _SCORE_COLUMN])


def nobody() -> Detections:
    """No detections."""
    return Detections(np.empty((0, KEYPOINTS, 2)), np.empty((0, KEYPOINTS)),
                      np.empty((0, 4)), np.empty(0))
