"""What the pipeline costs beside the network: crop, resample, decode, track and filter."""
from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

import cv2

from movenet_ros.config import Config, find
from movenet_ros.core.network import Network
from movenet_ros.measure.speed.options import TITLES, Log, Options
from movenet_ros.measure.speed.result import Part, Table, Target
from movenet_ros.measure.speed.route import CHAIN, ENGINE, STEPS, Route
from movenet_ros.measure.speed.scenes import SIZES, scene, there_and_back
from movenet_ros.measure.speed.timing import numbers, rounds

MIN_PLAYS = 1
LIMITS = {('lightning', 'vga'): 1.10, ('lightning', '1080p'): 1.15, ('multipose', 'vga'): 1.10}
"""How many times as long as the bare network the pipeline may take, with one thread."""

TEXT = """\
The pipeline (crop, resample, infer, decode, track, filter) on real images, beside the bare call of
the same network on the very input that the pipeline gave it, image by image, now one first and now
the other. The ratio is the median of the images' ratios; half of them lie between low and high.
`people`: as many were found in every image, at least. `threads`: of the network; OpenCV, which
resamples, has one, as in the node. CPU: time of all threads per image."""
STEPS_TEXT = """\
Medians, from the same calls. The time of the last step is what the others leave of the whole."""


@dataclass(frozen=True, eq=False)
class Setting:
    """One row of the tables.

    Attributes:
        model: Name of the network.
        size: Name of the images' size.
        threads: Of the network.
        route: With what was measured.
    """

    model: str
    size: str
    threads: int
    route: Route

    def key(self) -> tuple[str, str, int]:
        """The first columns of its rows."""
        return TITLES[self.model], self.size, self.threads

    def row(self) -> tuple[object, ...]:
        """The pipeline against the network."""
        timer = self.route.timer
        chain, engine = timer.spent(CHAIN), timer.spent(ENGINE)
        ratio = timer.ratio(CHAIN, ENGINE)
        return (*self.key(), min(self.route.people), chain.p50, chain.p95, chain.p99, chain.cpu,
                engine.p50, engine.cpu, ratio.median, ratio.low, ratio.high, ratio.rounds)

    def steps(self) -> dict[str, float]:
        """Median time of each step [ms]."""
        return {step: median(taken) for step, taken in self.route.steps.items()}

    def data(self) -> dict[str, object]:
        """The numbers, as in the JSON."""
        timer = self.route.timer
        return {'model': self.model, 'size': self.size, 'threads': self.threads,
                'people': min(self.route.people), 'engine': self.route.info.engine,
                'chain_ms': numbers(timer.spent(CHAIN)), 'engine_ms': numbers(timer.spent(ENGINE)),
                'ratio': numbers(timer.ratio(CHAIN, ENGINE)), 'steps_ms': self.steps()}


def measure_chain(options: Options, log: Log) -> Part:
    """Measures the pipeline at all sizes of images.

    Args:
        options: What to measure.
        log: Takes lines on the progress.

    Raises:
        MovenetError: A network or the sample clips cannot be loaded.
    """
    cv2.setNumThreads(1)
    models = options.models or find('model').choices
    settings: list[Setting] = []
    with ExitStack() as stack:
        networks = {(model, threads): options.load(model, threads)
                    for model in models for threads in options.threads_of(options.engines[0])}
        for network in networks.values():
            stack.callback(network.close)
        # One size after the other: the images of all would be half a gigabyte.
        for size in options.sizes:
            log(f'chain: {", ".join(models)} at {size}')
            settings += _at(size, networks, options)
    settings.sort(key=lambda setting: list(networks).index((setting.model, setting.threads)))
    return Part('chain', _tables(settings), _targets(settings),
                {'settings': [setting.data() for setting in settings]})


def _at(size: str, networks: dict[tuple[str, int], Network], options: Options) -> list[Setting]:
    """Measures all networks with images of one size, in turn."""
    clips = {model: there_and_back(scene(model, SIZES[size], options.clip))
             for model, _ in networks}
    settings = [
        Setting(model, size, threads, Route(network, clips[model],
                                           Config().replace({'model': model})))
        for (model, threads), network in networks.items()]
    for _ in rounds(options.seconds * len(settings), MIN_PLAYS):
        for setting in settings:
            setting.route.play()
    return settings


def _tables(settings: list[Setting]) -> tuple[Table, ...]:
    head = ('network', 'images', 'threads')
    whole = Table('Pipeline and bare network', (
        *head, 'people', 'pipeline p50 [ms]', 'p95 [ms]', 'p99 [ms]', 'CPU [ms]',
        'network p50 [ms]', 'its CPU [ms]', 'ratio', 'low', 'high', 'counted'),
        tuple(setting.row() for setting in settings),
        TEXT)
    steps = Table('Steps of the pipeline', (*head, *(f'{step} [ms]' for step in STEPS)),
                  tuple((*setting.key(), *setting.steps().values()) for setting in settings),
                  STEPS_TEXT)
    return whole, steps


def _targets(settings: list[Setting]) -> tuple[Target, ...]:
    return tuple(_target(model, size, limit, settings) for (model, size), limit in LIMITS.items())


def _target(model: str, size: str, limit: float, settings: list[Setting]) -> Target:
    who = ' with six people' if model == 'multipose' else ''
    name = f'pipeline / bare network, {TITLES[model]}{who}, {size}, 1 thread'
    for setting in settings:
        if (setting.model, setting.size, setting.threads) == (model, size, 1):
            ratio = setting.route.timer.ratio(CHAIN, ENGINE)
            found = f'; {min(setting.route.people)} people found' if who else ''
            return Target(name, ratio.median, limit, note=(
                f'median of {ratio.rounds} images on {setting.route.info.engine}{found}'))
    return Target(name, None, limit, note='left out of this run')
