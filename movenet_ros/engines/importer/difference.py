"""How far keypoints of a network in lower precision lie from those of the float network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config
from movenet_ros.core.network import Network
from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.engines.importer.calibration import Pixels

KEYPOINT_VALUES = 3 * KEYPOINTS


@dataclass(frozen=True)
class KeypointDifference:
    """Distances between the keypoints of two networks [px of the networks' input].

    Attributes:
        median: Half of the keypoints are nearer.
        p99: 99 of 100 are nearer.
        keypoints: How many were compared.
    """

    median: float
    p99: float
    keypoints: int


def keypoint_difference(expected: Network, found: Network,
                        inputs: Sequence[Pixels]) -> KeypointDifference:
    """Compares the keypoints that the float network sees, with those of another.

    Args:
        expected: The float network.
        found: The same in another precision.
        inputs: uint8 [H,W,3] RGB.
    """
    distances = np.concatenate([np.zeros(0), *(
        _distances(expected.infer(pixels[None])[0], found.infer(pixels[None])[0], pixels)
        for pixels in inputs)])
    if not len(distances):
        return KeypointDifference(np.inf, np.inf, 0)
    return KeypointDifference(
        round(float(np.median(distances)), 2), round(float(np.percentile(distances, 99)), 1),
        len(distances))


def _distances(expected: NDArray[np.float32], found: NDArray[np.float32],
               pixels: Pixels) -> NDArray[np.float64]:
    """Of all keypoints that the float network sees [px], from rows of `Network.infer`."""
    if expected.shape[1] == 3:
        people, others = expected[None], found[None]
    else:
        published = expected[:, -1] >= Config().multipose.min_pose_score
        people, others = (rows[:, :KEYPOINT_VALUES].reshape(-1, KEYPOINTS, 3)
                          for rows in (expected[published], found))
    size = np.array(pixels.shape[:2], np.float64)
    # float64 [people, others, keypoints]: the rows of MultiPose may come in another order.
    apart = np.linalg.norm((people[:, None, :, :2] - others[None, :, :, :2]) * size, axis=-1)
    nearest = apart.mean(axis=-1).argmin(axis=1)
    seen = people[..., 2] > Config().min_keypoint_score
    distances: NDArray[np.float64] = apart[np.arange(len(people)), nearest][seen]
    return distances
