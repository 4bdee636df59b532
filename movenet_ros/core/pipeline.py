"""The chain, from a picture to poses, in the order in which it runs.

    picture -> crop -> resample -> infer -> decode -> track -> smooth -> poses

Everything remembered between two images is in a `State`; nothing here reads a
clock, a file or a random number. So the same pictures, stamps and parameters give
the same poses, in a robot and in a replay.

One rule for time, by header stamps alone:

- A later stamp is the normal case. Tracks age by the seconds that have passed; after
  more than `filter.max_gap` the filter starts afresh.
- The same stamp again: people are followed as if no time had passed, and keypoints
  are passed on unfiltered, as there is no speed to be had.
- An earlier stamp (a bag that loops, a simulation set back) or another image size:
  everything starts afresh, but no id is given out twice.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config, FilterConfig, TrackerConfig
from movenet_ros.core.crop import first_crop, next_crop, smooth_crop
from movenet_ros.core.decode import decode_multi, decode_single
from movenet_ros.core.network import Network
from movenet_ros.core.one_euro import FilterState, one_euro
from movenet_ros.core.resample import multipose_size, resample_crop, resample_whole
from movenet_ros.core.tracker import Track, Tracks, track
from movenet_ros.core.types import NANOSECONDS, Crop, Detections, Picture, Poses
from movenet_ros.errors import EngineError


@dataclass(frozen=True)
class State:
    """What one camera's chain remembers; a fresh one is a reset.

    Attributes:
        stamp_ns: Of the last image, if there was one.
        size: Width and height of the last image [px].
        crop: What the single-person network is to see next; None while nobody is tracked.
        tracks: Who has been seen.
        filters: The filter of each person, by id.
    """

    stamp_ns: int | None = None
    size: tuple[int, int] = (0, 0)
    crop: Crop | None = None
    tracks: Tracks = Tracks()
    filters: Mapping[int, FilterState] = field(default_factory=dict)


def advance(state: State, picture: Picture, stamp_ns: int, network: Network,
            config: Config) -> tuple[State, Poses]:
    """Runs the chain on one image.

    Args:
        state: After the image before; `State()` at the start.
        picture: The image.
        stamp_ns: Its header stamp [ns].
        network: The network that `config.model` names.
        config: All parameters.

    Returns:
        The state after this image, and its poses.

    Raises:
        EngineError: The network failed or gave something that is not a number.
    """
    state = _in_time(state, stamp_ns, (picture.width, picture.height))
    if config.model == 'multipose':
        return _advance_multi(state, picture, network, config)
    return _advance_single(state, picture, network, config)


def _in_time(state: State, stamp_ns: int, size: tuple[int, int]) -> State:
    went_back = state.stamp_ns is not None and stamp_ns < state.stamp_ns
    if went_back or size != state.size:
        return State(stamp_ns, size, tracks=Tracks(next_id=state.tracks.next_id))
    return replace(state, stamp_ns=stamp_ns)


def _advance_single(state: State, picture: Picture, network: Network,
                    config: Config) -> tuple[State, Poses]:
    width, height = state.size
    assert network.info.input_size is not None
    crop = state.crop or first_crop(width, height, config.crop)
    seen = resample_crop(picture, crop, network.info.input_size)
    people = decode_single(_infer(network, seen), crop, width, height,
                           config.min_pose_score, config.min_keypoint_score)
    # A crop follows one person, so whoever is seen in it is that one, however they moved.
    state, tracks, xy = _follow(
        state, people, replace(config.tracker, similarity='iou', min_iou=0.0), config.filter)
    if not tracks:
        return replace(state, crop=None, filters={}), Poses.nobody()
    target = next_crop(xy[0] * state.size, people.keypoint_score[0], width, height,
                       config.min_keypoint_score, config.crop)
    state = replace(state, crop=smooth_crop(state.crop, target, config.crop.smoothing))
    return state, _poses(state, people, tracks, xy)


def _advance_multi(state: State, picture: Picture, network: Network,
                   config: Config) -> tuple[State, Poses]:
    long_side = config.multipose.long_side
    seen = resample_whole(picture, long_side)
    people = decode_multi(_infer(network, seen), multipose_size(*state.size, long_side),
                          (seen.shape[1], seen.shape[0]), config.min_pose_score)
    state, tracks, xy = _follow(state, people, config.tracker, config.filter)
    return state, _poses(state, people, tracks, xy)


def _infer(network: Network, seen: NDArray[np.uint8]) -> NDArray[np.float32]:
    rows: NDArray[np.float32] = network.infer(seen[None])[0]
    if not np.isfinite(rows).all():
        raise EngineError('the network gave values that are not numbers (NaN or infinite)')
    return rows


def _follow(state: State, people: Detections, tracker: TrackerConfig,
            smoothing: FilterConfig) -> tuple[State, tuple[Track, ...], NDArray[np.float64]]:
    """Tracks and smooths; returns the new state, each person's track and keypoints."""
    assert state.stamp_ns is not None
    tracks, current = track(state.tracks, people, state.stamp_ns, tracker)
    known = {t.id for t in tracks.tracks}
    filters = {number: kept for number, kept in state.filters.items() if number in known}
    xy = people.xy
    if smoothing.enabled:
        fresh = {t.id: one_euro(filters.get(t.id), t.xy, state.stamp_ns, smoothing)
                 for t in current}
        filters.update(fresh)
        xy = np.array([fresh[t.id].smoothed for t in current]).reshape(xy.shape)
    else:
        filters = {}
    return replace(state, tracks=tracks, filters=filters), current, xy


def _poses(state: State, people: Detections, tracks: tuple[Track, ...],
           xy: NDArray[np.float64]) -> Poses:
    assert state.stamp_ns is not None
    size = np.array(state.size, np.float64)
    box = np.clip(people.box, 0.0, 1.0) * np.tile(size, 2)
    return Poses(
        xy=(xy * size).astype(np.float32),
        keypoint_score=people.keypoint_score.astype(np.float32),
        box=box.astype(np.float32),
        score=people.score.astype(np.float32),
        id=np.array([t.id for t in tracks], np.int32),
        age=np.array([(state.stamp_ns - t.born_ns) / NANOSECONDS for t in tracks], np.float32))
