"""Several people, as MultiPose detects them in each whole image, or in the parts of a wide one."""
from __future__ import annotations

import numpy as np

from movenet_ros.config import Config
from movenet_ros.core.decode import decode_multi
from movenet_ros.core.inference import Inference, InferenceRequest
from movenet_ros.core.network import Network
from movenet_ros.core.parts import Part, across_seams, divided
from movenet_ros.core.resample import multipose_size, resample_whole
from movenet_ros.core.resample_tfjs import whole_as_tfjs
from movenet_ros.core.state import State, to_poses, track_and_smooth
from movenet_ros.core.types import Detections, Picture, Poses


def process_people(state: State, picture: Picture, network: Network,
                   config: Config) -> Inference[tuple[State, Poses]]:
    """Runs the pipeline of several people on one image.

    Args:
        state: At the time of this image, see `state.at_image`.
        picture: The image.
        network: MultiPose.
        config: All parameters.

    Returns:
        The state after this image, and its poses.
    """
    # The reference gives MultiPose the whole of every image.
    parts = [Part(picture, 0, 0)] if config.tfjs.resampling else divided(picture)
    found = []
    for part in parts:
        detected = yield from _detect(part.picture, network, config)
        found.append(detected)
    detections = found[0] if len(parts) == 1 else _joined(parts, found, state.size)
    state, people = track_and_smooth(state, detections, config)
    return state, to_poses(state, people, network.info.model)


def _detect(picture: Picture, network: Network, config: Config) -> Inference[Detections]:
    long_side = config.multipose.long_side
    resample = whole_as_tfjs if config.tfjs.resampling else resample_whole
    pixels = resample(picture, long_side)
    rows = yield InferenceRequest(network, pixels[None])
    return decode_multi(
        rows[0], multipose_size(picture.width, picture.height, long_side),
        (pixels.shape[1], pixels.shape[0]), config.multipose.min_pose_score, config.tfjs)


def _joined(parts: list[Part], found: list[Detections], size: tuple[int, int]) -> Detections:
    """The people of all parts, each once, highest score first, normalised to the image."""
    people = Detections.joined([part.in_whole(detected, size)
                                for part, detected in zip(parts, found, strict=True)])
    numbers = np.repeat(np.arange(len(parts)), [len(detected) for detected in found])
    order = np.argsort(-people.score, kind='stable')
    people = people.take(order)
    return people.take(across_seams(people, numbers[order].tolist()))
