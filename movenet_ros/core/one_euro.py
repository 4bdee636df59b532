"""The One-Euro filter, in the form that MoveNet's reference uses on keypoints.

A low-pass filter whose cut-off frequency rises with speed: little jitter at rest, little lag in
motion. The reference adds a soft limit on single steps (asinh), after MediaPipe.

Coordinates are image-normalised.

Source: Casiez, Roussel, Vogel, "1 Euro Filter", CHI 2012.
"""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config.declarations import FilterConfig
from movenet_ros.core.types import NANOSECONDS


@dataclass(frozen=True, eq=False)
class FilterState:
    """The state of the filter of one person; coordinates are image-normalised.

    Attributes:
        stamp_ns: Of the last image.
        raw: float64 [17,2], the last keypoints before filtering.
        smoothed: float64 [17,2], the last keypoints after filtering.
        speed: float64 [17,2], low-passed speed [image size/s].
    """

    stamp_ns: int
    raw: NDArray[np.float64]
    smoothed: NDArray[np.float64]
    speed: NDArray[np.float64]


def one_euro(before: FilterState | None, xy: NDArray[np.float64], stamp_ns: int,
             config: FilterConfig) -> FilterState:
    """Filters the keypoints of one person.

    Starts again, with unfiltered keypoints, where there is no state before, where the stamp is
    not later than the last one, and after a gap longer than `config.max_gap`.

    Args:
        before: State after the last image, if any.
        xy: float64 [17,2], image-normalised.
        stamp_ns: Of this image.
        config: The filter's constants.

    Returns:
        The new state; its `smoothed` is the result.
    """
    interval = (stamp_ns - before.stamp_ns) / NANOSECONDS if before else 0.0
    if before is None or not 0.0 < interval <= config.max_gap:
        return FilterState(stamp_ns, xy, xy, np.zeros_like(xy))
    speed = next_speed(before.speed, xy - before.raw, interval, config)
    smoothed = before.smoothed + next_step(xy - before.smoothed, speed, interval, config)
    return FilterState(stamp_ns, xy, smoothed, speed)


def next_speed(before: NDArray[np.float64], moved: NDArray[np.float64],
               interval: float | NDArray[np.float64], config: FilterConfig) -> NDArray[np.float64]:
    """The low-passed speed, in units of the coordinates per second.

    Args:
        before: The one until now, of any shape.
        moved: From the last unfiltered coordinates to these, of the same shape.
        interval: Between them, above 0, of a shape that broadcasts [s].
        config: The filter's constants.
    """
    rate = 1.0 / interval
    return before + _alpha(rate, config.derivative_cutoff) * (moved * rate - before)


def next_step(missing: NDArray[np.float64], speed: NDArray[np.float64],
              interval: float | NDArray[np.float64], config: FilterConfig) -> NDArray[np.float64]:
    """How far the filtered coordinates move.

    Args:
        missing: From the filtered coordinates to the new unfiltered ones, of any shape.
        speed: Low-passed, see `next_speed`, of the same shape.
        interval: Since the last, above 0, of a shape that broadcasts [s].
        config: The filter's constants.
    """
    magnitude = np.abs(speed)
    alpha = _alpha(1.0 / interval, config.min_cutoff + config.beta * magnitude)
    limit = config.threshold_cutoff + config.threshold_beta * magnitude
    step: NDArray[np.float64] = alpha * (limit * np.arcsinh(missing / limit))
    return step


def _alpha(rate: float | NDArray[np.float64],
           cutoff: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    return 1.0 / (1.0 + rate / (2 * math.pi * cutoff))
