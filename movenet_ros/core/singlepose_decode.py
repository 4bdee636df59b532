"""Decodes a single-person network's four heads: the end of the published graphs, in NumPy."""
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from movenet_ros.core.multipose_decode import sigmoid
from movenet_ros.core.skeleton import KEYPOINTS

Array = npt.NDArray[np.float32]

# From the Const nodes of the published single-pose graphs, which store fractions as float16: the
# distance in map pixels that is added to every distance, so that the nearest does not win alone.
BLUR = np.float32(np.float16(1.8))


def decode_singlepose(
    center_heatmap: Array,
    keypoint_regression: Array,
    keypoint_heatmap: Array,
    keypoint_offset: Array,
    center_weight: Array,
) -> Array:
    """Decodes the raw heads of one picture; h and w are a quarter of the picture's sides.

    Args:
        center_heatmap: [h, w, 1] logits: is this the middle of a person?
        keypoint_regression: [h, w, 34]: if so, where that person's 17 keypoints are, coarsely,
            as (y, x) map pixels from here.
        keypoint_heatmap: [h, w, 17] logits: is this the nose, left eye, ... of a person?
        keypoint_offset: [h, w, 34]: if so, where exactly, as (y, x) map pixels from here.
        center_weight: [h, w]: what the centre of a person counts at each pixel.

    Returns:
        A new array [17, 3]: y, x (normalised to the picture, 0..1), score.
    """
    h, w = center_heatmap.shape[:2]
    # The person: the one whose centre is the strongest after the weight.
    strength = sigmoid(center_heatmap[..., 0]) * center_weight
    center = divmod(int(strength.argmax()), w)
    coarse = keypoint_regression[center].reshape(KEYPOINTS, 2) + np.array(center, np.float32)
    heat = sigmoid(keypoint_heatmap.transpose(2, 0, 1))
    y, x = find_hottest(heat, coarse)
    joint = np.arange(KEYPOINTS)
    place = np.stack([y, x], axis=1).astype(np.float32)
    place += keypoint_offset.reshape(h, w, KEYPOINTS, 2)[y, x, joint]

    keypoints = np.empty((KEYPOINTS, 3), np.float32)
    # The graphs hold the reciprocals of the sides as float16, too.
    keypoints[:, :2] = place * np.array([1 / h, 1 / w], np.float16).astype(np.float32)
    keypoints[:, 2] = heat[joint, y, x]
    return keypoints


def find_hottest(heat: Array, coarse: Array) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Finds the pixel of each keypoint: heat counts the less, the farther it is from `coarse`.

    Args:
        heat: [17, h, w], 0..1.
        coarse: [17, 2], where the keypoints are, coarsely, as (y, x) in map pixels.

    Returns:
        Row and column, [17]; of equally hot pixels the first in reading order.
    """
    _, h, w = heat.shape
    away_y = coarse[:, :1] - np.arange(h, dtype=np.float32)
    away_x = coarse[:, 1:] - np.arange(w, dtype=np.float32)
    distance = (away_y * away_y)[:, :, None] + (away_x * away_x)[:, None]
    np.sqrt(distance, out=distance)
    distance += BLUR
    counted = np.divide(heat, distance, out=distance)
    return np.divmod(counted.reshape(KEYPOINTS, -1).argmax(axis=1), w)
