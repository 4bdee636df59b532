"""Numbers from what was noted."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

MS = 1e-6  # of a nanosecond
Note: TypeAlias = tuple[int, int, int]  # stamp, sent, received [ns]


@dataclass(frozen=True)
class Burst:
    """Images that were published, and what came of them.

    Attributes:
        stamps: Of the images [ns].
        seconds: How long they were published [s].
        answers: One for each image that was processed: its stamp, when the answer was sent,
            and when it was received [ns].
        cpu: CPU time of the node meanwhile [s].
    """

    stamps: tuple[int, ...]
    seconds: float
    answers: tuple[Note, ...]
    cpu: float

    @classmethod
    def of(cls, stamps: Sequence[int], seconds: float, notes: Sequence[Sequence[int]],
           cpu: float) -> Burst:
        """A burst of these images; notes of other images are left out."""
        wanted = set(stamps)
        answers = {note[0]: (note[0], note[1], note[2]) for note in notes if note[0] in wanted}
        return cls(tuple(stamps), seconds, tuple(answers.values()), cpu)

    @property
    def rate(self) -> float:
        """Images published [Hz]."""
        return len(self.stamps) / self.seconds

    @property
    def processed_rate(self) -> float:
        """Images processed [Hz]."""
        return len(self.answers) / self.seconds

    @property
    def dropped(self) -> float:
        """The share of the images that was not processed."""
        return 1.0 - len(self.answers) / len(self.stamps)

    @property
    def sent(self) -> list[float]:
        """From stamp to publish, for each answer [ms]."""
        return [(sent - stamp) * MS for stamp, sent, _ in self.answers]

    @property
    def received(self) -> list[float]:
        """From stamp to received, for each answer [ms]."""
        return [(received - stamp) * MS for stamp, _, received in self.answers]

    @property
    def cpu_per_answer(self) -> float:
        """[ms]; NaN where nothing was processed."""
        return 1e3 * self.cpu / len(self.answers) if self.answers else float('nan')

    @property
    def interval(self) -> float:
        """Between two answers [ms]; NaN where nothing was processed."""
        return 1e3 * self.seconds / len(self.answers) if self.answers else float('nan')


@dataclass(frozen=True)
class Calls:
    """Runs of the network.

    Attributes:
        wall: The time that each took [ms].
        cpu: CPU time of each, of all its threads [ms].
    """

    wall: tuple[float, ...]
    cpu: tuple[float, ...]

    @property
    def cpu_per_call(self) -> float:
        """CPU time of a call [ms]."""
        return sum(self.cpu) / len(self.cpu)

    @property
    def rate(self) -> float:
        """Runs per second, one after the other [Hz]."""
        return 1e3 * len(self.wall) / sum(self.wall)


def pooled(bursts: Sequence[Burst]) -> Burst:
    """All of them as one."""
    return Burst(tuple(s for b in bursts for s in b.stamps), sum(b.seconds for b in bursts),
                 tuple(a for b in bursts for a in b.answers), sum(b.cpu for b in bursts))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share [%] of all lie; NaN where there are none."""
    return float(np.percentile(values, share)) if values else float('nan')


def middle(values: Sequence[float]) -> float:
    """The median."""
    return percentile(values, 50.0)
