"""One node for several cameras."""
from __future__ import annotations

from dataclasses import dataclass, field

from movenet_ros.measure.speed.node.options import Log, NodeOptions
from movenet_ros.measure.speed.node.processes import Process
from movenet_ros.measure.speed.node.rig import Rig, Route
from movenet_ros.measure.speed.node.statistics import Burst, middle, percentile
from movenet_ros.measure.speed.result import Part, Table, Target

COUNTS = (1, 2, 4)
NAMES = ('a', 'b', 'c', 'd')
RATE = 30.0                          # Hz, of each camera
LOAD_RATE = 60.0                     # Hz, of each camera, at least
UNEVEN_RATES = (60.0, 30.0, 15.0, 5.0)
OVERLOAD = 1.25                      # times the engine's rate, at least

MOST_MEMORY = 10.0  # MB a camera
LEAST_SHARE = 0.9   # of the engine's rate

TEXT = """\
Lightning, {size}; one node process, all cameras in one other. At 30 Hz each: latency from stamp \
to received. At full load: each camera at 60 Hz, or as much faster as it takes to ask for {load} \
times what the engine can do back to back (measured in each round); fairness: the smallest \
processed rate of a camera over the largest. Memory: after that; private is what no other process \
has mapped, to which Pss adds the node's share of the transport's shared memory."""

UNEVEN_TEXT = """\
Four cameras of different rates that ask for more than the node can do, scaled up from 60, 30, 15 \
and 5 Hz where those do not."""


@dataclass
class Measured:
    """What is collected.

    Attributes:
        engine_rates: Of the engine, back to back, in each round [Hz].
        moderate: At 30 Hz, by number of cameras: a burst per camera.
        load: At full load, by number of cameras: for each round a burst per camera.
        uneven: A burst per camera.
        memory: By number of cameras; see `Process.memory`.
    """

    engine_rates: list[float] = field(default_factory=list)
    moderate: dict[int, list[Burst]] = field(default_factory=dict)
    load: dict[int, list[list[Burst]]] = field(default_factory=lambda: {n: [] for n in COUNTS})
    uneven: list[Burst] = field(default_factory=list)
    memory: dict[int, dict[str, float]] = field(default_factory=dict)

    def rate(self, count: int) -> float:
        """Images processed at full load, of all cameras [Hz]."""
        return middle([_total(bursts) for bursts in self.load[count]])

    def share(self, count: int) -> float:
        """That, over the engine's rate in the same round."""
        return middle([_total(bursts) / engine for bursts, engine in zip(
            self.load[count], self.engine_rates, strict=True)])

    def fairness(self, count: int) -> float:
        """The fewest images processed of a camera at full load, over the most."""
        counts = [[len(burst.answers) for burst in bursts] for bursts in self.load[count]]
        return middle([min(each) / max(1, *each) for each in counts])

    @property
    def memory_per_camera(self) -> float:
        """What a further camera takes [MB]."""
        few, many = COUNTS[0], COUNTS[-1]
        return (self.memory[many]['private'] - self.memory[few]['private']) / (many - few)


def _total(bursts: list[Burst]) -> float:
    return sum(burst.processed_rate for burst in bursts)


def measure_cameras(options: NodeOptions, log: Log) -> Part:
    """Measures one node with 1, 2 and 4 cameras, at the first of the sizes.

    Args:
        options: How.
        log: Takes lines on the progress.

    Returns:
        Rates, latencies, fairness and memory, and the engine's own rate.

    Raises:
        MovenetError: A process cannot do its part; in its own words.
    """
    measured, size = Measured(), options.sizes[0]
    with Rig(options.clip) as rig:
        log(f'starting nodes for {", ".join(map(str, COUNTS))} cameras')
        for count in COUNTS:
            rig.open(_namespace(count), NAMES[:count])
        routes = {count: _routes(rig, count, options) for count in COUNTS}
        engine = rig.engine(**options.network)
        for cameras in routes.values():
            rig.meet(cameras, size)
        for number in range(options.rounds):
            log(f'cameras at full load, round {number + 1} of {options.rounds}')
            _load(rig, routes, engine, options, measured)
        log('cameras at 30 Hz, cameras of different rates')
        for count, cameras in routes.items():
            measured.moderate[count] = rig.bursts(cameras, size, [RATE] * count, options.seconds)
            measured.memory[count] = cameras[0].process.memory()
        faster = max(1.0, OVERLOAD * measured.engine_rates[-1] / sum(UNEVEN_RATES))
        measured.uneven = rig.bursts(routes[COUNTS[-1]], size, [faster * r for r in UNEVEN_RATES],
                                     options.seconds)
    return _report(size, measured)


def _routes(rig: Rig, count: int, options: NodeOptions) -> list[Route]:
    namespace, names = _namespace(count), NAMES[:count]
    node = rig.node(namespace, cameras=f'[{",".join(names)}]', **options.network)
    return [rig.route(node, namespace, name) for name in names]


def _namespace(count: int) -> str:
    return f'/cameras_{count}'


def _load(rig: Rig, routes: dict[int, list[Route]], engine: Process, options: NodeOptions,
          measured: Measured) -> None:
    rate = rig.calls(engine, 0.0, options.seconds).rate
    measured.engine_rates.append(rate)
    for count, cameras in routes.items():
        each = max(LOAD_RATE, OVERLOAD * rate / count)
        measured.load[count].append(
            rig.bursts(cameras, options.sizes[0], [each] * count, options.seconds))


def _report(size: str, measured: Measured) -> Part:
    rates = [measured.rate(count) for count in COUNTS]
    targets = [Target(
        f'{size}: memory of a further camera', measured.memory_per_camera, MOST_MEMORY, 'MB',
        note='private memory of the node, from 1 camera to 4')]
    targets += [Target(
        f'{size}: images/s of {count} cameras at full load over those of the engine alone',
        measured.share(count), LEAST_SHARE, at_least=True,
        note=f'median of {len(measured.engine_rates)} rounds') for count in COUNTS[1:]]
    return Part('cameras', (_table(size, measured), _uneven_table(measured)), tuple(targets), {
        'cameras': list(COUNTS), 'rate': rates, 'engine_rate': middle(measured.engine_rates),
        'memory_mb': [measured.memory[count] for count in COUNTS]})


def _table(size: str, measured: Measured) -> Table:
    rows = []
    for count in COUNTS:
        times = [ms for burst in measured.moderate[count] for ms in burst.received]
        memory = measured.memory[count]
        rows.append((count, percentile(times, 50.0), percentile(times, 99.0),
                     measured.rate(count), middle(measured.engine_rates), measured.share(count),
                     measured.fairness(count), memory['private'], memory['pss'], memory['rss']))
    return Table('Several cameras', (
        'cameras', 'p50 at 30 Hz [ms]', 'p99 [ms]', 'full load [Hz]', 'engine [Hz]', 'share',
        'fairness', 'private [MB]', 'Pss [MB]', 'Rss [MB]'), tuple(rows),
        TEXT.format(size=size, load=OVERLOAD))


def _uneven_table(measured: Measured) -> Table:
    rows = [(name, burst.rate, burst.processed_rate, 100.0 * burst.dropped,
             percentile(burst.received, 50.0), percentile(burst.received, 99.0))
            for name, burst in zip(NAMES, measured.uneven, strict=True)]
    return Table('Cameras of different rates', (
        'camera', 'published [Hz]', 'processed [Hz]', 'dropped [%]', 'received p50 [ms]',
        'p99 [ms]'), tuple(rows), UNEVEN_TEXT)
