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

from movenet_ros.engines.checks import check_device, check_engine_device
from movenet_ros.engines.keras.backends import BACKENDS, load_backend
from movenet_ros.engines.models import FLOAT32
from movenet_ros.engines.precision import has_precision
from movenet_ros.errors import EngineError

# Device files of NVIDIA cards, Jetsons (two generations of drivers), WSL, AMD cards.
GPU_NODES = ('nvidia[0-9]*', 'nvhost-gpu', 'nvgpu', 'dxg', 'kfd')
NODES_FOLDER = Path('/dev')

ON_CPU = {'litert': 'ai_edge_litert', 'openvino': 'openvino', 'onnxruntime': 'onnxruntime',
          'opencv': 'cv2'}
"""The engines that `auto` takes on a CPU, the preferred one first, each with what it imports."""


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


def choose_engine(engine: str, device: str, nodes: Path = NODES_FOLDER,
                  precision: str = FLOAT32) -> Choice:
    """Chooses the engine and the device.

    A GPU that is set by its number is never replaced by the CPU: where it is missing, loading
    fails.

    Args:
        engine: `auto`, or a key of `loading.LOADERS`.
        device: `auto`, `cpu`, `gpu:N`, `tensorrt:N` or `openvino`.
        nodes: The folder with the device files.
        precision: The parameter `precision`: `auto` chooses among the engines that have it.

    Raises:
        ParameterError: `device` has an unknown value.
        EngineError: `engine` has no such device.
    """
    check_device(device)
    if engine != 'auto':
        check_engine_device(engine, device)
        return Choice(engine, device, 'it is set')
    if device.startswith('gpu'):
        return Choice('keras', device, f'device is {device}')
    if device.startswith(('tensorrt', 'openvino')):
        return Choice('onnxruntime', device, f'device is {device}')
    if device == 'cpu':
        return _on_cpu('device is cpu', precision)
    return _best(nodes, precision)


def _best(nodes: Path, precision: str) -> Choice:
    """Keras where it can use a GPU, the first engine for a CPU everywhere else."""
    missing = _missing(nodes)
    if missing:
        return _on_cpu(missing, precision)
    if not has_precision('keras', precision):
        return _on_cpu(f'there is a GPU, but keras has no precision {precision}', precision)
    try:
        backend = load_backend()
    except EngineError as error:
        return _on_cpu(str(error), precision)
    if not backend.gpus():
        return _on_cpu(f'no usable GPU: {backend.why_no_gpu()}', precision)
    return Choice('keras', 'gpu:0', f'{backend.name} can use a GPU')


def _on_cpu(reason: str, precision: str) -> Choice:
    """The first engine for a CPU that is installed and has the precision; without one the first."""
    able = [engine for engine in ON_CPU if has_precision(engine, precision)] or list(ON_CPU)
    engine = next((each for each in able if importlib.util.find_spec(ON_CPU[each])), able[0])
    passed = list(ON_CPU)[:list(ON_CPU).index(engine)]
    whys = (f'{each} is not installed' if each in able else f'{each} has no {precision}'
            for each in passed)
    return Choice(engine, 'cpu', '; '.join((reason, *whys)))


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
