"""The chain, from a picture to poses, in the order in which it runs.

    picture -> crop -> resample -> infer -> decode -> track -> smooth -> poses

Everything remembered between two images is in a `State`; nothing here reads a
clock, a file or a random number. So the same pictures, stamps and parameters give
the same poses, in a robot and in a replay.

One rule for time, by header stamps alone:

- A later stamp is the normal case. Tracks age by the seconds that have passed; after
  more than `filter.max_gap` the filter starts afresh.
- The same stamp again: people are followed as if no time had passed, and keypoints
  are passed on unfiltered, as there is no speed to be had; filters wait for a later stamp.
- A stamp at most `max_lateness` earlier than the latest: the image came late, and is
  processed like one with the latest stamp. Time does not go back: no age falls, nobody is
  forgotten, and `State.time_ns` remains the latest. Speeds are taken between the images'
  own stamps, so that they do not rise when positions from the past come in between.
- A stamp that is earlier by more (a recording that loops, a clock that was set back), or
  another image size: everything starts afresh, but no id is given out twice. So it does
  where a recording loops that is shorter than `max_lateness`: at a stamp not later than the
  earliest, and when late images in a row, none on time in between, cover more than that
  time.
- A single outlying stamp (a driver that sometimes gives 0, a glitch of a clock, an old image
  sent a second time) is undone with the next image. An image with a stamp that starts
  everything afresh, or that is later than the latest by more than `max_lateness`, is processed
  by the rules above; but if the next other stamp shows that it was an outlier, the chain goes
  on from the state before it, so people have their ids again. That is so if the next stamp is
  later than the latest before the outlier, and the outlier was either earlier than that, or is
  later than the next by more than `max_lateness`. So a recording that loops is not undone, as
  it goes on with stamps that are earlier than that; nor is a pause, after which they are later;
  nor a clock that was set back, unless by less than the time between two images.

So of two streams that are mixed, one up to `max_lateness` behind the other, the stream
that is ahead makes the time; when it ends, the other one catches up and takes over.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config
from movenet_ros.core.crop import first_crop, next_crop, smooth_crop
from movenet_ros.core.decode import decode_multi, decode_single, nobody
from movenet_ros.core.looks import Look, Looking, complete
from movenet_ros.core.network import Network, Networks
from movenet_ros.core.one_euro import FilterState, one_euro
from movenet_ros.core.people import (
    crop_around,
    distinct,
    find_people,
    join,
    read_people,
)
from movenet_ros.core.resample import multipose_size, resample_crop, resample_whole
from movenet_ros.core.resample_tfjs import crop_as_tfjs, whole_as_tfjs
from movenet_ros.core.same_person import goes_on, recognise
from movenet_ros.core.stamps import Course, Stamps, follow
from movenet_ros.core.tracker import Track, Tracks, oks, track
from movenet_ros.core.types import NANOSECONDS, Crop, Detections, Picture, Poses


@dataclass(frozen=True)
class Followed:
    """Somebody who is read from a crop of their own.

    Attributes:
        crop: Where to look in the next image [px].
        detection_score: MultiPose's score when it last saw them.
    """

    crop: Crop
    detection_score: float


@dataclass(frozen=True)
class State:
    """What one camera's chain remembers; a fresh one is a reset.

    Attributes:
        time_ns: The latest stamp of an image, if there was one.
        size: Width and height of the last image [px].
        crop: What the single-person network is to see next; None while nobody is tracked.
        followed_id: Whom that crop follows.
        tracks: Who has been seen.
        filters: The filter of each person, by id.
        followed: Who is read from a crop of their own, by id.
        detected_ns: Stamp of the last image that MultiPose has seen; None when it is to look
            at the next one.
        stamps: How the images' stamps have come in.
        before: The state before the last stamp, while that may be an outlier, see `Stamps`.
    """

    time_ns: int | None = None
    size: tuple[int, int] = (0, 0)
    crop: Crop | None = None
    followed_id: int | None = None
    tracks: Tracks = Tracks()
    filters: Mapping[int, FilterState] = field(default_factory=dict)
    followed: Mapping[int, Followed] = field(default_factory=dict)
    detected_ns: int | None = None
    stamps: Stamps | None = None
    before: State | None = None


def advance(state: State, picture: Picture, stamp_ns: int, networks: Networks,
            config: Config) -> tuple[State, Poses]:
    """Runs the chain on one image.

    Args:
        state: After the image before; `State()` at the start.
        picture: The image.
        stamp_ns: Its header stamp [ns].
        networks: Those that `config` names.
        config: All parameters.

    Returns:
        The state after this image, and its poses.

    Raises:
        EngineError: A network failed or gave something that is not a number.
    """
    return complete(chain(state, picture, stamp_ns, networks, config))


def chain(state: State, picture: Picture, stamp_ns: int, networks: Networks,
          config: Config) -> Looking[tuple[State, Poses]]:
    """The chain on one image as `advance` runs it, but asking for each look at a network."""
    state = _in_time(state, stamp_ns, (picture.width, picture.height), config)
    if networks.refine is not None:
        return (yield from _advance_refined(
            state, picture, networks.main, networks.refine, config))
    if config.model == 'multipose':
        return (yield from _advance_multi(state, picture, networks.main, config))
    return (yield from _advance_single(state, picture, networks.main, config))


def _in_time(state: State, stamp_ns: int, size: tuple[int, int], config: Config) -> State:
    is_same_size = size == state.size
    if config.tfjs.time:
        stamps = Stamps.start(stamp_ns)
        course = Course.CONTINUES if is_same_size else Course.RESTARTS
    else:
        stamps, course = follow(
            state.stamps, stamp_ns, config.max_lateness, is_same_size=is_same_size)
    before = _before_outlier(state, stamps)
    if course is Course.RESTARTS:
        return State(stamp_ns, size, tracks=Tracks(next_id=state.tracks.next_id), stamps=stamps,
                     before=before)
    if course is Course.RETURNS:
        assert state.before is not None
        tracks = replace(state.before.tracks, next_id=state.tracks.next_id)
        state = replace(state.before, tracks=tracks)
    # While the clock is paused, no time passes until people are to be detected again.
    detected = None if stamp_ns == state.time_ns else state.detected_ns
    return replace(state, time_ns=stamps.latest_ns, stamps=stamps, detected_ns=detected,
                   before=before)


def _before_outlier(state: State, stamps: Stamps) -> State | None:
    """The state to return to if the new stamp, or the same one before it, is an outlier."""
    if stamps.before is None:
        return None
    if state.stamps and stamps.before is state.stamps.before:
        return state.before
    return replace(state, before=None)


def _own_stamp(state: State) -> int:
    """The last image's own stamp: earlier than the time if it came late."""
    assert state.stamps is not None
    return state.stamps.last_ns


