"""Several people, as MultiPose detects them in each whole image."""
from __future__ import annotations

from movenet_ros.config import Config
from movenet_ros.core.decode import decode_multi
from movenet_ros.core.inference import Inference, InferenceRequest
from movenet_ros.core.network import Network
from movenet_ros.core.resample import multipose_size, resample_whole
from movenet_ros.core.resample_tfjs import whole_as_tfjs
from movenet_ros.core.state import State, to_poses, track_and_smooth
from movenet_ros.core.types import Picture, Poses


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
    long_side = config.multipose.long_side
    resample = whole_as_tfjs if config.tfjs.resampling else resample_whole
    pixels = resample(picture, long_side)
    rows = yield InferenceRequest(network, pixels[None])
    detections = decode_multi(
        rows[0], multipose_size(*state.size, long_side),
        (pixels.shape[1], pixels.shape[0]), config.multipose.min_pose_score, config.tfjs)
    state, people = track_and_smooth(state, detections, config)
    return state, to_poses(state, people, network.info.model)
