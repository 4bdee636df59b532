"""Tables and targets from what was measured of the node."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from movenet_ros.measure.speed.node.options import NodeOptions
from movenet_ros.measure.speed.node.statistics import Burst, Calls, middle, percentile, pooled
from movenet_ros.measure.speed.result import Part, Table, Target

HOP, NODE, BASELINE = 'bare hop', 'node', 'straightforward node'
FASTER = 'node, 60 Hz'
DRAWING = 'straightforward, drawing'
TENSORFLOW = 'straightforward, TensorFlow'
NO_PROFILE = 'straightforward, no profile'
ORDER = (HOP, NODE, FASTER, BASELINE, DRAWING, TENSORFLOW, NO_PROFILE)
KEYS = {HOP: 'hop', NODE: 'node', BASELINE: 'baseline'}

MOST_ADDED = {'vga': 1.0, '1080p': 1.5}  # ms
MOST_CPU = 1.35
LEAST_LATENCY_RATIO, LEAST_CPU_RATIO = 3.0, 2.0

LATENCY_TEXT = """\
Lightning; camera, whoever answers and receiver are processes of their own, on Fast DDS. The \
camera publishes frames of a clip reliably at 30 Hz (60 in one row), stamped just before, with the \
large-image profile but where it says otherwise. Published: by the middleware's own time stamp; \
received: when the subscriber's callback in Python has the message. The bare hop is a subscriber \
to the images that does nothing. CPU: of all threads of the process that answers, per answer. The \
straightforward node: subscription and publisher of depth 10, reliable; a copy of the image as \
cv_bridge makes it, all of it turned to RGB, scaled by OpenCV and padded to 192x192; the same \
model file in the runtime with default settings; a loop over the keypoints into the same message; \
no tracking, no filter, no crop, nothing logged. TensorFlow (where it is installed): the network \
as a TensorFlow graph on all CPUs, the image scaled by tf.image.resize_with_pad. Drawing: the \
keypoints drawn on the image, which is published too; it has no subscriber."""

ADDED_TEXT = """\
Medians over the rounds of what was measured within one. The engine: the network alone, in a \
process of its own. Added: latency from stamp to received, less the bare hop and an engine call at \
30 Hz (both p50). CPU: per image, over that of an engine call at 30 Hz."""

PEAK_TEXT = """\
The highest rate of the camera at which less than 5 % of the images are not processed, in bursts \
of at most a second. Overload: the node at one and a half times its peak."""


@dataclass
class Measured:
    """What is collected about the node.

    Attributes:
        bursts: By node, and size; one per round.
        calls: Of the engine at 30 Hz, by the size that was measured beside; one per round.
        back_to_back: Of the engine, one after the other.
        peaks: By node, and size [Hz].
        overload: Of a camera that is faster than the node, by size.
    """

    bursts: dict[tuple[str, str], list[Burst]] = field(default_factory=lambda: defaultdict(list))
    calls: dict[str, list[Calls]] = field(default_factory=lambda: defaultdict(list))
    back_to_back: Calls = field(default_factory=lambda: Calls((), ()))
    peaks: dict[tuple[str, str], float] = field(default_factory=dict)
    overload: dict[str, Burst] = field(default_factory=dict)

    def response(self, who: str, size: str) -> float:
        """Time from receiving an image to the receiver's having the answer, p50 [ms]."""
        return max(1.0, middle(pooled(self.bursts[who, size]).received)
                   - middle(pooled(self.bursts[HOP, size]).received))

    def added(self, size: str) -> float:
        """What the node adds to the bare hop and the engine's call [ms]."""
        return middle([
            middle(node.received) - middle(hop.received) - middle(calls.wall)
            for hop, node, calls in zip(self.bursts[HOP, size], self.bursts[NODE, size],
                                        self.calls[size], strict=True)])

    def cpu_ratio(self, size: str) -> float:
        """CPU time of the node over that of the engine's call."""
        return middle([node.cpu_per_answer / calls.cpu_per_call for node, calls in zip(
            self.bursts[NODE, size], self.calls[size], strict=True)])

    def over_ours(self, who: str, size: str, number: Callable[[Burst], float]) -> float:
        """A number of a straightforward node, over that of ours."""
        return middle([number(plain) / number(node) for plain, node in zip(
            self.bursts[who, size], self.bursts[NODE, size], strict=True)])


