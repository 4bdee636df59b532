"""The networks: one file per runtime, all with the `Network` protocol of core.network.

    network = load_network('lightning')
    rows = network.infer(pictures)
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from movenet_ros.config import Config
from movenet_ros.core.network import Network, Networks
from movenet_ros.engines.models import find_models_dir, load_manifest
from movenet_ros.errors import ImageError, ParameterError

ENGINES = ('auto', 'litert')

STRIDE = 32
"""The sides of a MultiPose picture must be multiples of this many pixels."""


def load_network(
    model: str,
    *,
    models_dir: str | Path = Config.models_dir,
    engine: str = Config.engine,
    threads: int = Config.threads,
) -> Network:
    """Loads a model into an engine.

    Args:
        model: ``lightning``, ``thunder`` or ``multipose``.
        models_dir: The folder with the model files; empty to look for it.
        engine: ``litert``, or ``auto`` for the one that suits the machine best.
        threads: How many CPU threads the network may use, at least 1.

    Raises:
        ParameterError: ``engine`` or ``threads`` cannot be used.
        ModelError: The model is unknown, or its file is missing or damaged.
        EngineError: The runtime is not installed or refuses the model.
    """
    if engine not in ENGINES:
        raise ParameterError('engine', engine, f'must be one of {", ".join(ENGINES)}')
    if threads < 1:
        raise ParameterError('threads', threads, 'must be >= 1')
    entry = load_manifest(find_models_dir(str(models_dir))).entry(model)
    # Imported late: only the runtime that is used has to be installed.
    from movenet_ros.engines.litert import LiteRtNetwork

    return LiteRtNetwork(entry, threads)


def load_networks(config: Config) -> Networks:
    """Loads what a configuration needs.

    Raises:
        ModelError: A file is missing or damaged.
        EngineError: The runtime is not installed or refuses a model.
    """
    load = partial(load_network, models_dir=config.models_dir, engine=config.engine,
                   threads=config.threads)
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
