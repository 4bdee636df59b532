"""Loads the networks that a configuration names.

For example:

    network = load_network('lightning')
    rows = network.infer(pictures)
"""
from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from movenet_ros.config import Config, find
from movenet_ros.core.network import Network, Networks
from movenet_ros.engines.checks import GPU_DEVICES
from movenet_ros.engines.models import find_models_dir, load_manifest
from movenet_ros.engines.precision import choose_precision
from movenet_ros.engines.processor import this_processor
from movenet_ros.engines.selection import Choice, choose_engine
from movenet_ros.engines.threads import ThreadsChoice, choose_threads, usable_cores
from movenet_ros.errors import MovenetError

LOADERS = {
    'litert': 'movenet_ros.engines.litert',
    'keras': 'movenet_ros.engines.keras.network',
    'openvino': 'movenet_ros.engines.openvino',
    'onnxruntime': 'movenet_ros.engines.onnxruntime',
    'opencv': 'movenet_ros.engines.opencv',
}
"""Each engine's module, imported when the engine is used.

It has a function `load(entry, *, threads, device, precision, reason) -> Network`, as `litert`; the
precision is one that engine and processor have, never `auto`.
"""

ONE_NUMBER = frozenset({'keras'})
"""Engines that keep the number of threads that a process has begun with."""


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
        model: `lightning`, `thunder` or `multipose`.
        models_dir: The folder with the model files; empty for those of the package.
        engine: A key of `LOADERS`, or `auto`, see `selection`.
        threads: How many CPU threads the network may use; 0: as many as measurably gain something,
            see `threads`; one on a GPU, except with keras.
        device: `auto`, `cpu`, `gpu:N`; with onnxruntime also `tensorrt:N` or `openvino`.
        precision: `float32`, `float16`, `bfloat16`, `int8`, or `auto`, see `precision`.

    Raises:
        ParameterError: `engine`, `threads`, `device` or `precision` has an invalid value.
        ModelError: The model is unknown, or its file is missing or damaged.
        EngineError: The runtime is not installed, rejects the model, or has no such device or
            precision, or the processor does not compute in it.
    """
    find('engine').check(engine)
    find('precision').check(precision)
    find('threads').check(threads)
    entry = load_manifest(find_models_dir(str(models_dir))).entry(model)
    choice = choose_engine(engine, device, precision=precision)
    chosen, why = choose_precision(choice.engine, choice.device, precision, entry,
                                   this_processor())
    load: Callable[..., Network] = partial(
        importlib.import_module(LOADERS[choice.engine]).load, entry, device=choice.device,
        precision=chosen)
    reasons = [choice.reason, why]
    if threads == 0:
        counted = _choose_threads(choice, lambda count: load(threads=count, reason=''))
        threads = counted.threads
        reasons.append(counted.reason)
    return load(threads=threads, reason='; '.join(filter(None, reasons)))


def _choose_threads(choice: Choice, load: Callable[[int], Network]) -> ThreadsChoice:
    cores = usable_cores()
    if choice.engine in ONE_NUMBER:
        return ThreadsChoice(cores,
                             f'as many threads as cores: {choice.engine} has one number for all')
    if choice.device.startswith(GPU_DEVICES):
        # To load it takes seconds, with TensorRT minutes.
        return ThreadsChoice(1, f'1 thread: the network runs on {choice.device}')
    return choose_threads(load, cores)


def load_networks(config: Config) -> Networks:
    """Loads the networks that a configuration needs.

    Raises:
        ParameterError: `device` is unknown, or two parameters contradict each other.
        ModelError: A file is missing or damaged.
        EngineError: The runtime is not installed, rejects a model, or has no such device or
            precision.
    """
    config.check_together()
    load = partial(load_network, models_dir=config.models_dir, engine=config.engine,
                   threads=config.threads, device=config.device, precision=config.precision)
    main = load(config.model)
    if config.refine == 'none':
        return Networks(main)
    try:
        return Networks(main, load(config.refine))
    except MovenetError:
        # Its memory may be needed: for another engine, or after the cause was removed.
        main.close()
        raise
