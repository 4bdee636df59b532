"""What lower precision is to gain, and may cost."""
from __future__ import annotations

from collections.abc import Iterator

from movenet_ros.measure.speed.engine.accuracy import FLOAT32
from movenet_ros.measure.speed.engine.candidates import Combination
from movenet_ros.measure.speed.engine.measured import Measured
from movenet_ros.measure.speed.options import TITLES
from movenet_ros.measure.speed.result import Target

TIMES = {
    ('litert', 'int8'): {'lightning': 1.5, 'thunder': 1.8, 'multipose': 1.5},
    ('openvino', 'bfloat16'): {'lightning': 2.0, 'thunder': 2.4, 'multipose': 1.9},
}
"""How many times as fast as LiteRT with float32, on one thread."""
MOST_LOSS = 0.01
"""Of AP."""
THREADS = 1


def targets(measured: Measured) -> tuple[Target, ...]:
    """Those of what was measured."""
    return (*_speeds(measured), *_losses(measured))


def _speeds(measured: Measured) -> Iterator[Target]:
    for combination in measured.starts:
        limit = TIMES.get((combination.engine, combination.precision), {}).get(combination.model)
        candidate = measured.find(combination, THREADS, measured.batch)
        times = measured.speedup(candidate) if candidate else None
        if limit is None or times is None:
            continue
        yield Target(f'{_name(combination)}: times as fast as litert float32, {THREADS} thread',
                     times.median, limit, at_least=True, note=f'median of {times.rounds} rounds')


def _losses(measured: Measured) -> Iterator[Target]:
    for combination, modes in measured.accuracy.items():
        losses = [mode.loss for mode in modes if mode.loss is not None]
        if combination.precision == FLOAT32 or not losses:
            continue
        yield Target(f'{_name(combination)}: loss of AP', max(losses), MOST_LOSS,
                     note=f'{modes[0].people} people; the largest of {len(losses)} modes')


def _name(combination: Combination) -> str:
    return f'{TITLES[combination.model]}, {combination.runtime}'
