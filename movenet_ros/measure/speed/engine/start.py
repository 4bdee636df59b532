"""What a process takes to have a network: time until its first result, and memory."""
from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from movenet_ros.errors import EngineError, one_line
from movenet_ros.measure.speed.engine.candidates import Combination
from movenet_ros.measure.speed.options import Log, Options

PROCESS = 'movenet_ros.measure.speed.engine.loading_process'


@dataclass(frozen=True)
class Start:
    """What one process took; or the medians of several.

    Attributes:
        load: Importing the runtime and loading the network [s].
        first_call: The first call after that [s].
        private: Memory that no other process has mapped, more than before [MB].
        rss: Resident memory, more than before [MB].
    """

    load: float
    first_call: float
    private: float
    rss: float

    @property
    def total(self) -> float:
        """Until the first result [s]."""
        return self.load + self.first_call


def measure_starts(combinations: Sequence[Combination], options: Options,
                   log: Log) -> dict[Combination, Start]:
    """Starts processes that load one network each, all combinations in turn.

    Args:
        combinations: What to load.
        options: How often, on which device, with how many threads: the first number.
        log: Takes lines on the progress.

    Raises:
        EngineError: A process failed, in its own words.
    """
    taken: dict[Combination, list[Start]] = {each: [] for each in combinations}
    for number in range(options.starts):
        log(f'engine: start {number + 1} of {options.starts}')
        for combination, starts in taken.items():
            starts.append(_start(combination, options))
    return {combination: Start(*(median(getattr(start, name) for start in starts)
                                 for name in Start.__dataclass_fields__))
            for combination, starts in taken.items()}


def _start(combination: Combination, options: Options) -> Start:
    done = subprocess.run(
        [sys.executable, '-m', PROCESS, combination.model, combination.engine,
         combination.precision, str(options.threads_of(combination.engine)[0]), options.device],
        capture_output=True, text=True, check=False)
    if done.returncode:
        words = done.stderr.strip().splitlines() or [f'it ended with code {done.returncode}']
        raise EngineError(f'a process that loads {combination.model} into {combination.runtime} '
                          f'failed: {one_line(words[-1])}')
    return Start(**json.loads(done.stdout.splitlines()[-1]))
