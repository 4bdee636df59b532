"""The inputs that the networks are calibrated with, and what their activations are at these."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config
from movenet_ros.core.center_weight import published_weight
from movenet_ros.core.inference import InferenceRequest, run_inference, run_request
from movenet_ros.core.network import HEAD_STRIDE, Network, Networks
from movenet_ros.core.pipeline import process_image
from movenet_ros.core.state import State
from movenet_ros.core.types import Picture

READERS = ('lightning', 'thunder')
MOMENT_INPUTS = 64
"""Moments are taken at so many of the inputs, evenly spread: more take time and change little."""
IMAGES = 2
"""How often a single-person network is given a picture: as a whole, and in crops."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class CalibrationPicture:
    """A picture of what the networks will be used on.

    Attributes:
        sha256: Of its file.
        picture: The picture.
    """

    sha256: str
    picture: Picture


def network_inputs(picture: Picture, networks: Mapping[str, Network]) -> dict[str, list[Pixels]]:
    """What the pipelines give each network for a picture.

    These are the whole picture, padded, and crops of a single person, of all people for the
    networks that read one person each, and the picture at both sizes for MultiPose.

    Args:
        picture: The picture.
        networks: All three, by model.

    Returns:
        By model: uint8 [H,W,3] RGB, none of them twice.
    """
    given: dict[str, dict[str, Pixels]] = {name: {} for name in networks}

    def run(request: InferenceRequest) -> NDArray[np.float32]:
        for pixels in request.pictures:
            key = hashlib.sha256(pixels.tobytes()).hexdigest()
            given[request.network.info.model][key] = pixels
        return run_request(request)

    for reader in READERS:
        alone, refined = Networks(networks[reader]), Networks(networks['multipose'],
                                                              networks[reader])
        state = State()
        for _ in range(IMAGES):
            state, _ = run_inference(
                process_image(state, picture, 0, alone, Config(model=reader)), run)
        config = Config(model='multipose', refine=reader)
        run_inference(process_image(State(), picture, 0, refined, config), run)
    return {name: list(pixels.values()) for name, pixels in given.items()}


@dataclass(frozen=True, eq=False)
class Observation:
    """What the activations of a float model were at N inputs.

    Attributes:
        ranges: By tensor: float32 [N,2], the least and the greatest value at each input.
        moments: By tensor of C channels: float64 [C,C], the mean products of two channels.
    """

    ranges: dict[str, NDArray[np.float32]]
    moments: dict[str, NDArray[np.float64]]


def observe(content: bytes, ranges_of: Collection[str], moments_of: Collection[str],
            inputs: Sequence[Pixels]) -> Observation:
    """Runs a float model and observes its activations.

    Args:
        content: Of the LiteRT file.
        ranges_of: Names of the tensors whose ranges are needed.
        moments_of: Names of those whose moments are needed.
        inputs: Of the network, uint8 [H,W,3].
    """
    from ai_edge_litert.interpreter import Interpreter

    with warnings.catch_warnings():
        # That it takes memory to keep all tensors.
        warnings.simplefilter('ignore', UserWarning)
        interpreter = Interpreter(
            model_content=content, num_threads=1, experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    indices = {detail['name']: detail['index'] for detail in interpreter.get_tensor_details()}
    ranges: dict[str, list[tuple[float, float]]] = {name: [] for name in ranges_of}
    moments: dict[str, NDArray[np.float64]] = {}
    chosen = range(0, len(inputs), math.ceil(len(inputs) / MOMENT_INPUTS) or 1)
    for number, pixels in enumerate(inputs):
        _invoke(interpreter, pixels)
        for name in ranges:
            values = interpreter.get_tensor(indices[name])
            ranges[name].append((values.min(), values.max()))
        for name in moments_of if number in chosen else ():
            values = interpreter.get_tensor(indices[name])
            rows = values.reshape(-1, values.shape[-1])
            moments[name] = moments.get(name, np.float64(0)) + rows.T @ rows / len(rows)
    return Observation({name: np.array(rows, np.float32) for name, rows in ranges.items()},
                       {name: total / len(chosen) for name, total in moments.items()})


def _invoke(interpreter: Any, pixels: Pixels) -> None:
    details = {detail['name']: detail for detail in interpreter.get_input_details()}
    picture = details.pop('input')
    if tuple(picture['shape']) != (1, *pixels.shape):
        interpreter.resize_tensor_input(picture['index'], (1, *pixels.shape))
        interpreter.allocate_tensors()
    interpreter.set_tensor(picture['index'], pixels[None])
    for weight in details.values():
        side = pixels.shape[0] // HEAD_STRIDE
        interpreter.set_tensor(weight['index'], published_weight(side)[..., None])
    interpreter.invoke()
