"""From raw heads to keypoints, for whole batches and in Keras' own operations.

Import this module only after `backends.load_backend`: it imports Keras. It computes what
the ends of the published graphs compute, so that only a few numbers per person leave the device.
Person for person the results are those of core.multipose_decode, where every rule is explained.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from movenet_ros.core.multipose_decode import (
    COUNTED_SCORE,
    NEARNESS,
    PEAK_RADIUS,
    PEAK_TOLERANCE,
    SMALLEST_NORMAL,
)
from movenet_ros.core.singlepose_decode import BLUR
from movenet_ros.core.skeleton import KEYPOINTS


def decode_person(heads: list[Any], center_weight: Any) -> Any:
    """Decodes the heads of a single-pose network.

    Args:
        heads: Center heatmap [B,h,w,1], keypoint regression [B,h,w,34], keypoint heatmap
            [B,h,w,17], keypoint offset [B,h,w,34], as `decode_multipose` takes them.
        center_weight: float32 [B,h,w]: what the centre of a person counts at each pixel.

    Returns:
        float32 [B,17,3]: y, x (normalised to the picture), score.
    """
    center, regression, heatmap, offset = heads
    _, h, w, _ = center.shape
    # 1. The person: the one whose centre is the strongest after the weight.
    strength = ops.sigmoid(center[..., 0]) * center_weight
    place = ops.argmax(_flat(strength[..., None]), axis=1)  # [B,1]
    # 2. Where that person's keypoints are, coarsely, in map pixels.
    y, x = _row_column(place, w)
    coarse = ops.reshape(_at(_flat(regression), place), (-1, KEYPOINTS, 2))
    coarse_y, coarse_x = coarse[..., 0] + y, coarse[..., 1] + x  # [B,17]
    # 3. Heat counts the less, the farther it is from there.
    heat = ops.sigmoid(heatmap)
    rows, columns = _places(h), _places(w)
    away_y = ops.square(rows[None, :, None] - coarse_y[:, None])  # [B,h,17]
    away_x = ops.square(columns[None, :, None] - coarse_x[:, None])  # [B,w,17]
    distance = ops.sqrt(away_y[:, :, None] + away_x[:, None])  # [B,h,w,17]
    # 4. The hottest pixel, its exact offset, and its unweighted heat for a score.
    place = ops.argmax(_flat(heat / (distance + float(BLUR))), axis=1)  # [B,17]
    y, x = _row_column(place, w)
    moved = _offsets(offset, place[:, None])[:, 0]
    score = ops.take_along_axis(_flat(heat), place[:, None], axis=1)[:, 0]
    # The graphs hold the reciprocals of the sides as float16, too.
    scale_y, scale_x = float(np.float16(1 / h)), float(np.float16(1 / w))
    return ops.stack([(y + moved[..., 0]) * scale_y, (x + moved[..., 1]) * scale_x, score], -1)


def decode_people(heads: list[Any], max_people: int) -> Any:
    """Decodes the heads of MultiPose.

    Args:
        heads: The six raw maps [B,h,w,C] in the order of `core.multipose_decode.HEADS`.
        max_people: Number of people to decode, K.

    Returns:
        float32 [B,K,56]: 17 x (y, x, score), y_min, x_min, y_max, x_max, person score.
    """
    center, regression, heatmap, offset, scale, box_offset = heads
    _, h, w, _ = center.shape
    spread = float(NEARNESS) * min(h, w)
    strength, place = _centers(ops.sigmoid(center), max_people)  # [B,K]
    y, x = _row_column(place, w)
    middle = ops.stack([y, x], -1)  # [B,K,2]
    boxes = _boxes(middle, _at(_flat(scale), place), _at(_flat(box_offset), place), h, w)
    coarse = ops.reshape(_at(_flat(regression), place), (-1, max_people, KEYPOINTS, 2))
    coarse = coarse + middle[:, :, None]
    place = _hottest(heatmap, boxes, coarse, spread)  # [B,K,17]
    y, x = _row_column(place, w)
    moved = _offsets(offset, place)  # [B,K,17,2]
    score = _scores(heatmap, place, ops.stack([y, x], -1), boxes, coarse, spread)
    keypoints = ops.stack([(y + moved[..., 0]) / h, (x + moved[..., 1]) / w, score], -1)
    limits = ops.convert_to_tensor(np.array([h, w, h, w], np.float32))
    return ops.concatenate(
        [
            ops.reshape(keypoints, (-1, max_people, 3 * KEYPOINTS)),
            boxes / limits,
            _people_scores(strength, score)[..., None],
        ],
        -1,
    )


def _centers(center: Any, count: int) -> tuple[Any, Any]:
    """The strongest local maxima of [B,h,w,1]: strength and flat place, [B,K] each.

    Where there are fewer, the rest have strength 0 and are the first pixels that are no maximum.
    """
    _, h, w, _ = center.shape
    around = ops.max_pool(center, 2 * PEAK_RADIUS + 1, 1, padding='same')
    is_peak = (ops.abs(center - around) < float(PEAK_TOLERANCE)) & (center > 0)
    # Below 0 and falling: which of several equal values comes first differs between backends.
    others = ops.reshape(-_places(h * w), (1, h, w, 1))
    strength, place = ops.top_k(_flat(ops.where(is_peak, center, others))[..., 0], count)
    return ops.relu(strength), place


def _boxes(middle: Any, scale: Any, offset: Any, h: int, w: int) -> Any:
    """[B,K,2] each -> y_min, x_min, y_max, x_max in map pixels, limited to the map: [B,K,4]."""
    middle = middle + offset
    half = ops.relu(scale) * 0.5
    boxes = ops.concatenate([middle - half, middle + half], -1)
    limits = ops.convert_to_tensor(np.array([h, w, h, w], np.float32))
    return ops.minimum(ops.relu(boxes), limits)


def _hottest(heatmap: Any, boxes: Any, coarse: Any, spread: float) -> Any:
    """The flat place of each keypoint in each person's box, [B,K,17]; 0 where nothing counts."""
    _, h, w, _ = heatmap.shape
    near_y = _nearness(h, coarse[..., 0], boxes[..., 0], boxes[..., 2], spread)  # [B,K,h,17]
    near_x = _nearness(w, coarse[..., 1], boxes[..., 1], boxes[..., 3], spread)  # [B,K,w,17]
    heat = ops.sigmoid(heatmap)[:, None] * near_y[:, :, :, None] * near_x[:, :, None]
    heat = ops.reshape(heat, (-1, boxes.shape[1], h * w, KEYPOINTS))
    place = ops.argmax(heat, axis=2)
    return ops.where(ops.max(heat, axis=2) >= float(SMALLEST_NORMAL), place, ops.zeros_like(place))


