"""The networks: one file per runtime, all with the `Network` protocol of core.network.

For example:

    network = load_network('lightning')
    rows = network.infer(pictures)
"""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from movenet_ros.config import Config, find
from movenet_ros.core.network import Network, Networks
from movenet_ros.engines.models import find_models_dir, load_manifest
from movenet_ros.errors import EngineError, ImageError, ParameterError

ENGINES = find('engine').choices

STRIDE = 32
"""The sides of a MultiPose picture must be multiples of this many pixels."""


def load_network(
    model: str,
    *,
    models_dir: str | Path = Config.models_dir,
    engine: str = Config.engine,
    threads: int = Config.threads,
    device: str = Config.device,
    precision: str = Config.precision,
) -> Network:
    """Loads a model into an engine.

    Args:
        model: ``lightning``, ``thunder`` or ``multipose``.
        models_dir: The folder with the model files; empty to look for it.
        engine: ``litert``, ``keras``, or ``auto`` for the one that suits the machine best.
        threads: How many CPU threads the network may use, at least 1.
        device: ``cpu``, ``gpu:N`` or ``auto``.
        precision: ``float32`` or, with Keras, ``mixed_float16``.

    Raises:
        ParameterError: ``engine``, ``threads``, ``device`` or ``precision`` cannot be used.
        ModelError: The model is unknown, or its file is missing or damaged.
        EngineError: The runtime is not installed, refuses the model, or has no such device or
            precision.
    """
    if engine not in ENGINES:
        raise ParameterError('engine', engine, f'must be one of {", ".join(ENGINES)}')
    if threads < 1:
        raise ParameterError('threads', threads, 'must be >= 1')
    entry = load_manifest(find_models_dir(str(models_dir))).entry(model)
    # These modules import this one; the runtimes themselves they import later still.
    from movenet_ros.engines.keras import KerasNetwork
    from movenet_ros.engines.keras_choice import choose_engine
    from movenet_ros.engines.litert import LiteRtNetwork

    choice = choose_engine(engine, device)
    network: KerasNetwork | LiteRtNetwork
    if choice.engine == 'keras':
        network = KerasNetwork(
            entry, device=choice.device, precision=precision, threads=threads)
    else:
        _check_precision(precision, choice.reason)
        network = LiteRtNetwork(entry, threads)
    network.info = dataclasses.replace(network.info, reason=choice.reason)
    return network


def _check_precision(precision: str, reason: str) -> None:
    # In silence it would still be in the digest, which is to tell numbers apart.
    if precision != Config.precision:
        raise EngineError(f'the litert engine, which is taken ({reason}), has no precision '
                          f'{precision}: set engine to keras, or precision to {Config.precision}')


def load_networks(config: Config) -> Networks:
    """Loads what a configuration needs.

    Raises:
        ParameterError: ``device`` cannot be used, or two parameters contradict each other.
        ModelError: A file is missing or damaged.
        EngineError: The runtime is not installed, refuses a model, or has no such device or
            precision.
    """
    config.check_together()
    load = partial(load_network, models_dir=config.models_dir, engine=config.engine,
                   threads=config.threads, device=config.device, precision=config.precision)
    return Networks(load(config.model),
                    None if config.refine == 'none' else load(config.refine))


def check_pictures(pictures: npt.NDArray[np.uint8], input_size: int | None) -> None:
    """Checks what goes into a network.

    Args:
        pictures: Should be [B, H, W, 3] uint8 with B >= 1.
        input_size: H and W that the network takes; None for any multiples of 32.

    Raises:
        ImageError: They are not.
    """
    expected = f'[B, {input_size or "H"}, {input_size or "W"}, 3] uint8'
    fits = pictures.dtype == np.uint8 and pictures.ndim == 4 and pictures.shape[3:] == (3,)
    if input_size is None:
        expected += f' with H and W multiples of {STRIDE}'
    if fits:
        batch, height, width, _ = pictures.shape
        if input_size is None:
            fits = min(height, width) >= STRIDE and height % STRIDE == 0 == width % STRIDE
        else:
            fits = height == width == input_size
        fits = fits and batch >= 1
    if not fits:
        found = f'{list(pictures.shape)} {pictures.dtype}'
        raise ImageError(f'the network takes {expected}, got {found}')
