"""Runs the pipeline over a clip; keeps each person's path before and after the filter."""
from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config
from movenet_ros.core.network import Networks
from movenet_ros.core.pipeline import advance
from movenet_ros.core.rotation import rotate_points_back
from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.core.state import State
from movenet_ros.core.types import NANOSECONDS, Picture, Poses
from movenet_ros.errors import SourceError

Moment = tuple[int, Picture]
"""The stamp of an image [ns] and the image."""


@dataclass(frozen=True, eq=False)
class Clip:
    """What was published on a clip of F images.

    Attributes:
        rate: Images per second [Hz]: the inverse of the median interval.
        width: Of the images [px].
        poses: What was published, one for each image.
        raw: float64 [N,17,2] per image: the keypoints before the filter [px], in the order of
            the poses.
    """

    rate: float
    width: int
    poses: tuple[Poses, ...]
    raw: tuple[NDArray[np.float64], ...]


def run_clip(moments: Iterable[Moment], networks: Networks, config: Config) -> Clip:
    """Runs the chain on every image of a clip, as `movenet process` does.

    Raises:
        SourceError: There are fewer than two images.
    """
    state, stamps, width = State(), [], 0
    poses: list[Poses] = []
    raw: list[NDArray[np.float64]] = []
    for stamp_ns, picture in moments:
        state, found = advance(state, picture, stamp_ns, networks, config)
        stamps.append(stamp_ns)
        poses.append(found)
        raw.append(rotate_points_back(
            _unfiltered(state, found), config.rotation(), picture.width, picture.height))
        width = picture.width
    intervals = [after - before for before, after in itertools.pairwise(stamps)]
    if not intervals or np.median(intervals) <= 0:
        raise SourceError(f'the clip has {len(stamps)} images with rising stamps; motion needs at '
                          'least two')
    return Clip(NANOSECONDS / float(np.median(intervals)), width, tuple(poses), tuple(raw))


def paths(clip: Clip, min_score: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Everybody's keypoints over the whole clip, before and after the filter.

    Args:
        clip: Of F images, in which P ids were given out.
        min_score: Keypoints below are left out.

    Returns:
        Two arrays, float64 [F,17P,2] [px]; NaN where a keypoint is not published or left out.
    """
    ids = sorted({number for poses in clip.poses for number in poses.id.tolist()})
    column = {number: index for index, number in enumerate(ids)}
    before, after = np.full((2, len(clip.poses), len(ids), KEYPOINTS, 2), np.nan)
    for frame, (poses, raw) in enumerate(zip(clip.poses, clip.raw, strict=True)):
        seen = poses.keypoint_score >= min_score
        for row, number in enumerate(poses.id.tolist()):
            before[frame, column[number]][seen[row]] = raw[row][seen[row]]
            after[frame, column[number]][seen[row]] = poses.xy[row][seen[row]]
    shape = (len(clip.poses), len(ids) * KEYPOINTS, 2)
    return before.reshape(shape), after.reshape(shape)


def _unfiltered(state: State, poses: Poses) -> NDArray[np.float64]:
    """float64 [N,17,2] [px of the upright picture].

    The tracker remembers keypoints as they come from the network.
    """
    known = {track.id: track.xy for track in state.tracks.tracks}
    xy = np.array([known[number] for number in poses.id.tolist()])
    return xy.reshape(-1, KEYPOINTS, 2) * state.size
