"""From the start of the node's process to its first pose."""
from __future__ import annotations

import subprocess
import sys
import time

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import MovenetError
from movenet_ros.measure.speed.node.options import Log, NodeOptions
from movenet_ros.measure.speed.node.rig import Rig
from movenet_ros.measure.speed.node.statistics import middle
from movenet_ros.measure.speed.result import Part, Table, Target

NAMESPACE = '/ours'
RATE = 30.0      # Hz
SLICE = 0.25     # s, of images between two looks for an answer
DEADLINE = 30.0  # s
IMPORTS = 5      # of each kind
FIRST_POSE = 4   # column of the table
MOST_START, MOST_IMPORT = 2.0, 0.3  # s

BARE = 'pass'
PACKAGE = 'import movenet_ros'
NODE = 'import movenet_ros.ros.node'

START_TEXT = """\
Seconds since the process was started, by autostart, Lightning, with the weights in the \
page cache; a camera and a subscriber are up. Configured: the network is loaded and warmed up. \
Active: subscribed. First image: the stamp of the first that was processed and whose answer \
arrived; what lies between is discovery, by which the three processes learn of one another. \
Memory: then; private is what no other process has mapped."""
IMPORT_TEXT = """\
A fresh Python that runs one statement, median of {count}; less that of `pass`."""


def measure_start(options: NodeOptions, log: Log) -> Part:
    """Measures the start of the node, and of Python programs that import the package.

    Args:
        options: How.
        log: Takes lines on the progress.

    Returns:
        Times, and whether TensorFlow was loaded, which would dominate them.

    Raises:
        MovenetError: A process cannot do its part; in its own words.
    """
    starts: list[tuple[float, ...]] = []
    unwanted: set[str] = set()
    with Rig(options.clip) as rig:
        rig.open(NAMESPACE)
        count = 2 * options.rounds - 1
        for number in range(count):
            log(f'start {number + 1} of {count}')
            numbers, loaded = _start(rig, options)
            starts.append((number + 1, *numbers))
            unwanted |= loaded
    log('imports')
    imports = _imports()
    return Part('start', (
        Table('Start of the node', ('start', 'configured [s]', 'active [s]', 'first image [s]',
                                    'first pose [s]', 'private [MB]', 'Rss [MB]'),
              tuple(starts), START_TEXT),
        Table('Imports', ('statement', 'time [s]', 'of that, the statement [s]'),
              tuple((code, seconds, seconds - imports[BARE]) for code, seconds in imports.items()),
              IMPORT_TEXT.format(count=IMPORTS))),
        _targets(starts, None if options.engine == 'keras' else unwanted, imports))


def _targets(starts: list[tuple[float, ...]], unwanted: set[str] | None,
             imports: dict[str, float]) -> tuple[Target, ...]:
    first = [times[FIRST_POSE] for times in starts]
    return (
        Target('start of the process to the first pose', middle(first), MOST_START, 's',
               note=f'median of {len(starts)}, the slowest {max(first):.2f} s'),
        Target('files of TensorFlow that the node loads',
               None if unwanted is None else len(unwanted), 0,
               note=', '.join(sorted(unwanted or ())) or 'by /proc/PID/maps, after the first pose'),
        Target('import movenet_ros', imports[PACKAGE] - imports[BARE], MOST_IMPORT, 's',
               note=f'less that of a bare Python, {imports[BARE]:.2f} s'))


def _start(rig: Rig, options: NodeOptions) -> tuple[list[float], set[str]]:
    """Starts a node, and ends it when it has published poses.

    Returns:
        The rest of its row in the table; the files of TensorFlow that it has loaded.
    """
    node = rig.node(NAMESPACE, **options.network)
    route = rig.route(node, NAMESPACE)
    end = time.monotonic() + DEADLINE
    while not (notes := rig.receiver.ask('take', topic=route.answers)):
        node.check()
        if time.monotonic() > end:
            raise MovenetError(f'{node.name} gives no pose: {node.last_words()}')
        rig.show([route], options.sizes[0], [RATE], SLICE)
    stamp, _, received = notes[0]
    moments = [node.logged_ns('configured: '), node.logged_ns('active: '), stamp, received]
    memory, loaded = node.memory(), node.loaded('/tensorflow/')
    node.stop()
    rig.receiver.ask('take', topic=route.answers)
    times = [float('nan') if moment is None else (moment - node.started_ns) / NANOSECONDS
             for moment in moments]
    return [*times, memory['private'], memory['rss']], loaded


def _imports() -> dict[str, float]:
    """How long a fresh Python takes for a statement [s]."""
    taken: dict[str, list[float]] = {code: [] for code in (BARE, PACKAGE, NODE)}
    for _ in range(IMPORTS):
        for code, times in taken.items():
            started = time.perf_counter()
            subprocess.run([sys.executable, '-c', code], check=True)
            times.append(time.perf_counter() - started)
    return {code: middle(times) for code, times in taken.items()}
