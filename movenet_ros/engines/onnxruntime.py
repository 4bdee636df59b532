"""The ONNX Runtime engine: on the CPU or, by its execution providers, on other devices; float32.

Up to 16 pictures go to it in one call. Which providers there are is decided by which of its
packages is installed: `onnxruntime`, `onnxruntime-gpu`, `onnxruntime-openvino`.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from typing import Any

from movenet_ros.core.network import NetworkInfo
from movenet_ros.engines.checks import not_installed
from movenet_ros.engines.design import DESIGNS
from movenet_ros.engines.models import ModelEntry
from movenet_ros.engines.onnx.network import MOST_PICTURES, OnnxNetwork
from movenet_ros.engines.onnx.writer import INPUT, write_onnx
from movenet_ros.errors import EngineError, MovenetError, one_line

CPU, CUDA = 'CPUExecutionProvider', 'CUDAExecutionProvider'
TENSORRT, OPENVINO = 'TensorrtExecutionProvider', 'OpenVINOExecutionProvider'

PROVIDERS: Mapping[str, str] = {'cpu': CPU, 'gpu': CUDA, 'tensorrt': TENSORRT, 'openvino': OPENVINO}
"""The execution provider of each kind of device."""
PACKAGES: Mapping[str, str] = {'gpu': 'onnxruntime-gpu', 'tensorrt': 'onnxruntime-gpu and tensorrt',
                               'openvino': 'onnxruntime-openvino'}
"""What has to be installed for a device that the installed package has no provider for."""

MULTIPOSE_SIDES = ((32, 32), (192, 256), (1024, 1024))
"""The pictures [px] that TensorRT is prepared for with MultiPose: the smallest, those of a VGA
image, the largest. Other networks have one size."""

ERRORS_ONLY = 3


def load(entry: ModelEntry, *, threads: int, device: str, precision: str,
         reason: str) -> OnnxNetwork:
    """Loads a model, in float32.

    Args:
        entry: The model, from the manifest.
        threads: How many CPU threads the network may use, at least 1.
        device: `cpu`, `gpu:N`, `tensorrt:N`, `openvino`, or `auto` for the first GPU, else the CPU.
        precision: `float32`.
        reason: Why this engine was chosen, for the log.

    Raises:
        ModelError: The file is missing or damaged, or is of another network.
        EngineError: ONNX Runtime is not installed, rejects the network, or cannot use the device.
    """
    runtime = _import_runtime()
    place = device
    if device == 'auto':
        place = 'gpu:0' if CUDA in runtime.get_available_providers() else 'cpu'
    _check_installed(runtime, place)
    session = _open_session(runtime, entry, place, threads)
    provider = PROVIDERS[_kind(place)]
    if provider not in session.get_providers():
        # It says so only on stderr, and takes the CPU.
        if device != 'auto':
            raise EngineError(
                f'{_name(runtime)} cannot use {provider} for device {device} here: the driver and '
                'its libraries must be there and fit it; or set device to cpu')
        place = 'cpu'
    info = NetworkInfo(
        model=entry.name,
        engine=_name(runtime),
        device=place,
        threads=threads,
        sha256=entry.sha256,
        input_size=entry.input_size,
        # On a CPU four pictures take as long as four times one.
        batches=_kind(place) in ('gpu', 'tensorrt'),
        reason=reason,
    )
    heads = DESIGNS[entry.name].heads
    return OnnxNetwork(lambda pictures: session.run(heads, {INPUT: pictures}), info)


def provider_options(device: str, threads: int, input_size: int | None) -> list[tuple[str, Any]]:
    """The execution providers for a device, the preferred one first, and their options.

    Args:
        device: `cpu`, `gpu:N`, `tensorrt:N` or `openvino`.
        threads: How many CPU threads the network may use.
        input_size: Side of the network's input [px]; None for MultiPose.
    """
    number = device.partition(':')[2]
    # The exact products of float32; by default a GPU may shorten the factors (TF32).
    cuda = (CUDA, {'device_id': number, 'use_tf32': '0'})
    match _kind(device):
        case 'gpu':
            return [cuda]
        case 'tensorrt':
            return [(TENSORRT, {'device_id': number, **_profile(input_size)}), cuda]
        case 'openvino':
            return [(OPENVINO, {'device_type': 'CPU', 'precision': 'FP32',
                                'num_of_threads': str(threads)})]
        case _:
            return [(CPU, {})]


def _check_installed(runtime: Any, device: str) -> None:
    """Checks that the installed package has the provider of a device."""
    kind, available = _kind(device), runtime.get_available_providers()
    if PROVIDERS[kind] not in available:
        raise EngineError(
            f'{_name(runtime)} has no {PROVIDERS[kind]}, which device {device} needs, only '
            f'{", ".join(available)}: install {PACKAGES[kind]}, or set device to cpu')


def _open_session(runtime: Any, entry: ModelEntry, device: str, threads: int) -> Any:
    """A session of ONNX Runtime with the network; it may be on the CPU instead."""
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    # Threads that wait for the next picture in a loop would take the time of the node's others.
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    if device.startswith('tensorrt'):
        # It has no option for it, as CUDA has.
        os.environ.setdefault('NVIDIA_TF32_OVERRIDE', '0')
    providers = provider_options(device, threads, entry.input_size)
    try:
        return runtime.InferenceSession(write_onnx(entry), options, providers=providers)
    except MovenetError:
        raise
    except Exception as error:  # Its errors have no common base.
        raise EngineError(
            f'{_name(runtime)} rejects the {entry.name} network on {device} '
            f'({type(error).__name__}: {one_line(error)})') from error


def _profile(input_size: int | None) -> dict[str, str]:
    """The smallest, the usual and the largest batch, for which TensorRT builds its program."""
    sides = ((input_size, input_size),) * 3 if input_size else MULTIPOSE_SIDES
    batches = (1, 1, MOST_PICTURES)
    return {f'trt_profile_{which}_shapes': f'{INPUT}:{batch}x3x{height}x{width}'
            for which, batch, (height, width) in zip(('min', 'opt', 'max'), batches, sides,
                                                     strict=True)}


def _import_runtime() -> Any:
    """ONNX Runtime, imported late because an installation may run another engine."""
    try:
        return importlib.import_module('onnxruntime')
    except ImportError as error:
        raise not_installed('onnxruntime', 'onnxruntime', error) from error


def _name(runtime: Any) -> str:
    return f'onnxruntime {runtime.__version__}'


def _kind(device: str) -> str:
    return device.partition(':')[0]
