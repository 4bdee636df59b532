"""Which precisions each engine has on which processor, and which of them `auto` takes.

float32 is exact and runs everywhere. What a lower precision costs in accuracy is measured, see
docs/precision.md; where no loss is stated, `auto` does not take it.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from movenet_ros.engines.checks import GPU_DEVICES
from movenet_ros.engines.models import FLOAT32, ModelEntry
from movenet_ros.engines.processor import Processor
from movenet_ros.errors import EngineError

AUTO = 'auto'
FLOAT16 = 'float16'
BFLOAT16 = 'bfloat16'
INT8 = 'int8'
MOST_LOSS = 0.01
"""COCO AP that `auto` may lose."""

# Of x86 and ARM, by Linux's names.
NATIVE_FLOAT16 = ('avx512_fp16', 'asimdhp')
NATIVE_BFLOAT16 = ('amx_bf16', 'avx512_bf16')


@dataclass(frozen=True)
class LowPrecision:
    """A precision below float32 that an engine has on a CPU.

    Attributes:
        needs: Features of which the processor must have one to compute in it natively; with none
            listed every processor does.
        gains: Features of which the processor must have one to be faster in it than in float32.
        losses: By model, COCO AP of float32 minus its own, the largest that was measured. A model
            that is not in it has no stated loss.
        has_file: Whether it runs a file of its own, of which the manifest states the loss.
    """

    needs: tuple[str, ...] = ()
    gains: tuple[str, ...] = ()
    losses: Mapping[str, float] = field(default_factory=dict)
    has_file: bool = False

    def runs_on(self, processor: Processor) -> bool:
        """Whether the processor computes in it natively."""
        return not self.needs or not processor.features.isdisjoint(self.needs)

    def loss(self, entry: ModelEntry) -> float | None:
        """The stated loss of a model [AP], if any."""
        if self.has_file:
            return entry.variants[INT8].ap_loss if INT8 in entry.variants else None
        return self.losses.get(entry.name)


# By engine, the fastest first, which `auto` tries in this order.
ON_CPU: Mapping[str, Mapping[str, LowPrecision]] = {
    'litert': {
        INT8: LowPrecision(gains=('avx512_vnni', 'avx_vnni', 'asimddp'), has_file=True),
        FLOAT16: LowPrecision(needs=NATIVE_FLOAT16, gains=NATIVE_FLOAT16, losses={
            'lightning': 0.033, 'thunder': 0.015, 'multipose': 0.002}),
    },
    'openvino': {
        BFLOAT16: LowPrecision(needs=NATIVE_BFLOAT16, gains=NATIVE_BFLOAT16, losses={
            'lightning': 0.015, 'thunder': 0.047, 'multipose': 0.006}),
        FLOAT16: LowPrecision(needs=NATIVE_FLOAT16),
    },
    # On a CPU it is there for comparison: half precision is slower than float32.
    'keras': {FLOAT16: LowPrecision()},
}
# What a GPU gains and loses was not measured, so `auto` takes float32.
ON_GPU: Mapping[str, tuple[str, ...]] = {'keras': (FLOAT16,), 'openvino': (FLOAT16,)}


def engine_text(runtime: str, precision: str) -> str:
    """What a network's `NetworkInfo` says of its engine, e.g. 'litert 2.3.0, int8'."""
    return runtime if precision == FLOAT32 else f'{runtime}, {precision}'


def has_precision(engine: str, precision: str) -> bool:
    """Whether an engine has a precision, on any processor or GPU."""
    lower = (*ON_CPU.get(engine, ()), *ON_GPU.get(engine, ()))
    return precision in (AUTO, FLOAT32, *lower)


def choose_precision(engine: str, device: str, precision: str, entry: ModelEntry,
                     processor: Processor) -> tuple[str, str]:
    """Resolves `auto`, and checks that engine and processor have the precision that is set.

    Args:
        engine: A key of `loading.LOADERS`.
        device: What `checks.check_device` accepts.
        precision: A choice of the parameter `precision`.
        entry: The model.
        processor: The one of this machine.

    Returns:
        A precision other than `auto`, and why it was chosen; empty if it was set.

    Raises:
        EngineError: The engine does not have it, or the processor does not compute in it.
    """
    if precision == AUTO:
        return _fastest(engine, device, entry, processor)
    if precision != FLOAT32:
        _check(engine, device, precision, processor)
    return precision, ''


def _check(engine: str, device: str, precision: str, processor: Processor) -> None:
    on_gpu = device.startswith(GPU_DEVICES)
    lower = ON_GPU.get(engine, ()) if on_gpu else ON_CPU.get(engine, {})
    if precision not in lower:
        others = [other for other in ON_CPU if has_precision(other, precision)]
        remedy = f', or engine to {" or ".join(others)}' if others else ''
        raise EngineError(f'the {engine} engine has no precision {precision} on '
                          f'{"a GPU" if on_gpu else "a CPU"}, only {", ".join([FLOAT32, *lower])}: '
                          f'set precision to one of these{remedy}')
    if not on_gpu and not (found := ON_CPU[engine][precision]).runs_on(processor):
        there = [FLOAT32, *(name for name, low in ON_CPU[engine].items() if low.runs_on(processor))]
        raise EngineError(f'precision {precision} of the {engine} engine needs a processor with '
                          f'{" or ".join(found.needs)}, and this one ({processor}) has '
                          f'{"neither" if len(found.needs) == 2 else "none"}: set precision to '
                          f'{" or ".join(there)}')


def _fastest(engine: str, device: str, entry: ModelEntry,
             processor: Processor) -> tuple[str, str]:
    """The fastest precision whose stated loss is small enough, and why."""
    if device.startswith(GPU_DEVICES):
        return FLOAT32, f'{FLOAT32}, as no loss of another precision on a GPU was measured'
    passed = []
    for name, low in ON_CPU.get(engine, {}).items():
        gains = sorted(processor.features.intersection(low.gains))
        loss = low.loss(entry)
        if not gains or not low.runs_on(processor):
            passed.append(f'{name} is not faster on {processor}')
        elif loss is None:
            passed.append(f'no loss of {name} is stated')
        elif loss > MOST_LOSS:
            passed.append(f'{name} loses {loss:.3f} AP')
        else:
            return name, f'{name} is the fastest with {gains[0]} and loses {max(loss, 0):.3f} AP'
    reasons = ', '.join(passed) or f'the {engine} engine has no other precision'
    return FLOAT32, f'{FLOAT32}, as {reasons}'
