"""What of a person is seen in the image: which keypoints, and whether all of them."""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

VISIBLE_SCORE = {'lightning': 0.35, 'thunder': 0.35, 'multipose': 0.4}
"""Keypoint score from which a keypoint counts as seen, for each network.

Where balanced accuracy is largest on COCO, see docs/accuracy.md: of keypoints that are labelled as
visible and found where they are, against those that are hidden, outside of the image, or wrong.
"""

EDGE = 0.02
"""A box that is nearer to an edge of the image touches it [image size]."""


def visible(xy: NDArray[np.float64], score: NDArray[np.float64],
            network: str) -> NDArray[np.bool_]:
    """Which keypoints are seen: those within the image that their network is sure of.

    Args:
        xy: float64 [N,17,2], image-normalised.
        score: float64 [N,17].
        network: Name of the one that gave them, a key of `VISIBLE_SCORE`.

    Returns:
        bool [N,17].
    """
    inside = ((xy >= 0.0) & (xy <= 1.0)).all(axis=2)
    return np.asarray(inside & (score >= VISIBLE_SCORE[network]))


def truncated(box: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which boxes touch an edge of the image, bool [N].

    Args:
        box: float64 [N,4], image-normalised.
    """
    return np.asarray((box[:, :2] < EDGE).any(axis=1) | (box[:, 2:] > 1.0 - EDGE).any(axis=1))
