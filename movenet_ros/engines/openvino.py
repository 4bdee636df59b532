"""The OpenVINO engine: CPUs and Intel GPUs, in bfloat16 where the processor computes in it."""

from __future__ import annotations

import importlib
import importlib.metadata
import io
from typing import Any

from movenet_ros.core.network import NetworkInfo
from movenet_ros.engines.checks import not_installed
from movenet_ros.engines.design import DESIGNS
from movenet_ros.engines.models import FLOAT32, ModelEntry
from movenet_ros.engines.onnx.network import Array, OnnxNetwork, Run
from movenet_ros.engines.onnx.writer import INPUT, write_onnx
from movenet_ros.engines.precision import BFLOAT16, FLOAT16, engine_text
from movenet_ros.errors import EngineError

HINTS = {FLOAT32: 'f32', FLOAT16: 'f16', BFLOAT16: 'bf16'}
"""What OpenVINO calls the precisions."""


def load(entry: ModelEntry, *, threads: int, device: str, precision: str,
         reason: str) -> OnnxNetwork:
    """Loads a model.

    Args:
        entry: The model, from the manifest.
        threads: How many CPU threads the network may use, at least 1.
        device: `cpu` or `auto` for the CPU, `gpu:N` for an Intel GPU.
        precision: A key of `HINTS`.
        reason: Why this engine was chosen, for the log.

    Raises:
        ModelError: The file is missing, damaged, or not of this network.
        EngineError: OpenVINO is not installed, sees no such device, rejects the network, or
            would compute in another precision.
    """
    content = write_onnx(entry)
    openvino = _openvino()
    on_gpu = device.startswith('gpu')
    engine = engine_text(f'openvino {importlib.metadata.version("openvino")}', precision)
    try:
        core = openvino.Core()
        place = _place(core, device) if on_gpu else 'CPU'
        model = core.read_model(io.BytesIO(content))
        if entry.input_size is not None:
            # Lightning is slower where height and width are free.
            model.reshape({INPUT: [-1, 3, entry.input_size, entry.input_size]})
        compiled = core.compile_model(model, place, _options(place, threads, precision))
    except RuntimeError as error:
        raise EngineError(f'{engine} cannot load {entry.name} on {device} ({error})') from error
    _check_precision(compiled, precision)
    return OnnxNetwork(_runner(compiled, entry), NetworkInfo(
        model=entry.name,
        engine=engine,
        device=device if on_gpu else 'cpu',
        threads=threads if on_gpu else int(compiled.get_property('INFERENCE_NUM_THREADS')),
        sha256=entry.sha256,
        input_size=entry.input_size,
        # On a CPU four pictures take as long as four times one; on a GPU it was not measured.
        batches=False,
        reason=reason,
        precision=precision,
    ))


def _openvino() -> Any:
    try:
        return importlib.import_module('openvino')
    except ImportError as error:
        raise not_installed('openvino', 'openvino', error) from error


def _place(core: Any, device: str) -> str:
    """OpenVINO's name of a GPU."""
    place = f'GPU.{device.partition(":")[2]}'
    # A single one is listed without a number.
    if place not in (name if '.' in name else f'{name}.0' for name in core.available_devices):
        raise EngineError(
            f'there is no device {device} (OpenVINO sees {", ".join(core.available_devices)}): '
            'set device to cpu, or install the driver of the Intel GPU')
    return place


def _options(place: str, threads: int, precision: str) -> dict[str, Any]:
    # By itself OpenVINO computes in what is fastest on the processor.
    options = {'PERFORMANCE_HINT': 'LATENCY', 'INFERENCE_PRECISION_HINT': HINTS[precision]}
    if place != 'CPU':
        return options
    # Pinned threads would stay on the cores on which other nodes of the robot run.
    return options | {'INFERENCE_NUM_THREADS': threads, 'ENABLE_CPU_PINNING': False}


def _check_precision(compiled: Any, precision: str) -> None:
    found = compiled.get_property('INFERENCE_PRECISION_HINT').get_type_name()
    if found != HINTS[precision]:
        raise EngineError(f'OpenVINO computes in {found} here, not in {precision}: set precision '
                          f'to {FLOAT32}')


def _runner(compiled: Any, entry: ModelEntry) -> Run:
    request = compiled.create_infer_request()
    heads = [compiled.output(head) for head in DESIGNS[entry.name].heads]

    def run(pictures: Array) -> list[Array]:
        # The results are views of the request's memory, which no value returned refers to.
        results = request.infer([pictures], share_inputs=True, share_outputs=True)
        return [results[head] for head in heads]

    return run