def _advance_single(state: State, picture: Picture, network: Network,
                    config: Config) -> Looking[tuple[State, Poses]]:
    crop = state.crop or first_crop(*state.size, config.crop)
    people = yield from _read(picture, crop, network, config)
    owner = None
    if len(people):
        person = _followed_person(state, config)
        if person and goes_on(person, people, _own_stamp(state), config.tracker):
            owner = person.id
        else:
            if config.second_look and (person or state.crop is None):
                state, people = yield from _read_newcomer(state, picture, people, network, config)
            owner = _recognised_id(state, people, config, by_box=person is None)
    state, tracks, xy = _follow(state, people, config, [owner] * len(people))
    if not tracks:
        return replace(state, crop=None, followed_id=None, filters={}), Poses.nobody()
    target = _next_crop(people, xy[0], state.size, config)
    state = replace(state, followed_id=tracks[0].id,
                    crop=smooth_crop(state.crop, target, config.crop.smoothing))
    return state, _poses(state, people, tracks, xy)


def _followed_person(state: State, config: Config) -> Track | None:
    """Whom the crop has followed until now; None after a pause longer than `tracker.max_age`."""
    assert state.time_ns is not None
    for person in state.tracks.tracks:
        if person.id == state.followed_id:
            elapsed = state.time_ns - person.last_ns
            return person if elapsed <= config.tracker.max_age * NANOSECONDS else None
    return None