def report(options: NodeOptions, measured: Measured) -> Part:
    """The part of the report that tells about the node."""
    latency = {size: {key: [round(ms, 3) for ms in pooled(measured.bursts[who, size]).received]
                      for who, key in KEYS.items()} for size in options.sizes}
    return Part('node', (_latency_table(options, measured), _added_table(options, measured),
                         _peak_table(options, measured)),
                tuple(_targets(options, measured)), {'latency_ms': latency})


def _latency_table(options: NodeOptions, measured: Measured) -> Table:
    rows = []
    for size in options.sizes:
        for who in ORDER:
            if bursts := measured.bursts.get((who, size)):
                burst = pooled(bursts)
                rows.append((size, who, len(burst.stamps), 100.0 * burst.dropped,
                             *_percentiles(burst.sent), *_percentiles(burst.received),
                             burst.cpu_per_answer))
    return Table('Over DDS', (
        'size', 'what', 'images', 'dropped [%]', 'published p50 [ms]', 'p95 [ms]', 'p99 [ms]',
        'received p50 [ms]', 'p95 [ms]', 'p99 [ms]', 'CPU [ms]'), tuple(rows), LATENCY_TEXT)


def _added_table(options: NodeOptions, measured: Measured) -> Table:
    rows = []
    for size in options.sizes:
        calls = measured.calls[size]
        rows.append((
            size, middle([w for c in calls for w in c.wall]),
            middle([c.cpu_per_call for c in calls]), middle(measured.back_to_back.wall),
            measured.added(size), measured.cpu_ratio(size),
            measured.over_ours(BASELINE, size, _latency),
            measured.over_ours(BASELINE, size, _cpu)))
    return Table('What the node adds, and saves', (
        'size', 'engine p50 at 30 Hz [ms]', 'CPU [ms]', 'back to back p50 [ms]', 'added [ms]',
        'CPU, node / engine', 'latency, straightforward / node', 'CPU, straightforward / node'),
        tuple(rows), ADDED_TEXT)


def _peak_table(options: NodeOptions, measured: Measured) -> Table:
    rows = []
    for size in options.sizes:
        load = measured.overload[size]
        rows.append((size, measured.peaks[NODE, size], measured.peaks[BASELINE, size], load.rate,
                     load.processed_rate, load.interval, *_percentiles(load.received)))
    return Table('Peak rate and overload', (
        'size', 'node [Hz]', 'straightforward node [Hz]', 'overload [Hz]', 'processed [Hz]',
        'per answer [ms]', 'received p50 [ms]', 'p95 [ms]', 'p99 [ms]'), tuple(rows), PEAK_TEXT)


def _targets(options: NodeOptions, measured: Measured) -> list[Target]:
    note = f'median of {options.rounds} rounds'

    def target(name: str, size: str, number: Callable[[str], float], limit: float,
               unit: str = '') -> Target:
        if size not in options.sizes:
            return Target(name, None, limit, unit, note=f'{size} was not asked for')
        return Target(name, number(size), limit, unit, note=note)

    found = [
        *(target(f'{size} at 30 Hz: what the node adds to the bare hop and the engine call, p50',
                 size, measured.added, limit, 'ms') for size, limit in MOST_ADDED.items()),
        target('vga at 30 Hz: CPU time of the node over that of the engine calls', 'vga',
               measured.cpu_ratio, MOST_CPU)]
    for who, runtime in RUNTIMES.items():
        for what, number, limit in SAVED:
            for size in options.sizes:
                name = f'{size} at 30 Hz: {what} of the straightforward node on {runtime} over ours'
                if measured.bursts.get((who, size)):
                    value = measured.over_ours(who, size, number)
                    found.append(Target(name, value, limit, at_least=True, note=note))
                else:
                    found.append(Target(name, None, limit, at_least=True,
                                        note=f'{runtime} is not installed'))
    return found


def _latency(burst: Burst) -> float:
    return middle(burst.received)


def _cpu(burst: Burst) -> float:
    return burst.cpu_per_answer


def _percentiles(values: list[float]) -> tuple[float, float, float]:
    return percentile(values, 50.0), percentile(values, 95.0), percentile(values, 99.0)


RUNTIMES = {BASELINE: 'LiteRT', TENSORFLOW: 'TensorFlow'}
SAVED: tuple[tuple[str, Callable[[Burst], float], float], ...] = (
    ('latency', _latency, LEAST_LATENCY_RATIO), ('CPU time', _cpu, LEAST_CPU_RATIO))
