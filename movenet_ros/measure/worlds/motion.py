"""Where people and the camera are at a time."""
from __future__ import annotations

import math

import numpy as np

from movenet_ros.measure.worlds.scenes import SMOOTHED, Camera, Path

BOB = 0.012
"""How far a walking person moves up and down, in heights of the person."""
STEP = 0.4
"""Length of a step, in heights of the person."""
TREMBLES = ((0.5, 3.1, 0.0), (0.35, 5.3, 1.0), (0.25, 7.7, 2.0))
"""What shaking is made of: share, frequency [Hz], phase [rad]."""


def along(path: Path, time: float, half: float, width: float) -> float:
    """Where a person's middle is [px].

    Args:
        path: Of the person.
        time: Since the start of the clip [s].
        half: Half the width of the person [px].
        width: Of the image [px].
    """
    times = [when for when, _ in path]
    places = [float(np.clip(place * width, -half, width + half)) for _, place in path]
    # The mean over a short time turns sudden starts and stops into gentle ones.
    around = time + np.linspace(-SMOOTHED / 2, SMOOTHED / 2, 9)
    return float(np.interp(around, times, places).mean())


def bob(x: float, height: float) -> float:
    """By how much a walking person is higher than one who stands [px].

    Args:
        x: How far they have walked [px].
        height: Of the person [px].
    """
    return BOB * height * abs(math.sin(math.pi * x / (STEP * height)))


def view(camera: Camera, time: float, width: float) -> tuple[float, float]:
    """How far the image is to the right of and below where it would be at rest [px].

    Args:
        camera: Its motion.
        time: Since the start of the clip [s].
        width: Of the image [px].
    """
    x = camera.pan * width * math.sin(2 * math.pi * time / camera.period)
    for share, hertz, phase in TREMBLES:
        x += camera.shake * share * math.sin(2 * math.pi * hertz * time + phase)
    y = sum(camera.shake * share * math.sin(2 * math.pi * 1.13 * hertz * time + phase)
            for share, hertz, phase in TREMBLES)
    return x, y
