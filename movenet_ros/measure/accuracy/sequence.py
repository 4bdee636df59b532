"""Jitter, lag, gaps and identity of one clip, in one row of numbers."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from movenet_ros.measure.accuracy import motion
from movenet_ros.measure.accuracy.clip import Clip, paths
from movenet_ros.measure.accuracy.identity import Boxes, Identity, compare, matches
from movenet_ros.measure.accuracy.keypoint_tracking import (
    Body,
    KeypointTracking,
    compare_keypoints,
)

MIN_SCORE = 0.3
"""Keypoints below this score count neither for jitter nor for lag."""
REFERENCE_WIDTH = 640
"""Jitter is also given for an image of this width [px]."""
MIN_REST = 2.0
"""With less time at rest than this, added up over keypoints, chance decides on jitter [s]."""
MILLISECONDS = 1000


@dataclass(frozen=True)
class Motion:
    """What a clip tells of the filter and the tracker.

    Attributes:
        images: Of the clip.
        ids: How many were given out.
        empty: Images without people.
        gaps: How often a person was missing, but there before and after with the same id.
        gap_images: Images in these gaps, added up.
        rest_s: Time at rest, added up over all keypoints: what jitter is measured on [s].
        jitter_px: Of keypoints at rest, as published [px]; None where less than
            `MIN_REST` rests.
        jitter_px_640: The same in an image 640 px wide [px].
        raw_jitter_px_640: The same before the filter [px].
        lag_ms: By which published keypoints are late [ms]; None where nothing moves.
        identity: Compared with ground truth, if there was some.
        keypoints: Likewise, if there was ground truth of keypoints.
    """

    images: int
    ids: int
    empty: int
    gaps: int
    gap_images: int
    rest_s: float
    jitter_px: float | None
    jitter_px_640: float | None
    raw_jitter_px_640: float | None
    lag_ms: float | None
    identity: Identity | None
    keypoints: KeypointTracking | None

    def row(self) -> dict[str, int | float | None]:
        """The numbers by name, as in the command's JSON."""
        row: dict[str, int | float | None] = {
            name: getattr(self, name) for name in (
                'images', 'ids', 'empty', 'gaps', 'gap_images', 'rest_s', 'jitter_px',
                'jitter_px_640', 'raw_jitter_px_640', 'lag_ms')}
        for part in (self.identity, self.keypoints):
            row |= part.row() if part else {}
        return row


def measure_motion(clip: Clip, truth: dict[int, Boxes] | None = None,
                   bodies: Sequence[Mapping[int, Body]] | None = None) -> Motion:
    """Judges a clip.

    Args:
        clip: From `run_clip`.
        truth: Ground truth of who is where, from `read_truth`.
        bodies: With it, that of keypoints, from `read_keypoints`.

    Raises:
        SourceError: The ground truth is that of another clip.
        MovenetError: There is ground truth, and motmetrics is not installed.
    """
    raw, published = paths(clip, MIN_SCORE)
    ids = [set(poses.id.tolist()) for poses in clip.poses]
    breaks = motion.gaps(ids)
    rests = motion.still(raw, clip.rate, clip.width)
    rest_s = float(rests.sum()) / clip.rate
    if rest_s < MIN_REST:
        rests = np.zeros_like(rests)
    late = motion.lag(raw, published, clip.rate, clip.width)
    jitter = motion.jitter(published, rests)
    identity = keypoints = None
    if truth is not None:
        matched = matches(truth, clip.poses)
        identity = compare(truth, clip.poses, matched)
        if bodies is not None:
            keypoints = compare_keypoints(bodies, truth, clip.poses, matched)
    return Motion(
        images=len(ids), ids=len(set().union(*ids)), empty=sum(not present for present in ids),
        gaps=len(breaks), gap_images=sum(breaks), rest_s=rest_s,
        jitter_px=jitter, jitter_px_640=_at_reference(jitter, clip.width),
        raw_jitter_px_640=_at_reference(motion.jitter(raw, rests), clip.width),
        lag_ms=None if late is None else late * MILLISECONDS,
        identity=identity, keypoints=keypoints)


def _at_reference(pixels: float | None, width: int) -> float | None:
    return None if pixels is None else pixels * REFERENCE_WIDTH / width
