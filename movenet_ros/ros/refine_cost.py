"""How many people can be read in an image before it takes too long."""
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from movenet_ros.config import Config
from movenet_ros.core.inference import run_inference
from movenet_ros.core.network import Networks
from movenet_ros.core.refined.detection import detect_people
from movenet_ros.core.types import Picture

RUNS = 3
"""Runs of which the fastest counts: others may have been interrupted."""


@dataclass(frozen=True)
class RefineCost:
    """What an image takes with `refine`.

    Attributes:
        detection: Time to detect people at all scales and in all tiles [s].
        reading: Time to read each of them [s].
    """

    detection: float
    reading: float

    @classmethod
    def measure(cls, networks: Networks, picture: Picture, config: Config) -> RefineCost | None:
        """Measures it with networks that are warm; None without `refine`.

        Raises:
            EngineError: A network failed.
        """
        reader = networks.refine
        if reader is None:
            return None
        batch = config.people.max_people if reader.info.batches else 1
        side = reader.info.input_size or 0
        blank = np.zeros((batch, side, side, 3), np.uint8)
        return cls(_fastest(lambda: run_inference(detect_people(picture, networks.main, config))),
                   _fastest(lambda: reader.infer(blank)) / batch)

    def image(self, people: int) -> float:
        """Time for an image in which so many people are detected and read [s]."""
        return self.detection + people * self.reading

    def most_people(self, seconds: float) -> int:
        """How many people fit into this time; 0 where their detection alone does not."""
        return max(0, int((seconds - self.detection) / self.reading))

    def warning(self, config: Config) -> str | None:
        """What to say where `people.max_people` take longer than a track lives, or None."""
        count, most = config.people.max_people, self.most_people(config.tracker.max_age)
        if count <= most:
            return None
        remedy = f'{most} people fit' if most else 'take fewer people.tiles or smaller scales'
        return (f'people.max_people = {count}: an image with that many people takes '
                f'{self.image(count):.2g} s on this engine ({self.detection:.2g} s to detect them, '
                f'{1000 * self.reading:.2g} ms to read each), longer than tracker.max_age = '
                f'{config.tracker.max_age:g} s; {remedy}')

    def values(self, config: Config) -> list[tuple[str, str]]:
        """For the report."""
        return [('time to detect people', f'{1000 * self.detection:.1f} ms'),
                ('time to read each person', f'{1000 * self.reading:.1f} ms'),
                ('people that fit tracker.max_age',
                 str(self.most_people(config.tracker.max_age)))]


def _fastest(run: Callable[[], object]) -> float:
    """Time of the fastest of some runs [s]."""
    taken = []
    for _ in range(RUNS):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return min(taken)
