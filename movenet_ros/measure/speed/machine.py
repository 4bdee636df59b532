"""What the numbers were measured on, and with which versions."""
from __future__ import annotations

import os
import platform
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from movenet_ros.engines.keras.backends import load_backend
from movenet_ros.engines.models import find_models_dir, load_manifest
from movenet_ros.engines.processor import Processor, this_processor
from movenet_ros.errors import EngineError

GIB = 1 << 30
BUSY = 0.25
"""A load per core that spoils what is measured."""
PACKAGES = ('movenet_ros', 'numpy', 'opencv-python-headless', 'opencv-python', 'ai-edge-litert',
            'openvino', 'onnxruntime',
            'onnxruntime-gpu', 'keras', 'tensorflow', 'tensorflow-cpu', 'jax', 'torch', 'rclpy')
UNKNOWN = 'unknown'
INSTRUCTIONS = {
    'VNNI': ('avx512_vnni', 'avx_vnni'), 'AVX512-BF16': ('avx512_bf16',),
    'AVX512-FP16': ('avx512_fp16',), 'AMX': ('amx_bf16', 'amx_int8'), 'dotprod': ('asimddp',),
    'ARM FP16': ('asimdhp',), 'ARM BF16': ('bf16',)}
"""Instructions for lower precision, by their makers' names, and Linux's names for them."""


@dataclass(frozen=True)
class Machine:
    """What was measured on.

    Attributes:
        cpu: Its name.
        cores: How many this process may use.
        memory: In all [GiB].
        system: Kernel and architecture.
        python: Implementation and version.
        load: How many processes wanted to run before, on average over a minute.
        gpus: Names of the GPUs that Keras sees; empty where it was not asked.
        versions: Of what is installed, by package.
        models: SHA-256 of the model files, by network.
        instructions: For lower precision, keys of `INSTRUCTIONS`.
    """

    cpu: str
    cores: int
    memory: float
    system: str
    python: str
    load: float
    gpus: tuple[str, ...]
    versions: dict[str, str]
    models: dict[str, str]
    instructions: tuple[str, ...] = ()

    @property
    def busy(self) -> str:
        """A warning, where something else ran here before; empty elsewhere."""
        if self.load <= BUSY * self.cores:
            return ''
        return (f'something else is running here: {self.load:.1f} processes on {self.cores} cores '
                'before the start; ratios can be read, times and rates are unreliable')


def this_machine(engines: Collection[str] = ()) -> Machine:
    """Looks around.

    Args:
        engines: With `keras` among them, the library is asked for its GPUs, which loads it.

    Raises:
        MovenetError: The models are not there.
    """
    manifest = load_manifest(find_models_dir())
    processor = this_processor()
    return Machine(
        # arm64 kernels do not always give a name
        cpu=processor.name or platform.processor() or UNKNOWN,
        cores=len(os.sched_getaffinity(0)),
        memory=os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / GIB,
        system=f'{platform.system()} {platform.release()}, {platform.machine()}',
        python=f'{platform.python_implementation()} {platform.python_version()}',
        load=os.getloadavg()[0],
        gpus=_gpus() if 'keras' in engines else (),
        versions={name: found for name in PACKAGES if (found := _version(name))},
        models={name: entry.sha256 for name, entry in manifest.models.items()},
        instructions=instructions(processor))


def instructions(processor: Processor) -> tuple[str, ...]:
    """What a processor has for lower precision: keys of `INSTRUCTIONS`."""
    return tuple(name for name, flags in INSTRUCTIONS.items()
                 if not processor.features.isdisjoint(flags))


def _gpus() -> tuple[str, ...]:
    try:
        return load_backend().gpu_names()
    except EngineError:  # not installed, as loading a network says
        return ()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ''