def _recognised_id(state: State, people: Detections, config: Config, *,
                   by_box: bool) -> int | None:
    assert state.time_ns is not None
    if not len(people):
        return None
    return recognise(state.tracks, people, state.time_ns, _own_stamp(state), config.tracker,
                     by_box=by_box)


def _read_newcomer(state: State, picture: Picture, people: Detections, network: Network,
                   config: Config) -> Looking[tuple[State, Detections]]:
    """Reads somebody who was not followed a second time, from a tracking crop around them.

    In a crop that followed somebody else they may be cut off at its edge, so they are first
    looked for in the whole image. The new crop is not smoothed with that of the other.
    """
    if state.crop is not None:
        found = yield from _read(picture, first_crop(*state.size, config.crop), network, config)
        people = found if len(found) else people
    crop = _next_crop(people, people.xy[0], state.size, config)
    people = yield from _read(picture, crop, network, config)
    return replace(state, crop=None), people


def _read(picture: Picture, crop: Crop, network: Network, config: Config) -> Looking[Detections]:
    size = network.info.input_size
    assert size is not None
    resample = crop_as_tfjs if config.tfjs.resampling else resample_crop
    rows = yield Look(network, resample(picture, crop, size)[None])
    return decode_single(rows[0], crop, picture.width, picture.height, config)


def _next_crop(people: Detections, xy: NDArray[np.float64], size: tuple[int, int],
               config: Config) -> Crop:
    return next_crop(xy * size, people.keypoint_score[0], *size, config.min_keypoint_score,
                     config.crop)


def _advance_multi(state: State, picture: Picture, network: Network,
                   config: Config) -> Looking[tuple[State, Poses]]:
    long_side = config.multipose.long_side
    resample = whole_as_tfjs if config.tfjs.resampling else resample_whole
    seen = resample(picture, long_side)
    rows = yield Look(network, seen[None])
    people = decode_multi(
        rows[0], multipose_size(*state.size, long_side),
        (seen.shape[1], seen.shape[0]), config.multipose.min_pose_score, config.tfjs)
    state, tracks, xy = _follow(state, people, config)
    return state, _poses(state, people, tracks, xy)


def _advance_refined(state: State, picture: Picture, finder: Network, reader: Network,
                     config: Config) -> Looking[tuple[State, Poses]]:
    known = {t.id for t in state.tracks.tracks}
    candidates: list[tuple[int | None, Followed]] = [
        (number, who) for number, who in state.followed.items() if number in known]
    if _detection_due(state, config):
        found = yield from find_people(picture, finder, config)
        candidates = _with_newcomers(candidates, found, state, config)
        state = replace(state, detected_ns=state.time_ns)
    candidates = candidates[:config.people.max_people]
    readings = yield from read_people(
        picture, [who.crop for _, who in candidates], reader, config)
    seen = [(owner, who, reading) for (owner, who), reading in zip(
        candidates, readings, strict=True) if len(reading)]
    people, owners, scores = _one_each(seen, state, config)
    if set(state.followed) - set(owners):
        # Somebody is lost: look for them at once.
        state = replace(state, detected_ns=None)
    state, tracks, xy = _follow(state, people, config, owners)
    state = replace(state, followed=_followed(state, people, tracks, xy, scores, config))
    order = np.argsort(-people.score, kind='stable')
    return state, _poses(state, people.take(order), [tracks[row] for row in order], xy[order])


def _detection_due(state: State, config: Config) -> bool:
    assert state.time_ns is not None
    if state.detected_ns is None:
        return True
    return state.time_ns - state.detected_ns >= config.people.period * NANOSECONDS


def _with_newcomers(candidates: list[tuple[int | None, Followed]], found: Detections,
                    state: State, config: Config) -> list[tuple[int | None, Followed]]:
    """Adds those found who are not followed yet; renews the detection score of the others."""
    last = {t.id: t for t in state.tracks.tracks}
    followed = [last[owner] for owner, _ in candidates if owner is not None]
    result, newcomers = list(candidates), []
    similar = oks(found, np.array([t.xy for t in followed]).reshape(-1, *found.xy.shape[1:]),
                  np.array([t.keypoint_score for t in followed]).reshape(
                      -1, found.xy.shape[1]), config.tracker)
    for row in range(len(found)):
        score = float(found.score[row])
        best = int(similar[row].argmax()) if followed else -1
        if best >= 0 and similar[row, best] > config.people.max_similarity:
            result[best] = (result[best][0], replace(result[best][1], detection_score=score))
        else:
            newcomers.append((None, Followed(crop_around(found, row, state.size, config), score)))
    return result + newcomers


