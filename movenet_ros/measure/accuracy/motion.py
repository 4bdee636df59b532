"""Jitter and lag of keypoints, from arrays of their paths.

A path is float64 [F,K,2]: K keypoints over F images, evenly spaced in time [px]; NaN where a
keypoint is not there. Speeds are per image width, so that they mean the same at any resolution.
"""
from __future__ import annotations

import itertools

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Path = NDArray[np.float64]

STILL_WINDOW = 0.3
"""How long a keypoint has to rest, before and after, to be still [s]."""
STILL_SPEED = 0.03
"""Slower than this it rests [image widths per second]."""
MOVING_SPEED = 0.1
"""A keypoint whose RMS speed is above has a lag worth speaking of [image widths per second]."""
LAG_WINDOW = 0.2
"""Length of the window that takes noise out of speeds; alike for both paths [s]."""
MAX_LAG = 0.5
"""Longest lag that is looked for [s]."""
LEAD = 2
"""Images by which the filtered path may lead: a margin for the interpolation of the peak."""


def still(raw: Path, rate: float, width: int) -> NDArray[np.bool_]:
    """Whether keypoints rest, bool [F,K].

    A keypoint rests where straight lines, fitted to its path before and after, are both slow:
    unlike a difference of two positions, a fitted line averages the jitter out.

    Args:
        raw: Path before the filter [px].
        rate: Images per second [Hz].
        width: Of the images [px].
    """
    length = max(3, round(STILL_WINDOW * rate) + 1)
    result = np.zeros(raw.shape[:2], np.bool_)
    reach = length - 1
    if len(raw) <= 2 * reach:
        return result
    kernel = np.arange(length) - reach / 2
    slopes = sliding_window_view(raw, length, axis=0) @ (kernel / (kernel ** 2).sum()) * rate
    slow = np.linalg.norm(slopes, axis=2) <= STILL_SPEED * width
    result[reach:-reach] = slow[:-reach] & slow[reach:]
    return result


def jitter(path: Path, rests: NDArray[np.bool_]) -> float | None:
    """Root mean square of the second differences of keypoints at rest [px].

    Each coordinate counts for itself: independent noise of standard deviation s gives s times
    the root of 6.

    Args:
        path: What to judge.
        rests: bool [F,K], from `still`.

    Returns:
        None where no keypoint rests.
    """
    second = np.diff(path, n=2, axis=0)
    counted = second[rests[1:-1] & np.isfinite(second).all(axis=2)]
    return float(np.sqrt((counted ** 2).mean())) if counted.size else None


def lag(raw: Path, filtered: Path, rate: float, width: int) -> float | None:
    """How much later than the raw path the filtered one moves [s].

    The shift at which the speeds of both correlate best, over all keypoints that move; a
    parabola through the peak gives fractions of an image. A symmetrical window takes noise out
    of both alike: noise is filtered too, and would draw the peak towards zero.

    Args:
        raw: Path before the filter [px].
        filtered: The same keypoints after it [px].
        rate: Images per second [Hz].
        width: Of the images [px].

    Returns:
        None where nothing moves long enough.
    """
    before, after = _speeds(raw, rate), _speeds(filtered, rate)
    furthest = round(MAX_LAG * rate)
    if len(before) <= furthest + LEAD:
        return None
    moves = _rms_speed(before) >= MOVING_SPEED * width
    shifts = range(-LEAD, furthest + 1)
    kept = slice(furthest, len(before) - LEAD)
    moved = np.stack([np.roll(before, shift, axis=0)[kept] for shift in shifts])[:, :, moves]
    fixed = after[kept][:, moves]
    valid = np.isfinite(moved).all(axis=(0, 3)) & np.isfinite(fixed).all(axis=2)
    if valid.sum() < furthest:
        return None
    moved, fixed = moved[:, valid].reshape(len(shifts), -1), fixed[valid].ravel()
    energy = np.sqrt((moved ** 2).sum(axis=1) * (fixed ** 2).sum())
    return _peak(moved @ fixed / np.maximum(energy, 1e-12)) / rate


def gaps(ids: list[set[int]]) -> list[int]:
    """Lengths of the interruptions [images]: an id is not there, but before and after.

    Args:
        ids: Of the people published, per image.
    """
    found = []
    for number in sorted(set().union(*ids)):
        seen = [frame for frame, present in enumerate(ids) if number in present]
        found += [after - before - 1 for before, after in itertools.pairwise(seen)
                  if after > before + 1]
    return found


def _speeds(path: Path, rate: float) -> Path:
    """[F',K,2] [px/s], averaged over `LAG_WINDOW`; NaN next to missing keypoints."""
    length = max(3, 2 * (round(LAG_WINDOW * rate) // 2) + 1)
    if len(path) <= length:
        return np.empty((0, *path.shape[1:]))
    window = np.hanning(length + 2)[1:-1]
    smooth = sliding_window_view(path, length, axis=0) @ (window / window.sum())
    return np.asarray(np.diff(smooth, axis=0) * rate)


def _rms_speed(speeds: Path) -> NDArray[np.float64]:
    """[K] [px/s]; 0 where a keypoint is never there."""
    squared = (speeds ** 2).sum(axis=2)
    there = np.isfinite(squared)
    total = np.where(there, squared, 0.0).sum(axis=0)
    return np.asarray(np.sqrt(total / np.maximum(there.sum(axis=0), 1)))


def _peak(correlation: NDArray[np.float64]) -> float:
    """Where, in images of lag, the correlation is largest; the first entry is at -LEAD."""
    top = int(np.argmax(correlation))
    if not 0 < top < len(correlation) - 1:
        return float(top - LEAD)
    left, middle, right = correlation[top - 1:top + 2]
    bend = left - 2 * middle + right
    return float(top - LEAD + (0.5 * (left - right) / bend if bend else 0.0))
