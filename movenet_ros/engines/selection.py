"""Chooses the engine that `auto` stands for on this machine, and says why.

Importing TensorFlow takes seconds, which a robot without a GPU must not wait for. So the device
files of a GPU and the installed packages are checked first, which takes no time, and only then is
the library imported and asked whether it can use the GPU.
"""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from movenet_ros.engines.checks import check_device
from movenet_ros.engines.keras.backends import BACKENDS, load_backend
from movenet_ros.errors import EngineError

# Device files of NVIDIA cards, Jetsons (two generations of drivers), WSL, AMD cards.
GPU_NODES = ('nvidia[0-9]*', 'nvhost-gpu', 'nvgpu', 'dxg', 'kfd')
NODES_FOLDER = Path('/dev')


@dataclass(frozen=True)
class Choice:
    """The engine and device to run.

    Attributes:
        engine: A key of `loading.LOADERS`.
        device: Its argument `device`.
        reason: Why it was chosen, for the log and the diagnostics.
    """

    engine: str
    device: str
    reason: str


def choose_engine(engine: str, device: str, nodes: Path = NODES_FOLDER) -> Choice:
    """Chooses the engine and the device.

    A GPU that is set by its number is never replaced by the CPU: where it is missing, loading
    fails.

    Args:
        engine: `auto`, or a key of `loading.LOADERS`.
        device: `auto`, `cpu` or `gpu:N`.
        nodes: The folder with the device files.

    Raises:
        ParameterError: `device` has an unknown value.
        EngineError: `engine` is `litert`, and `device` a GPU.
    """
    check_device(device)
    on_gpu = device.startswith('gpu')
    if engine == 'litert' and on_gpu:
        raise EngineError(f'the litert engine has no device {device}: set engine to keras')
    if engine != 'auto':
        return Choice(engine, device, 'it is set')
    if on_gpu:
        return Choice('keras', device, f'device is {device}')
    if device == 'cpu':
        return Choice('litert', device, 'device is cpu')
    return _best(nodes)


def _best(nodes: Path) -> Choice:
    """Keras where it can use a GPU, LiteRT everywhere else."""
    missing = _missing(nodes)
    if missing:
        return Choice('litert', 'cpu', missing)
    try:
        backend = load_backend()
    except EngineError as error:
        return Choice('litert', 'cpu', str(error))
    if not backend.gpus():
        return Choice('litert', 'cpu', f'no usable GPU: {backend.why_no_gpu()}')
    return Choice('keras', 'gpu:0', f'{backend.name} can use a GPU')


def _missing(nodes: Path) -> str:
    """What is missing for Keras on a GPU, without importing a library; empty: nothing."""
    if not any(next(nodes.glob(pattern), None) for pattern in GPU_NODES):
        return 'this machine shows no GPU'
    if os.environ.get('CUDA_VISIBLE_DEVICES') in ('', '-1'):
        return 'CUDA_VISIBLE_DEVICES hides the GPU'
    packages = [] if importlib.util.find_spec('keras') else ['keras']
    if not any(importlib.util.find_spec(each) for each in BACKENDS):
        packages.append(' or '.join(BACKENDS))
    return f'there is a GPU, but {" and ".join(packages)} is not installed' if packages else ''