def _one_each(seen: Sequence[tuple[int | None, Followed, Detections]], state: State,
              config: Config) -> tuple[Detections, list[int | None], list[float]]:
    """Of several readings of one person, that which goes on best from the image before.

    Returns:
        The people; for each the id that the crop belonged to, or None; and the detection
        score. A person's score is the geometric mean of that and of all keypoint scores.
    """
    last = {t.id: t for t in state.tracks.tracks}

    def continuity(item: tuple[int | None, Followed, Detections]) -> float:
        before = None if item[0] is None else last.get(item[0])
        if before is None:
            return 0.0
        return float(oks(item[2], before.xy[None], before.keypoint_score[None],
                         config.tracker)[0, 0])

    ordered = sorted(seen, key=lambda item: (
        -continuity(item), item[0] is None, -item[2].keypoint_score.mean()))
    people = nobody()
    for _, who, reading in ordered:
        score = np.sqrt(reading.keypoint_score.mean(axis=1) * who.detection_score)
        people = join(people, replace(reading, score=score))
    kept = distinct(people, config)
    return (people.take(kept), [ordered[row][0] for row in kept],
            [ordered[row][1].detection_score for row in kept])


def _followed(state: State, people: Detections, tracks: Sequence[Track],
              xy: NDArray[np.float64], scores: Sequence[float],
              config: Config) -> dict[int, Followed]:
    smoothed = replace(people, xy=xy)
    result = {}
    for row, (person, score) in enumerate(zip(tracks, scores, strict=True)):
        before = state.followed.get(person.id)
        crop = smooth_crop(None if before is None else before.crop,
                           crop_around(smoothed, row, state.size, config), config.crop.smoothing)
        result[person.id] = Followed(crop, score)
    return result


def _follow(state: State, people: Detections, config: Config,
            owners: Sequence[int | None] = (),
            ) -> tuple[State, tuple[Track, ...], NDArray[np.float64]]:
    """Tracks and smooths; returns the new state, each person's track and keypoints."""
    assert state.time_ns is not None
    tracks, current = track(
        state.tracks, people, state.time_ns, config.tracker, owners, _own_stamp(state))
    known = {t.id for t in tracks.tracks}
    filters = {number: kept for number, kept in state.filters.items() if number in known}
    xy = people.xy
    if config.filter.enabled:
        xy, fresh = _smooth(filters, current, people.xy, state.time_ns, config)
        filters.update(fresh)
    else:
        filters = {}
    return replace(state, tracks=tracks, filters=filters), current, xy


def _smooth(filters: Mapping[int, FilterState], current: Sequence[Track],
            xy: NDArray[np.float64], time_ns: int,
            config: Config) -> tuple[NDArray[np.float64], dict[int, FilterState]]:
    smoothed, fresh = xy.copy(), {}
    for row, person in enumerate(current):
        before = filters.get(person.id)
        latest = 0 if config.tfjs.time else None
        if before is not None:
            latest = before.stamp_ns
        if latest is not None and time_ns <= latest:
            continue
        fresh[person.id] = one_euro(before, person.xy, time_ns, config.filter)
        smoothed[row] = fresh[person.id].smoothed
    return smoothed, fresh


def _poses(state: State, people: Detections, tracks: Sequence[Track],
           xy: NDArray[np.float64]) -> Poses:
    assert state.time_ns is not None
    box = np.minimum(np.maximum(people.box, 0.0), 1.0) * (state.size + state.size)
    return Poses(
        xy=(xy * state.size).astype(np.float32),
        keypoint_score=people.keypoint_score.astype(np.float32),
        box=box.astype(np.float32),
        score=people.score.astype(np.float32),
        id=np.array([t.id for t in tracks], np.int32),
        age=np.array([(state.time_ns - t.born_ns) / NANOSECONDS for t in tracks], np.float32))
