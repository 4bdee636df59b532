"""One person, read from the tracking crop."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config
from movenet_ros.core.crop import crop_at, first_crop, next_crop, smooth_crop
from movenet_ros.core.decode import decode_single
from movenet_ros.core.inference import Inference, InferenceRequest
from movenet_ros.core.network import Network
from movenet_ros.core.point import row_at
from movenet_ros.core.resample import resample_crop
from movenet_ros.core.resample_tfjs import crop_as_tfjs
from movenet_ros.core.same_person import is_same_person, recognise
from movenet_ros.core.state import State, to_poses, track_and_smooth
from movenet_ros.core.tracker import Track
from movenet_ros.core.types import NANOSECONDS, Crop, Detections, Picture, Poses


def process_person(state: State, picture: Picture, network: Network,
                   config: Config, point: tuple[float, float] | None = None,
                   ) -> Inference[tuple[State, Poses]]:
    """Runs the pipeline of one person on one image.

    Args:
        state: At the time of this image, see `state.at_image`.
        picture: The image.
        network: Lightning or Thunder.
        config: All parameters.
        point: Where somebody is who is to be followed from now on [px]; None: as before. If nobody
            is there, as before.

    Returns:
        The state after this image, and its poses: one person or none.
    """
    if point is not None:
        state = yield from _follow_person_at(state, picture, point, network, config)
    crop = state.crop or first_crop(*state.size, config.crop)
    found = yield from _read(picture, crop, network, config)
    owner = None
    if len(found):
        person = _followed_person(state, config)
        if person and is_same_person(person, found, state.stamp_ns, config.tracker):
            owner = person.id
        else:
            if config.confirm_new_person and (person or state.crop is None):
                state, found = yield from _confirm_new_person(
                    state, picture, found, network, config)
            owner = _recognised_id(state, found, config, by_box=person is None)
    state, people = track_and_smooth(state, found, config, [owner] * len(found))
    if not len(people):
        return replace(state, crop=None, crop_id=None, filters={}), Poses.empty()
    target = _next_crop(found, people.xy[0], state.size, config)
    state = replace(state, crop_id=people.tracks[0].id,
                    crop=smooth_crop(state.crop, target, config.crop.smoothing))
    return state, to_poses(state, people, network.info.model)


def _follow_person_at(state: State, picture: Picture, point: tuple[float, float],
                      network: Network, config: Config) -> Inference[State]:
    """The state with the tracking crop around the person at a point, if somebody is there."""
    found = yield from _read(picture, crop_at(point, *state.size), network, config)
    if not len(found) or row_at(found.box * (state.size + state.size), point) is None:
        return state
    crop = _next_crop(found, found.xy[0], state.size, config)
    # Not the person of `crop_id`, unless the tracker recognises them.
    return replace(state, crop=crop, crop_id=None)


def _followed_person(state: State, config: Config) -> Track | None:
    """The person that the crop follows; None after a pause longer than `tracker.max_age`."""
    assert state.time_ns is not None
    for person in state.tracks.tracks:
        if person.id == state.crop_id:
            elapsed = state.time_ns - person.last_ns
            return person if elapsed <= config.tracker.max_age * NANOSECONDS else None
    return None


def _recognised_id(state: State, found: Detections, config: Config, *,
                   by_box: bool) -> int | None:
    assert state.time_ns is not None
    if not len(found):
        return None
    return recognise(state.tracks, found, state.time_ns, state.stamp_ns, config.tracker,
                     by_box=by_box)


def _confirm_new_person(state: State, picture: Picture, found: Detections, network: Network,
                        config: Config) -> Inference[tuple[State, Detections]]:
    """Reads a person who was not followed a second time, from a tracking crop around them.

    In a crop that followed another person they may be cut off at its edge, so the whole image
    is read first. The new crop is not smoothed with that of the other person.
    """
    if state.crop is not None:
        whole = yield from _read(picture, first_crop(*state.size, config.crop), network, config)
        found = whole if len(whole) else found
    crop = _next_crop(found, found.xy[0], state.size, config)
    found = yield from _read(picture, crop, network, config)
    return replace(state, crop=None), found


def _read(picture: Picture, crop: Crop, network: Network,
          config: Config) -> Inference[Detections]:
    size = network.info.input_size
    assert size is not None
    resample = crop_as_tfjs if config.tfjs.resampling else resample_crop
    rows = yield InferenceRequest(network, resample(picture, crop, size)[None])
    return decode_single(rows[0], crop, picture.width, picture.height, config)


def _next_crop(found: Detections, xy: NDArray[np.float64], size: tuple[int, int],
               config: Config) -> Crop:
    """The tracking crop [px] of a person with keypoints `xy` [17,2], image-normalised."""
    return next_crop(xy * size, found.keypoint_score[0], *size, config.min_keypoint_score,
                     config.crop)
