"""What lower precision is to gain, and may cost."""
from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from movenet_ros.engines.models import FLOAT32
from movenet_ros.engines.precision import MOST_LOSS
from movenet_ros.engines.processor import Processor
from movenet_ros.measure.speed.engine.candidates import Combination
from movenet_ros.measure.speed.engine.measured import Measured
from movenet_ros.measure.speed.machine import instructions
from movenet_ros.measure.speed.options import TITLES
from movenet_ros.measure.speed.result import Target


@dataclass(frozen=True)
class SpeedLimit:
    """How many times as fast as LiteRT with float32 an engine is to be with another precision.

    Attributes:
        instructions: What the processor must have for that, a key of `machine.INSTRUCTIONS`.
        times: By model, on one thread.
    """

    instructions: str
    times: Mapping[str, float]


LIMITS = {
    ('litert', 'int8'): SpeedLimit('VNNI', {'lightning': 1.5, 'thunder': 1.8, 'multipose': 1.5}),
    ('openvino', 'bfloat16'): SpeedLimit('AMX', {
        'lightning': 2.0, 'thunder': 2.4, 'multipose': 1.9}),
}
"""By engine and precision."""
THREADS = 1


def targets(measured: Measured, processor: Processor) -> tuple[Target, ...]:
    """Those of what was measured, on this processor."""
    return (*_speeds(measured, instructions(processor)), *_losses(measured))


def _speeds(measured: Measured, here: Collection[str]) -> Iterator[Target]:
    for combination in measured.starts:
        limit = LIMITS.get((combination.engine, combination.precision))
        candidate = measured.find(combination, THREADS, measured.batch)
        times = measured.speedup(candidate) if candidate else None
        if limit is None or times is None:
            continue
        name = f'{_name(combination)}: times as fast as litert float32, {THREADS} thread'
        note = f'median of {times.rounds} rounds'
        value: float | None = times.median
        if limit.instructions not in here:
            value, note = None, (f'it is for processors with {limit.instructions}; on this one '
                                 f'{times.median:.2f}')
        yield Target(name, value, limit.times[combination.model], at_least=True, note=note)


def _losses(measured: Measured) -> Iterator[Target]:
    for combination, modes in measured.accuracy.items():
        losses = [mode.loss for mode in modes if mode.loss is not None]
        if combination.precision == FLOAT32 or not losses:
            continue
        yield Target(f'{_name(combination)}: loss of AP', max(losses), MOST_LOSS,
                     note=f'{modes[0].people} people; the largest of {len(losses)} modes')


def _name(combination: Combination) -> str:
    return f'{TITLES[combination.model]}, {combination.runtime}'
