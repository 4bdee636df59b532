"""Where people stand, from a level floor and the place of their feet in the image."""
from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

MIN_SLOPE = math.sin(math.radians(1.0))
"""A direction less than this below the horizontal meets the floor too far away to be measured."""


def on_ground(rays: NDArray[np.float64], height: float, pitch: float) -> NDArray[np.float64]:
    """Where directions meet a level floor.

    The camera does not lean to a side. An error of the pitch of one degree changes a distance of
    z metres by about z^2 / height * 0.017 m.

    Args:
        rays: float64 [...,3], in the optical frame: x right, y down, z forward.
        height: Of the camera above the floor [m].
        pitch: By how much the camera looks down from the horizontal [rad].

    Returns:
        float64 [...,3], points of the floor in the optical frame [m]; NaN where a direction does
        not meet it, or hardly.
    """
    down = np.array([0.0, math.cos(pitch), math.sin(pitch)])
    slope = rays @ down
    scale = np.where(slope > MIN_SLOPE * np.linalg.norm(rays, axis=-1), height, np.nan)
    return np.asarray(rays * (scale / np.where(slope == 0, 1.0, slope))[..., None])
