"""Tables and targets from what was measured of the node."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from movenet_ros.measure.speed.node.options import NodeOptions
from movenet_ros.measure.speed.node.statistics import Burst, Calls, middle, percentile, pooled
from movenet_ros.measure.speed.result import Part, Table, Target

HOP, NODE, BASELINE = 'bare hop', 'node', 'straightforward node'
HOP_OUT = 'bare hop of poses'
FASTER = 'node, 60 Hz'
DRAWING = 'straightforward, drawing'
TENSORFLOW = 'straightforward, TensorFlow'
NO_PROFILE = 'straightforward, no profile'
ORDER = (HOP, HOP_OUT, NODE, FASTER, BASELINE, DRAWING, TENSORFLOW, NO_PROFILE)
KEYS = {HOP: 'hop', NODE: 'node', BASELINE: 'baseline'}

FLOOR_SIZE = 'vga'
MOST_LATENCY, MOST_CPU = 1.10, 1.05  # times the floor
SAME_ENGINE = {'litert': BASELINE, 'keras': TENSORFLOW}
"""By engine: the straightforward node on it, than which ours is to be no slower."""

LATENCY_TEXT = """\
Lightning; camera, whoever answers and receiver are processes of their own, on Fast DDS. The \
camera publishes frames of a clip reliably at 30 Hz (60 in one row), stamped just before, with \
the large-image profile but where it says otherwise. Published: by the middleware's own time \
stamp; received: when the subscriber's callback in Python has the message. The bare hop is a \
subscriber to the images that does nothing; that of poses, a publisher of the node's message with \
one person that does nothing else. CPU: of all threads of the process that answers, per answer; \
of the hop of poses, that of the publisher. The straightforward node: subscription and publisher \
of depth 10, reliable; a copy of the image as cv_bridge makes it, all of it turned to RGB, scaled \
by OpenCV and padded to 192x192; the same model file in the runtime with default settings; a loop \
over the keypoints into the same message; no tracking, no filter, no crop, nothing logged. \
TensorFlow (where it is installed): the network as a TensorFlow graph on all CPUs, the image \
scaled by tf.image.resize_with_pad. Drawing: the keypoints drawn on the image, which is published \
too; it has no subscriber."""

ADDED_TEXT = """\
Medians over the rounds of what was measured within one. The engine: the network alone, in a \
process of its own. The floor: a bare hop of the image, an engine call at 30 Hz and a bare hop of \
poses, added up; no node in rclpy takes less. Latency: from stamp to received, p50."""

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

    def latency_floor(self, size: str) -> list[float]:
        """Latency of both bare hops and an engine call together, in each round [ms]."""
        return [_latency(hop) + middle(calls.wall) + _latency(hop_out)
                for hop, calls, hop_out in self._floor(size)]

    def cpu_floor(self, size: str) -> list[float]:
        """CPU time of both bare hops and an engine call together, in each round [ms]."""
        return [_cpu(hop) + calls.cpu_per_call + _cpu(hop_out)
                for hop, calls, hop_out in self._floor(size)]

    def _floor(self, size: str) -> Iterator[tuple[Burst, Calls, Burst]]:
        return zip(self.bursts[HOP, size], self.calls[size], self.bursts[HOP_OUT, size],
                   strict=True)

    def latency_over_floor(self, size: str) -> float:
        """Latency of the node over its floor."""
        return middle([_latency(node) / floor for node, floor in zip(
            self.bursts[NODE, size], self.latency_floor(size), strict=True)])

    def cpu_over_floor(self, size: str) -> float:
        """CPU time of the node over its floor."""
        return middle([_cpu(node) / floor for node, floor in zip(
            self.bursts[NODE, size], self.cpu_floor(size), strict=True)])

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
            middle(measured.latency_floor(size)), measured.latency_over_floor(size),
            middle(measured.cpu_floor(size)), measured.cpu_over_floor(size),
            measured.over_ours(BASELINE, size, _latency),
            measured.over_ours(BASELINE, size, _cpu)))
    return Table('The node, its floor and the straightforward node', (
        'size', 'engine p50 at 30 Hz [ms]', 'CPU [ms]', 'back to back p50 [ms]',
        'floor of latency [ms]', 'latency, node / floor', 'floor of CPU [ms]', 'CPU, node / floor',
        'latency, straightforward / node', 'CPU, straightforward / node'),
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

    def target(name: str, size: str, number: Callable[[str], float], limit: float) -> Target:
        if size not in options.sizes:
            return Target(name, None, limit, note=f'{size} was not asked for')
        return Target(name, number(size), limit, note=note)

    other = SAME_ENGINE.get(options.engine, '')
    return [
        target(f'{FLOOR_SIZE} at 30 Hz: latency over that of hop in, engine call and hop out, p50',
               FLOOR_SIZE, measured.latency_over_floor, MOST_LATENCY),
        target(f'{FLOOR_SIZE} at 30 Hz: CPU time over that of hop in, engine call and hop out',
               FLOOR_SIZE, measured.cpu_over_floor, MOST_CPU),
        *(Target(f'{size} at 30 Hz: latency over that of the straightforward node on '
                 f'{options.engine}', 1.0 / measured.over_ours(other, size, _latency), 1.0,
                 note=note)
          for size in options.sizes if measured.bursts.get((other, size)))]


def _latency(burst: Burst) -> float:
    return middle(burst.received)


def _cpu(burst: Burst) -> float:
    return burst.cpu_per_answer


def _percentiles(values: list[float]) -> tuple[float, float, float]:
    return percentile(values, 50.0), percentile(values, 95.0), percentile(values, 99.0)
