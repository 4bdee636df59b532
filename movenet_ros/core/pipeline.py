"""The pipeline, from a picture to poses, in the order in which it runs.

    picture -> rotate -> crop -> resample -> infer -> decode -> track -> smooth -> poses

The picture is rotated upright, by the parameter `rotate`. All that follows, and the state, is in
the frame of the upright picture; only the poses that come out are in that of the image again.
Everything remembered between two images is in a `State`; nothing here reads a
clock, a file or a random number. So the same pictures, stamps and parameters give
the same poses, live and in a replay.
"""
from __future__ import annotations

import numpy as np

from movenet_ros.config import Config
from movenet_ros.core.inference import Inference, run_inference
from movenet_ros.core.network import Networks
from movenet_ros.core.pipelines.multi import process_people
from movenet_ros.core.pipelines.refined import process_refined_people
from movenet_ros.core.pipelines.single import process_person
from movenet_ros.core.resample import rotated
from movenet_ros.core.rotation import rotate_points_back, rotate_poses_back
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
        config: All parameters; `rotate` holds one value.

    Returns:
        The state after this image, and its poses.

    Raises:
        ParameterError: `rotate` holds several values.
        EngineError: A network failed, or its output has NaN or infinite values.
    """
    return run_inference(process_image(state, picture, stamp_ns, networks, config))


def process_image(state: State, picture: Picture, stamp_ns: int, networks: Networks,
                  config: Config, camera: str | None = None,
                  point: tuple[float, float] | None = None) -> Inference[tuple[State, Poses]]:
    """The pipeline on one image, for a caller that runs its requests.

    Args:
        state: As of `advance`; so are the others.
        picture: The image.
        stamp_ns: Its header stamp [ns].
        networks: Those that `config` names.
        config: All parameters.
        camera: Whose image it is, of `config.cameras`; None where there is one.
        point: Where a person has been selected [px of the image]; a single-person network follows
            that one from now on. None where it goes on as before.

    Returns:
        As `advance`.
    """
    degrees = config.rotation(camera)
    upright = rotated(picture, degrees)
    if point is not None:
        point = _upright_point(point, degrees, upright)
    state, poses = yield from _process_upright(state, upright, stamp_ns, networks, config, point)
    return state, rotate_poses_back(poses, degrees, picture.width, picture.height)


def _process_upright(state: State, picture: Picture, stamp_ns: int, networks: Networks,
                     config: Config,
                     point: tuple[float, float] | None) -> Inference[tuple[State, Poses]]:
    state = at_image(state, stamp_ns, (picture.width, picture.height), config)
    if networks.refine is not None:
        return process_refined_people(state, picture, networks.main, networks.refine, config)
    if config.model == 'multipose':
        return process_people(state, picture, networks.main, config)
    return process_person(state, picture, networks.main, config, point)


def _upright_point(point: tuple[float, float], degrees: int,
                   upright: Picture) -> tuple[float, float]:
    """A point of the image, in the frame of the upright picture."""
    xy = rotate_points_back(np.array(point), -degrees % 360, upright.width, upright.height)
    return float(xy[0]), float(xy[1])
