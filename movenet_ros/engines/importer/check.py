"""How the importer checks a model: a drawn person, and a comparison of two results."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FAINT = 0.05
"""The coordinates of keypoints and people with lower scores are not compared."""


def check_picture(height: int, width: int) -> npt.NDArray[np.uint8]:
    """Draws a standing person before a shaded wall, which the networks detect.

    Returns:
        [height, width, 3] uint8 RGB.
    """
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    picture = np.stack([150 + 60 * y / height, 160 + 40 * x / width, 175 - 30 * y / height], -1)
    # Limbs as (x, y, x, y, radius, colour), in units of the picture's height from its middle.
    skin, shirt, trousers = (205, 150, 125), (180, 40, 50), (40, 50, 95)
    limbs = (
        (-0.05, 0.56, -0.07, 0.90, 0.030, trousers), (0.05, 0.56, 0.07, 0.90, 0.030, trousers),
        (0.0, 0.32, 0.0, 0.52, 0.075, shirt),
        (-0.09, 0.28, -0.15, 0.42, 0.024, shirt), (0.09, 0.28, 0.15, 0.42, 0.024, shirt),
        (-0.15, 0.42, -0.14, 0.55, 0.019, skin), (0.15, 0.42, 0.14, 0.55, 0.019, skin),
        (0.0, 0.20, 0.0, 0.24, 0.025, skin), (0.0, 0.13, 0.0, 0.16, 0.048, skin),
        (-0.017, 0.13, -0.017, 0.13, 0.007, (40, 30, 30)),
        (0.017, 0.13, 0.017, 0.13, 0.007, (40, 30, 30)),
        (-0.08, 0.94, -0.07, 0.94, 0.022, (30, 25, 25)),
        (0.07, 0.94, 0.08, 0.94, 0.022, (30, 25, 25)),
    )  # fmt: skip
    for x0, y0, x1, y1, radius, colour in limbs:
        inside = _distance((x - width / 2) / height, y / height, x0, y0, x1, y1)
        edge = np.clip((radius - inside) * height, 0, 1)[..., None]
        shade = 1 - 0.25 * (inside / radius)[..., None] ** 2
        picture += edge * (np.array(colour) * shade - picture)
    drawn: npt.NDArray[np.uint8] = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return drawn


def compare(
    expected: npt.NDArray[np.float32], found: npt.NDArray[np.float32]
) -> tuple[float, float, int]:
    """Compares two published outputs, [..., 17, 3] or [..., 6, 56].

    Returns:
        The largest difference of the scores; of the coordinates that belong to a score above
        FAINT; and the number of such keypoints.
    """
    expected, found = (a.reshape(-1, a.shape[-1]) for a in (expected, found))
    score, place = 0.0, 0.0
    if expected.shape[1] == 56:
        people = np.abs(expected - found)[:, 51:]
        score = float(people[:, 4].max())
        place = float(people[expected[:, 55] > FAINT, :4].max(initial=0))
        expected, found = (a[:, :51].reshape(-1, 3) for a in (expected, found))
    apart, seen = np.abs(expected - found), expected[:, 2] > FAINT
    score = max(score, float(apart[:, 2].max()))
    return score, max(place, float(apart[seen, :2].max(initial=0))), int(seen.sum())


def _distance(x: Any, y: Any, x0: float, y0: float, x1: float, y1: float) -> Any:
    """The distance of each point (x, y) from a line segment."""
    dx, dy = x1 - x0, y1 - y0
    along = np.clip(((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
    return np.hypot(x - x0 - along * dx, y - y0 - along * dy)
