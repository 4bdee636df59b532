"""The whole node over DDS, next to the node that people write first."""
from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib.util import find_spec

from movenet_ros.measure.speed.node.node_report import (
    BASELINE,
    DRAWING,
    FASTER,
    HOP,
    HOP_OUT,
    NO_PROFILE,
    NODE,
    TENSORFLOW,
    Measured,
    report,
)
from movenet_ros.measure.speed.node.options import Log, NodeOptions
from movenet_ros.measure.speed.node.peak import Probe, peak_rate
from movenet_ros.measure.speed.node.processes import Process, Program
from movenet_ros.measure.speed.node.rig import PROGRAMS, Rig, Route, topics
from movenet_ros.measure.speed.result import Part

RATE, FAST_RATE = 30.0, 60.0  # Hz
LONGEST_PROBE = 1.0           # s
OVERLOAD = 1.5                # times the peak

NAMESPACES = {NODE: '/ours', BASELINE: '/plain', DRAWING: '/drawing', TENSORFLOW: '/tensorflow'}
VARIANTS = {DRAWING: {'draw': 'true'}, TENSORFLOW: {'runtime': 'tensorflow'}}


def measure_node(options: NodeOptions, log: Log) -> Part:
    """Measures the node in a process of its own, with a camera and a subscriber in others.

    Args:
        options: How.
        log: Takes lines on the progress.

    Returns:
        Latencies, CPU time, drops and peak rates, of the node and of what it is compared with.

    Raises:
        MovenetError: A process cannot do its part; in its own words.
    """
    measured = Measured()
    with Rig(options.clip) as rig:
        log('starting the node, the straightforward node, a camera and a subscriber')
        routes, engine = _routes(rig, options), rig.engine(**options.network)
        rig.meet(list(routes.values()), options.sizes[0])
        for number in range(options.rounds):
            for size in options.sizes:
                log(f'{size}, round {number + 1} of {options.rounds}')
                _compare(rig, routes, engine, size, options, measured)
                if number == 0:
                    _vary(rig, routes, size, options, measured)
        measured.back_to_back = rig.calls(engine, 0.0, options.seconds)
        for size in options.sizes:
            log(f'{size}, peak rate')
            _search(rig, routes, size, options, measured)
    return report(options, measured)


def _routes(rig: Rig, options: NodeOptions) -> dict[str, Route]:
    """Who is measured, by what the report calls them."""
    with_tensorflow = find_spec('tensorflow') and find_spec('keras')
    names = [name for name in NAMESPACES if name != TENSORFLOW or with_tensorflow]
    for name in names:
        rig.open(NAMESPACES[name])
    ordinary = rig.processes.start('camera without profile', Program(
        f'{PROGRAMS}.camera', takes_commands=True))
    ordinary.ask('open', topic=topics(NAMESPACES[BASELINE])[0], reliable=True)
    routes = {HOP: rig.hop(), HOP_OUT: rig.poses_hop()}
    for name in names:
        namespace = NAMESPACES[name]
        process = (rig.node(namespace, **options.network) if name == NODE
                   else rig.straightforward(namespace, **VARIANTS.get(name, {})))
        routes[name] = rig.route(process, namespace)
    routes[NO_PROFILE] = replace(routes[BASELINE], camera=ordinary)
    return routes


def _compare(rig: Rig, routes: dict[str, Route], engine: Process, size: str, options: NodeOptions,
             measured: Measured) -> None:
    """What is compared is measured in turn, again in each round."""
    for who in (HOP, NODE, HOP_OUT, BASELINE, TENSORFLOW):
        if who in routes:
            measured.bursts[who, size].append(rig.burst(routes[who], size, RATE, options.seconds))
    measured.calls[size].append(rig.calls(engine, RATE, options.seconds))


def _vary(rig: Rig, routes: dict[str, Route], size: str, options: NodeOptions,
          measured: Measured) -> None:
    """The rest is measured once."""
    measured.bursts[FASTER, size].append(
        rig.burst(routes[NODE], size, FAST_RATE, options.seconds))
    for who in (DRAWING, NO_PROFILE):
        measured.bursts[who, size].append(rig.burst(routes[who], size, RATE, options.seconds))


def _search(rig: Rig, routes: dict[str, Route], size: str, options: NodeOptions,
            measured: Measured) -> None:
    seconds = min(options.seconds / 2, LONGEST_PROBE)

    def probe(who: str, rate: float) -> Probe:
        burst = rig.burst(routes[who], size, rate, seconds)
        return Probe(burst.rate, burst.dropped)

    for who in (NODE, BASELINE):
        guess = 1e3 / measured.response(who, size)
        measured.peaks[who, size] = peak_rate(partial(probe, who), guess)
    fast = OVERLOAD * max(FAST_RATE, measured.peaks[NODE, size])
    measured.overload[size] = rig.burst(routes[NODE], size, fast, options.seconds)
