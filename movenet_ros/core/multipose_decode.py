"""Decodes MultiPose's six heads to people: the end of the published graph, in NumPy.

The published graph weights every pixel for every keypoint of every person. The numbers are the
same here, but a person's keypoints are only searched inside the person's box, because the graph
multiplies everything outside by zero.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from movenet_ros.core.network import REFERENCE_PEOPLE
from movenet_ros.core.skeleton import KEYPOINTS

Array = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

HEADS = (
    'center_heatmap',
    'keypoint_regression',
    'keypoint_heatmap',
    'keypoint_offset',
    'box_scale',
    'box_offset',
)
"""The heads in the order in which `decode_multipose` takes them."""

# All from the Const nodes of the published graph, which stores its fractions as float16.
PEAK_RADIUS = 2
PEAK_TOLERANCE = np.float32(np.float16(1.0133e-06))
NEARNESS = np.float32(np.float16(0.3))
COUNTED_SCORE = np.float32(np.float16(0.127))
HALF = np.float32(0.5)
# TensorFlow flushes smaller numbers to zero.
SMALLEST_NORMAL = np.finfo(np.float32).tiny


def decode_multipose(
    center_heatmap: Array,
    keypoint_regression: Array,
    keypoint_heatmap: Array,
    keypoint_offset: Array,
    box_scale: Array,
    box_offset: Array,
    *,
    max_people: int = REFERENCE_PEOPLE,
) -> Array:
    """Decodes the raw heads of one picture; h and w are a quarter of the picture's sides.

    Args:
        center_heatmap: [h, w, 1] logits: is this the middle of a person?
        keypoint_regression: [h, w, 34]: if so, where that person's 17 keypoints are, coarsely,
            as (y, x) map pixels from here.
        keypoint_heatmap: [h, w, 17] logits: is this the nose, left eye, ... of a person?
        keypoint_offset: [h, w, 34]: if so, where exactly, as (y, x) map pixels from here.
        box_scale: [h, w, 2]: height and width in map pixels of the box of the person here.
        box_offset: [h, w, 2]: the middle of that box, as (y, x) map pixels from here.
        max_people: Number of people to decode, K.

    Returns:
        A new array [K, 56]: 17 x (y, x, score), ymin, xmin, ymax, xmax, person score. Coordinates
        are normalised to the picture, 0..1. The rows are in the order of the centers' strength,
        which is not that of the person scores; rows without a person score low.
    """
    h, w = center_heatmap.shape[:2]
    spread = NEARNESS * np.float32(min(h, w))
    center, row, column = find_centers(sigmoid(center_heatmap[..., 0]), max_people)
    place = np.stack([row, column], axis=-1).astype(np.float32)
    boxes = place_boxes(place, box_scale[row, column], box_offset[row, column], h, w)
    coarse = keypoint_regression[row, column].reshape(max_people, KEYPOINTS, 2) + place[:, None]
    y, x = find_keypoints(keypoint_heatmap, boxes, coarse, spread)
    score = score_keypoints(keypoint_heatmap, boxes, coarse, spread, y, x)
    joint = np.arange(KEYPOINTS)
    offset = keypoint_offset.reshape(h, w, KEYPOINTS, 2)[y, x, joint]

    people = np.empty((max_people, 56), np.float32)
    keypoints = people[:, :51].reshape(max_people, KEYPOINTS, 3)
    keypoints[..., 0] = (y + offset[..., 0]) / np.float32(h)
    keypoints[..., 1] = (x + offset[..., 1]) / np.float32(w)
    keypoints[..., 2] = score
    people[:, 51:55] = boxes / np.array([h, w, h, w], np.float32)
    people[:, 55] = score_people(center, score)
    return people


def sigmoid(logits: Array) -> Array:
    """1 / (1 + exp(-logits)), element by element; 0 where exp overflows."""
    with np.errstate(over='ignore'):
        exponential: Array = np.exp(-logits)
    exponential += 1
    np.reciprocal(exponential, out=exponential)
    return exponential


def find_centers(center: Array, count: int) -> tuple[Array, Indices, Indices]:
    """Finds the strongest local maxima of the center heatmap.

    Args:
        center: [h, w], 0..1.
        count: How many.

    Returns:
        Strength, row and column of each, [count], the strongest first, equal ones in reading
        order. Where there are fewer, the rest have strength 0 and are the first pixels of the
        map that are no maximum: so does the published graph.
    """
    flat = center.ravel()
    is_peak = (np.abs(flat - _max_around(center).ravel()) < PEAK_TOLERANCE) & (flat > 0)
    peaks = np.flatnonzero(is_peak)
    peaks = peaks[np.argsort(-flat[peaks], kind='stable')[:count]]
    strength = np.zeros(count, np.float32)
    strength[: peaks.size] = flat[peaks]
    if peaks.size < count:
        others = np.flatnonzero(~is_peak)[: count - peaks.size]
        peaks = np.concatenate([peaks, others])
    row, column = np.divmod(peaks, center.shape[1])
    return strength, row, column


def place_boxes(place: Array, scale: Array, offset: Array, h: int, w: int) -> Array:
    """Turns the box heads at the centers into boxes.

    Args:
        place: [N, 2] (y, x) of the centers in map pixels.
        scale: [N, 2] height and width of the boxes in map pixels.
        offset: [N, 2] (y, x) from the centers to the middles of the boxes.
        h: Height of the map.
        w: Width of the map.

    Returns:
        [N, 4] ymin, xmin, ymax, xmax in map pixels, within 0..h and 0..w.
    """
    middle = place + offset
    half = np.maximum(scale, 0) * HALF
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    limit = np.array([h, w, h, w], np.float32)
    return np.clip(boxes, 0, limit, out=boxes)


def find_keypoints(
    heatmap: Array, boxes: Array, coarse: Array, spread: np.float32
) -> tuple[Indices, Indices]:
    """Finds, in every person's box, the pixel of each keypoint.

    Every pixel's heat counts the less, the farther it is from the coarse position.

    Args:
        heatmap: [h, w, 17] logits.
        boxes: [N, 4] ymin, xmin, ymax, xmax in map pixels.
        coarse: [N, 17, 2] (y, x) in map pixels.
        spread: The squared distance in map pixels at which a pixel counts 1/e.

    Returns:
        Row and column, [N, 17]; 0, 0 where nothing counts, e.g. in an empty box.
    """
    y, x = np.zeros((2, len(boxes), KEYPOINTS), np.intp)
    # Pixel p is in the box if min <= p < max: from ceil(min) up to but without ceil(max).
    edges = np.ceil(boxes).astype(np.intp)
    for person, (top, left, bottom, right) in enumerate(edges):
        if top >= bottom or left >= right:
            continue
        inside = np.ascontiguousarray(heatmap[top:bottom, left:right].transpose(2, 0, 1))
        heat = sigmoid(inside)
        heat *= _nearness(top, bottom, coarse[person, :, 0], spread)[:, :, None]
        heat *= _nearness(left, right, coarse[person, :, 1], spread)[:, None, :]
        flat = heat.reshape(KEYPOINTS, -1)
        best = flat.argmax(axis=1)
        counts = flat[np.arange(KEYPOINTS), best] >= SMALLEST_NORMAL
        row, column = np.divmod(best, right - left)
        y[person] = np.where(counts, top + row, 0)
        x[person] = np.where(counts, left + column, 0)
    return y, x


def score_keypoints(
    heatmap: Array, boxes: Array, coarse: Array, spread: np.float32, y: Indices, x: Indices
) -> Array:
    """Scores the keypoints that were found.

    The score is the heat, times the nearness to the coarse position of whichever person in whose
    box the pixel lies makes it the largest. So says the published graph; it lets a weak second
    detection of a person borrow the scores of the first.

    Args:
        heatmap: [h, w, 17] logits.
        boxes: [N, 4] ymin, xmin, ymax, xmax in map pixels.
        coarse: [N, 17, 2] (y, x) in map pixels.
        spread: The squared distance in map pixels at which a pixel counts 1/e.
        y: [N, 17] rows of the keypoints.
        x: [N, 17] their columns.

    Returns:
        [N, 17], 0..1.
    """
    found = np.stack([y, x], axis=-1)[:, None]
    # [N found, N judging, 17, 2]
    inside = (found >= boxes[:, None, :2]) & (found < boxes[:, None, 2:])
    away = found.astype(np.float32) - coarse
    nearness = np.exp(-(away * away).sum(axis=-1) / spread) * inside.all(axis=-1)
    heat = sigmoid(heatmap[y, x, np.arange(KEYPOINTS)])
    heat *= nearness.max(axis=1)
    return heat


def score_people(center: Array, score: Array) -> Array:
    """The strength of each center times the mean of the keypoint scores that count.

    Args:
        center: [N] strengths, 0..1.
        score: [N, 17] keypoint scores, 0..1.

    Returns:
        [N], 0..1; 0 where no keypoint counts.
    """
    counts = score > COUNTED_SCORE
    total: Array = np.where(counts, score, np.float32(0)).sum(axis=1)
    total *= center
    total /= np.maximum(counts.sum(axis=1), 1)
    return total


def _nearness(start: int, stop: int, coarse: Array, spread: np.float32) -> Array:
    """exp(-d^2 / spread) of the pixels start..stop along one axis: [17, stop - start]."""
    away: Array = np.arange(start, stop, dtype=np.float32) - coarse[:, None]
    away *= away
    away /= -spread
    np.exp(away, out=away)
    return away


def _max_around(center: Array) -> Array:
    """[h, w] -> [h, w]: the largest value of the 5x5 pixels around each one."""
    h, w = center.shape
    padded = np.zeros((h + 2 * PEAK_RADIUS, w + 2 * PEAK_RADIUS), np.float32)
    padded[PEAK_RADIUS:-PEAK_RADIUS, PEAK_RADIUS:-PEAK_RADIUS] = center
    around: Array = _max_of_five(_max_of_five(padded).T).T
    return around


def _max_of_five(values: Array) -> Array:
    """[n + 4, m] -> [n, m]: the largest of five rows in turn."""
    two = np.maximum(values[:-1], values[1:])
    four = np.maximum(two[:-2], two[2:])
    five: Array = np.maximum(four[:-1], values[4:])
    return five
