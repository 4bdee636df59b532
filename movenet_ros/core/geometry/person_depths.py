"""How far away the torso and the keypoints of people are, along the optical axis.

How depth is read was chosen on a real image of five people, with keypoints moved at random by
6 px, as a network misplaces them. Of those with a score of 0.2 or more, 0.2 % have no depth (single
pixels: 5.6 %), and 0.01 % get the depth of something more than 0.4 m behind (without the last
step: 1.8 %).

- A window around each keypoint, because 5 % of single pixels have no depth. Its size is constant
  in metres, so that it fits a limb at any distance.
- The 25th percentile in it, and not the median or the mean, where depths in it are far apart:
  what a limb is in front of is far behind it. Where they are not, the window is all on the person,
  and its median is right on a slanted surface too.
- What is on the background even so is farther from the torso than a limb reaches. Such a
  keypoint has no position: no other depth takes the place of a wrong one.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.geometry.depth_image import DepthImage
from movenet_ros.core.geometry.depth_samples import counts, quantile, region_depths
from movenet_ros.core.geometry.poses_3d import Reason
from movenet_ros.core.geometry.torso import torso_of
from movenet_ros.core.types import Poses

WINDOW_RADIUS = 0.03
"""Half a side of the window around a keypoint [m]: less than half of an arm."""
WINDOW_LIMITS = (1.5, 32.0)
"""Half a side of the window, at the least and at the most [px]."""
AT_EDGE, ON_SURFACE = 0.25, 0.5
"""The quantile that is a keypoint's depth."""
SPREAD = (0.1, 0.9)
"""The quantiles of a window whose difference is its spread."""
EDGE_SPREAD = 0.05
"""A larger spread is taken for an edge [m]; of a surface it is less, up to 45 degrees."""
REACH = 0.8
"""How far a limb reaches from the torso, along the optical axis [m]."""
EXTENT = (0.05, 0.95)
"""The quantiles of a person's depths that are the nearest and the farthest."""
TYPICAL = 2.5
"""Where a person without depth at the torso is assumed, for the size of windows [m]."""
TORSO_POINTS, WINDOW_POINTS, EXTENT_POINTS = 12, 9, 16
"""Of the grids that are read, in a row and in a column."""


@dataclass(frozen=True, eq=False)
class PersonDepths:
    """Depths of N people [m]; NaN where unknown.

    Attributes:
        torso: float32 [N].
        keypoint: float32 [N,17].
        reason: uint8 [N,17], see `Reason`.
        spread: float32 [N,17], between the quantiles `SPREAD` of the window.
        extent: float32 [N,2], the quantiles `EXTENT` of what is in the box and within reach of the
            torso.
    """

    torso: NDArray[np.float32]
    keypoint: NDArray[np.float32]
    reason: NDArray[np.uint8]
    spread: NDArray[np.float32]
    extent: NDArray[np.float32]


def person_depths(depth: DepthImage, poses: Poses, focal_length: float) -> PersonDepths:
    """The depths of people.

    Args:
        depth: Of the image.
        poses: In the image.
        focal_length: Of the image [px].
    """
    torso = torso_of(poses)
    found = region_depths(depth, torso.centre, torso.half, TORSO_POINTS)
    at_torso = quantile(found, counts(found), torso.fraction)
    keypoint, spread = _keypoint_depths(depth, poses, at_torso, focal_length)
    reason = _reasons(depth, poses, keypoint, at_torso)
    return PersonDepths(at_torso, np.where(reason == Reason.OK, keypoint, np.nan), reason,
                        np.where(reason == Reason.OUTSIDE, np.nan, spread),
                        _extent(depth, poses, at_torso))


def _keypoint_depths(depth: DepthImage, poses: Poses, torso: NDArray[np.float32],
                     focal_length: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    near = np.where(np.isnan(torso), TYPICAL, torso)
    radius = np.clip(focal_length * WINDOW_RADIUS / near, *WINDOW_LIMITS)
    found = region_depths(depth, poses.xy, radius[:, None, None], WINDOW_POINTS)
    known = counts(found)
    low, high = (quantile(found, known, fraction) for fraction in SPREAD)
    fraction = np.where(high - low > EDGE_SPREAD, AT_EDGE, ON_SURFACE)
    return quantile(found, known, fraction), high - low


def _reasons(depth: DepthImage, poses: Poses, keypoint: NDArray[np.float32],
             torso: NDArray[np.float32]) -> NDArray[np.uint8]:
    inside = ((poses.xy >= 0) & (poses.xy < (depth.width, depth.height))).all(axis=-1)
    reason = np.zeros(keypoint.shape, np.uint8)
    # NaN, where the torso has no depth, exceeds nothing.
    reason[np.abs(keypoint - torso[:, None]) > REACH] = Reason.BEYOND_REACH
    reason[np.isnan(keypoint)] = Reason.NO_DEPTH
    reason[~inside] = Reason.OUTSIDE
    return reason


def _extent(depth: DepthImage, poses: Poses, torso: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = poses.box[:, :2].astype(np.float64), poses.box[:, 2:]
    found = region_depths(depth, (low + high) / 2, (high - low) / 2, EXTENT_POINTS)
    found[~(np.abs(found - torso[:, None]) <= REACH)] = np.nan
    found.sort(axis=-1)
    known = counts(found)
    return np.stack([quantile(found, known, fraction) for fraction in EXTENT], axis=-1)
