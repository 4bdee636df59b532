"""Which engine `auto` means on this machine, and why.

A robot without a GPU must not wait seconds for TensorFlow to be told so, hence the order: first
whether Keras is installed at all and whether the system shows a GPU, which takes no time, and
only then the library that has to use it.
"""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from movenet_ros.engines.checks import check_device
from movenet_ros.engines.keras.backends import BACKENDS, load_backend
from movenet_ros.errors import EngineError

# NVIDIA's cards, its Jetsons (two generations of drivers), the Windows subsystem, AMD's cards.
GPU_NODES = ('nvidia[0-9]*', 'nvhost-gpu', 'nvgpu', 'dxg', 'kfd')
NODES_FOLDER = Path('/dev')


@dataclass(frozen=True)
class Choice:
    """What is going to run.

    Attributes:
        engine: `litert` or `keras`.
        device: What to pass on as `device`.
        reason: Why, for the log and the diagnostics.
    """

    engine: str
    device: str
    reason: str


def choose_engine(engine: str, device: str, nodes: Path = NODES_FOLDER) -> Choice:
    """Settles what `auto` means.

    A GPU that is asked for by its number is not replaced: where it is missing, Keras says so.

    Args:
        engine: `auto`, `litert` or `keras`.
        device: `auto`, `cpu` or `gpu:N`.
        nodes: The folder in which the system shows its devices.

    Raises:
        ParameterError: `device` has an unknown value.
        EngineError: `litert` is asked for on a GPU.
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
    """Keras on a GPU where both are there, LiteRT everywhere else."""
    obstacle = _obstacle(nodes)
    if obstacle:
        return Choice('litert', 'cpu', obstacle)
    try:
        backend = load_backend()
    except EngineError as error:
        return Choice('litert', 'cpu', str(error))
    if not backend.gpus():
        return Choice('litert', 'cpu', f'no usable GPU: {backend.why_no_gpu()}')
    return Choice('keras', 'gpu:0', f'{backend.name} can use a GPU')


def _obstacle(nodes: Path) -> str:
    """What stands against a GPU as far as can be seen without loading anything; empty: nothing."""
    if not any(next(nodes.glob(pattern), None) for pattern in GPU_NODES):
        return 'this machine shows no GPU'
    if os.environ.get('CUDA_VISIBLE_DEVICES') in ('', '-1'):
        return 'CUDA_VISIBLE_DEVICES hides the GPU'
    missing = [] if importlib.util.find_spec('keras') else ['keras']
    if not any(importlib.util.find_spec(each) for each in BACKENDS):
        missing.append(' or '.join(BACKENDS))
    return f'there is a GPU, but {" and ".join(missing)} is not installed' if missing else ''