def _nearness(length: int, coarse: Any, start: Any, stop: Any, spread: float) -> Any:
    """exp(-d^2 / spread) along one axis, 0 outside the box: coarse [B,K,17] -> [B,K,length,17]."""
    pixels = _places(length)
    near = ops.exp(-ops.square(pixels[None, None, :, None] - coarse[:, :, None]) / spread)
    inside = (pixels >= start[..., None]) & (pixels < stop[..., None])  # [B,K,length]
    return near * ops.cast(inside, near.dtype)[..., None]


def _scores(
    heatmap: Any, place: Any, found: Any, boxes: Any, coarse: Any, spread: float
) -> Any:
    """Heat times the largest nearness to the coarse keypoint of a person whose box it is in.

    Args:
        heatmap: [B,h,w,17] logits.
        place: [B,K,17] flat places of the keypoints.
        found: [B,K,17,2] the same as (y, x).
        boxes: [B,K,4] in map pixels.
        coarse: [B,K,17,2] in map pixels.
        spread: The squared distance at which a pixel counts 1/e.

    Returns:
        [B,K,17].
    """
    found = found[:, :, None]  # [B, K found, 1, 17, 2]
    corners = boxes[:, None, :, None]  # [B, 1, K judging, 1, 4]
    inside = ops.all((found >= corners[..., :2]) & (found < corners[..., 2:]), axis=-1)
    squared = ops.sum(ops.square(found - coarse[:, None]), axis=-1)
    nearness = ops.exp(-squared / spread) * ops.cast(inside, squared.dtype)
    heat = ops.sigmoid(ops.take_along_axis(_flat(heatmap), place, axis=1))
    return heat * ops.max(nearness, axis=2)


def _people_scores(strength: Any, score: Any) -> Any:
    """[B,K] and [B,K,17] -> [B,K]: strength times the mean of the scores that count."""
    counts = ops.cast(score > float(COUNTED_SCORE), score.dtype)
    total = ops.sum(score * counts, axis=-1) * strength
    return total / ops.maximum(ops.sum(counts, axis=-1), 1.0)


def _offsets(offset: Any, place: Any) -> Any:
    """Every keypoint's own offset at its place: [B,h,w,34], [B,N,17] -> [B,N,17,2]."""
    both = _flat(offset)
    return ops.stack([ops.take_along_axis(both[..., i::2], place, axis=1) for i in (0, 1)], -1)


def _at(flat: Any, place: Any) -> Any:
    """All channels at some places: [B,P,C], [B,N] -> [B,N,C]."""
    index = ops.repeat(place[..., None], flat.shape[-1], axis=-1)
    return ops.take_along_axis(flat, index, axis=1)


def _flat(maps: Any) -> Any:
    """[B,h,w,C] -> [B,h*w,C]."""
    _, h, w, channels = maps.shape
    return ops.reshape(maps, (-1, h * w, channels))


def _row_column(place: Any, w: int) -> tuple[Any, Any]:
    """Flat places -> row and column as float32."""
    return ops.cast(place // w, 'float32'), ops.cast(place % w, 'float32')


def _places(length: int) -> Any:
    """0, 1, ... length - 1 as float32."""
    return ops.convert_to_tensor(np.arange(length, dtype=np.float32))
