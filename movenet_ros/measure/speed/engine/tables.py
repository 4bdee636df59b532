"""The tables of what was measured of the networks."""
from __future__ import annotations

from functools import cache

from movenet_ros.engines.models import find_models_dir, load_manifest, read_verified
from movenet_ros.engines.weights.convolutions import read_weights
from movenet_ros.measure.speed.engine.accuracy import EngineAccuracy
from movenet_ros.measure.speed.engine.candidates import Candidate, Combination
from movenet_ros.measure.speed.engine.measured import Measured
from movenet_ros.measure.speed.result import Table
from movenet_ros.measure.speed.timing import MILLISECONDS

HEAD = ('network', 'engine', 'precision')

SUMMARY_TEXT = """\
Pictures per call: {batch}. `times LiteRT`: how many times as long LiteRT takes for the same call
with float32 and as many threads, those of the first time in the row; median of the ratios of calls
that took turns. Start-up and memory: what a process that has NumPy, OpenCV and the pipeline takes
in addition until its first result."""
AP_TEXT = """ AP: of
the mode `{modes}`. Loss: against float32 with the same engine. Difference: how far published
keypoints lie from those with LiteRT and float32, where COCO annotates one, in pixels of the
picture."""
CALLS_TEXT = """\
Calls of the bare network, decoding included, with real pictures; all rows take turns. MultiPose
sees 256x256 pixels here. CPU: time of all threads per call."""
START_TEXT = """\
Medians of fresh processes. Load: importing the runtime and loading the network; first call: with
one picture, on as many threads as in the first row of the network above. Memory: what the process
holds then, less what it held before; private is what no other process has mapped."""
ACCURACY_TEXT = """\
What the pipeline publishes of annotated pictures, in the modes of `movenet evaluate`; a
single-person network sees the pictures of exactly one person. Loss and difference as above."""
LIMITS_TEXT = """\
What the device reaches with Keras, by the same way in and out: products of large
matrices; the start of one operation in a program; a program with next to nothing in it."""
BOUND_TEXT = """\
`arithmetic`: what a call would take at the rate of the matrix product. `starts`: what starting the
network's convolutions takes, one by one. Where p50 is near the larger of the two, little is left to
gain on this device; far above both, it waits for memory or copies. The share is that of the matrix
product's rate."""


def tables(measured: Measured) -> tuple[Table, ...]:
    """All tables: the summary, then what it is made of."""
    found = [_summary(measured), _calls(measured), _starts(measured)]
    if measured.accuracy:
        found.append(_accuracy(measured))
    if measured.limits:
        found += _limits(measured)
    return tuple(found)


def _summary(measured: Measured) -> Table:
    ms = tuple(f'p50, {count} thread{"s" if count > 1 else ""} [ms]' for count in measured.threads)
    ap = ('AP', 'loss', 'difference p50 [px]', 'p99 [px]') if measured.accuracy else ()
    text = SUMMARY_TEXT.format(batch=measured.batch)
    if measured.accuracy:
        modes = dict.fromkeys(found[-1].mode for found in measured.accuracy.values())
        text += AP_TEXT.format(modes='`, `'.join(modes))
    return Table('Engines and precisions', (
        *HEAD, *ms, 'times LiteRT', 'start-up [s]', 'private [MB]', 'Rss [MB]', *ap),
        tuple(_summary_row(each, measured) for each in measured.starts), text)


def _summary_row(combination: Combination, measured: Measured) -> tuple[object, ...]:
    found = [measured.find(combination, count, measured.batch) for count in measured.threads]
    called = [each for each in found if each]
    times = measured.speedup(called[0]) if called else None
    start = measured.starts[combination]
    row = (*combination.key(),
           *(measured.timer.spent(each.name).p50 if each else None for each in found),
           times.median if times else None, start.total, start.private, start.rss)
    return (*row, *_accuracy_row(measured.accuracy[combination][-1])) if measured.accuracy else row


def _calls(measured: Measured) -> Table:
    rows = []
    for each in measured.candidates:
        spent = measured.timer.spent(each.name)
        rows.append((*each.key(), spent.p50, spent.p95, spent.p99, spent.cpu,
                     each.batch * MILLISECONDS / spent.p50, each.gflop / spent.p50))
    return Table('Bare networks', (
        *HEAD, 'threads', 'batch', 'p50 [ms]', 'p95 [ms]', 'p99 [ms]', 'CPU [ms]', 'pictures/s',
        'TFLOP/s'), tuple(rows), CALLS_TEXT)


def _starts(measured: Measured) -> Table:
    return Table('Start-up and memory', (
        *HEAD, 'load [s]', 'first call [s]', 'private [MB]', 'Rss [MB]'),
        tuple((*each.key(), start.load, start.first_call, start.private, start.rss)
              for each, start in measured.starts.items()), START_TEXT)


def _accuracy(measured: Measured) -> Table:
    return Table('Accuracy', (
        *HEAD, 'mode', 'images', 'people', 'AP', 'loss', 'difference p50 [px]', 'p99 [px]'),
        tuple((*combination.key(), mode.mode, mode.images, mode.people, *_accuracy_row(mode))
              for combination, modes in measured.accuracy.items() for mode in modes),
        ACCURACY_TEXT)


def _accuracy_row(mode: EngineAccuracy) -> tuple[object, ...]:
    return mode.ap, mode.loss, *(mode.difference or (None, None))


def _limits(measured: Measured) -> list[Table]:
    reached = Table('What the device reaches', (
        'numbers', 'matrix', 'TFLOP/s', 'one start [ms]', 'empty call [ms]'),
        tuple((limit.dtype, limit.side, limit.tflops, limit.start, limit.call)
              for limit in measured.limits.values()), LIMITS_TEXT)
    bounds = Table('What bounds the networks', (
        *HEAD, 'threads', 'batch', 'p50 [ms]', 'arithmetic [ms]', 'starts [ms]',
        'share of the rate'),
        tuple(_bound(each, measured) for each in measured.candidates if _has_limit(each, measured)),
        BOUND_TEXT)
    return [reached, bounds]


def _has_limit(candidate: Candidate, measured: Measured) -> bool:
    combination = candidate.combination
    return combination.engine == 'keras' and combination.precision in measured.limits


def _bound(candidate: Candidate, measured: Measured) -> tuple[object, ...]:
    """What Keras takes, against what the device reaches with the same type of number."""
    limit = measured.limits[candidate.combination.precision]
    p50 = measured.timer.spent(candidate.name).p50
    return (*candidate.key(), p50, candidate.gflop / limit.tflops,
            _convolutions(candidate.combination.model) * limit.start,
            candidate.gflop / p50 / limit.tflops)


@cache
def _convolutions(model: str) -> int:
    """How many convolutions a network has; each is an operation at least."""
    entry = load_manifest(find_models_dir()).entry(model)
    return len(read_weights(read_verified(entry), entry.path))
