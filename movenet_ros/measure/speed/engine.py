"""What the networks take by themselves."""
from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import find
from movenet_ros.core.network import Network
from movenet_ros.core.resample import to_rgb
from movenet_ros.engines.models import find_models_dir, load_manifest, read_verified
from movenet_ros.engines.weights.convolutions import read_weights
from movenet_ros.measure.speed.device import Limit, device_limits
from movenet_ros.measure.speed.options import TITLES, Log, Options
from movenet_ros.measure.speed.result import Part, Table
from movenet_ros.measure.speed.scenes import scene
from movenet_ros.measure.speed.timing import MILLISECONDS, Interleaved, Spent, numbers, rounds

GFLOP = {'lightning': 0.548, 'thunder': 2.459, 'multipose': 1.965}
"""Arithmetic of a picture; a multiply-add is two. Of MultiPose: at 256x256."""
GIGA_PER_TERA = 1000.0
MULTIPOSE_SIDE = 256

TEXT = """\
Calls of the bare network, decoding included, with real pictures; all rows take turns. MultiPose
sees 256x256 pixels here. CPU: time of all threads per call."""
LIMITS_TEXT = """\
What the device reaches with the same library, by the same way in and out: products of large
matrices; the start of one operation in a program; a program with next to nothing in it."""
BOUND_TEXT = """\
`arithmetic`: what a call would take at the rate of the matrix product. `starts`: what starting the
network's convolutions takes, one by one. Where p50 is near the larger of the two, little is left to
gain on this device; far above both, it waits for memory or copies. The share is that of the matrix
product's rate."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """One way to run one network.

    Attributes:
        model: Its name.
        precision: What it computes in.
        batch: Pictures per call.
        network: Loaded.
        pictures: uint8 [B,S,S,3], what it is shown.
    """

    model: str
    precision: str
    batch: int
    network: Network
    pictures: NDArray[np.uint8]

    @property
    def name(self) -> str:
        """Its own among all."""
        return f'{self.model} {self.precision} {self.network.info.threads} {self.batch}'

    def key(self) -> tuple[object, ...]:
        """The first columns of its row."""
        return (TITLES[self.model], self.precision, self.network.info.threads, self.batch)

    @property
    def gflop(self) -> float:
        """Arithmetic of a call."""
        return GFLOP[self.model] * self.batch

    def row(self, spent: Spent) -> tuple[object, ...]:
        """Its row, and what it took."""
        return (*self.key(), spent.p50, spent.p95, spent.p99, spent.cpu,
                self.batch * MILLISECONDS / spent.p50, self.tflops(spent))

    def tflops(self, spent: Spent) -> float:
        """The rate of its arithmetic [TFLOP/s]."""
        return self.gflop / spent.p50

    def bound(self, spent: Spent, limit: Limit) -> tuple[object, ...]:
        """Its row, against what the device reaches."""
        return (*self.key(), spent.p50, self.gflop / limit.tflops,
                _convolutions(self.model) * limit.start, self.tflops(spent) / limit.tflops)


def measure_engine(options: Options, log: Log) -> Part:
    """Measures the networks by themselves, and with Keras what the device reaches.

    Args:
        options: What to measure.
        log: Takes lines on the progress.

    Raises:
        MovenetError: A network or the sample clips cannot be loaded.
    """
    limits: dict[str, Limit] = {}
    with ExitStack() as stack:
        candidates = _load(options, stack)
        # After the networks, which settle how many threads the library has.
        if options.engine == 'keras':
            log('engine: what the device reaches')
            limits = device_limits(options.device)
        log(f'engine: {len(candidates)} settings')
        timer = Interleaved()
        calls = {each.name: partial(each.network.infer, each.pictures) for each in candidates}
        for call in calls.values():
            call()  # Compiled and warmed up.
        for _ in rounds(options.seconds * len(candidates)):
            timer.round(calls)
    spent = [(each, timer.spent(each.name)) for each in candidates]
    return Part('engine', _tables(spent, limits), data={
        'engine': candidates[0].network.info.engine, 'device': candidates[0].network.info.device,
        'batches': list(options.batches) if len(options.batches) > 1 else [],
        'settings': [{'model': each.model, 'precision': each.precision, 'batch': each.batch,
                      'threads': each.network.info.threads, 'ms': numbers(taken),
                      'tflops': each.tflops(taken)} for each, taken in spent],
        'limits': {dtype: asdict(limit) for dtype, limit in limits.items()}})


def _load(options: Options, stack: ExitStack) -> list[Candidate]:
    candidates = []
    for model in options.models or find('model').choices:
        for precision in options.precisions:
            for threads in options.threads:
                network = options.load(model, threads, precision)
                stack.callback(network.close)
                candidates += [Candidate(model, network.info.precision, batch, network,
                                         _pictures(model, network, batch, options.clip))
                               for batch in options.batches]
    return candidates


def _pictures(model: str, network: Network, batch: int, clip: Path | None) -> NDArray[np.uint8]:
    """uint8 [B,S,S,3]: the first images of the scene, again and again."""
    side = network.info.input_size or MULTIPOSE_SIDE
    shown = [to_rgb(picture.pixels, picture.order)
             for picture in scene(model, (side, side), clip)]
    return np.stack([shown[index % len(shown)] for index in range(batch)])


def _tables(spent: list[tuple[Candidate, Spent]], limits: dict[str, Limit]) -> tuple[Table, ...]:
    head = ('network', 'precision', 'threads', 'batch')
    tables = [Table('Bare networks', (
        *head, 'p50 [ms]', 'p95 [ms]', 'p99 [ms]', 'CPU [ms]', 'pictures/s', 'TFLOP/s'),
        tuple(each.row(taken) for each, taken in spent), TEXT)]
    if limits:
        tables.append(Table('What the device reaches', (
            'numbers', 'matrix', 'TFLOP/s', 'one start [ms]', 'empty call [ms]'),
            tuple((limit.dtype, limit.side, limit.tflops, limit.start, limit.call)
                  for limit in limits.values()), LIMITS_TEXT))
        tables.append(Table('What bounds the networks', (
            *head, 'p50 [ms]', 'arithmetic [ms]', 'starts [ms]', 'share of the rate'),
            tuple(each.bound(taken, limits[each.precision]) for each, taken in spent),
            BOUND_TEXT))
    return tuple(tables)


@cache
def _convolutions(model: str) -> int:
    """How many convolutions a network has; each is an operation at least."""
    entry = load_manifest(find_models_dir()).entry(model)
    return len(read_weights(read_verified(entry), entry.path))
