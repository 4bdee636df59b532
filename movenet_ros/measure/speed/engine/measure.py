"""What the networks take by themselves, with each engine and precision."""
from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from random import Random

from movenet_ros.engines.processor import this_processor
from movenet_ros.measure.speed.device import Limit, device_limits
from movenet_ros.measure.speed.engine.accuracy import measure_accuracies
from movenet_ros.measure.speed.engine.candidates import Candidate, load_candidates
from movenet_ros.measure.speed.engine.measured import Measured
from movenet_ros.measure.speed.engine.start import measure_starts
from movenet_ros.measure.speed.engine.tables import tables
from movenet_ros.measure.speed.engine.targets import targets
from movenet_ros.measure.speed.options import Log, Options
from movenet_ros.measure.speed.result import Part
from movenet_ros.measure.speed.timing import Interleaved, rounds


def measure_engine(options: Options, log: Log) -> Part:
    """Measures the networks with each engine and precision that can run them.

    Args:
        options: What to measure.
        log: Takes lines on the progress.

    Returns:
        Times of calls, start-up and memory; with Keras what the device reaches; with annotated
        pictures the accuracy.

    Raises:
        MovenetError: No network, or not the sample clips, pictures or annotations can be loaded.
    """
    with ExitStack() as stack:
        candidates, left_out = load_candidates(options, stack)
        for line in left_out:
            log(f'engine: {line}')
        limits = _limits(candidates, options, log)
        timer = _timed(candidates, options, log)
        networks = {each.combination: each.network for each in candidates}
        accuracy = {}
        if options.pictures:
            log('engine: accuracy')
            accuracy = measure_accuracies(networks, options.pictures)
    starts = measure_starts(list(networks), options, log)
    measured = Measured(tuple(candidates), timer, starts, accuracy, limits)
    return Part('engine', tables(measured), targets(measured, this_processor()), measured.data(),
                left_out)


def _limits(candidates: list[Candidate], options: Options, log: Log) -> dict[str, Limit]:
    """What the device reaches with Keras; its networks have settled how many threads it has."""
    if all(each.combination.engine != 'keras' for each in candidates):
        return {}
    log('engine: what the device reaches')
    return device_limits(options.device)


def _timed(candidates: list[Candidate], options: Options, log: Log) -> Interleaved:
    log(f'engine: {len(candidates)} settings')
    timer = Interleaved()
    calls = {each.name: partial(each.network.infer, each.pictures) for each in candidates}
    for call in calls.values():
        call()  # Compiled and warmed up.
    for number in rounds(options.seconds * len(candidates)):
        # What ran before decides on caches and, on a busy machine, on the time slice that is left:
        # with one order, some would always follow a slow engine.
        order = Random(number).sample(list(calls), len(calls))
        timer.round({name: calls[name] for name in order})
    return timer
