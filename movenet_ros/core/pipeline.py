"""The pipeline, from a picture to poses, in the order in which it runs.

    picture -> crop -> resample -> infer -> decode -> track -> smooth -> poses

Everything remembered between two images is in a `State`; nothing here reads a
clock, a file or a random number. So the same pictures, stamps and parameters give
the same poses, live and in a replay.
"""
from __future__ import annotations

from movenet_ros.config import Config
from movenet_ros.core.inference import Inference, run_inference
from movenet_ros.core.network import Networks
from movenet_ros.core.pipelines.multi import process_people
from movenet_ros.core.pipelines.refined import process_refined_people
from movenet_ros.core.pipelines.single import process_person
from movenet_ros.core.state import State, at_image
from movenet_ros.core.types import Picture, Poses


def advance(state: State, picture: Picture, stamp_ns: int, networks: Networks,
            config: Config) -> tuple[State, Poses]:
    """Runs the pipeline on one image.

    Args:
        state: After the image before; `State()` at the start.
        picture: The image.
        stamp_ns: Its header stamp [ns].
        networks: Those that `config` names.
        config: All parameters.

    Returns:
        The state after this image, and its poses.

    Raises:
        EngineError: A network failed, or its output has NaN or infinite values.
    """
    return run_inference(process_image(state, picture, stamp_ns, networks, config))


def process_image(state: State, picture: Picture, stamp_ns: int, networks: Networks,
                  config: Config) -> Inference[tuple[State, Poses]]:
    """The pipeline on one image, for a caller that runs its requests; arguments as of `advance`."""
    state = at_image(state, stamp_ns, (picture.width, picture.height), config)
    if networks.refine is not None:
        return process_refined_people(state, picture, networks.main, networks.refine, config)
    if config.model == 'multipose':
        return process_people(state, picture, networks.main, config)
    return process_person(state, picture, networks.main, config)
