"""Everything that was measured of the networks, and how it compares."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from movenet_ros.engines.models import FLOAT32
from movenet_ros.measure.speed.device import Limit
from movenet_ros.measure.speed.engine.accuracy import REFERENCE_ENGINE, EngineAccuracy
from movenet_ros.measure.speed.engine.candidates import Candidate, Combination
from movenet_ros.measure.speed.engine.start import Start
from movenet_ros.measure.speed.timing import Interleaved, Ratio, numbers


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of the networks.

    Attributes:
        candidates: What was called.
        timer: What the calls took, by the candidates' names.
        starts: Start-up and memory of each combination.
        accuracy: Of each combination, a value for each mode; empty where it was not measured.
        limits: What the device reaches with Keras, by type of number; empty without Keras.
    """

    candidates: Sequence[Candidate]
    timer: Interleaved
    starts: Mapping[Combination, Start]
    accuracy: Mapping[Combination, Sequence[EngineAccuracy]]
    limits: Mapping[str, Limit]

    @property
    def batch(self) -> int:
        """The smallest batch, by which the combinations are compared."""
        return min(each.batch for each in self.candidates)

    @property
    def threads(self) -> tuple[int, ...]:
        """The numbers of threads, rising."""
        return tuple(sorted({each.threads for each in self.candidates}))

    def find(self, combination: Combination, threads: int,
             batch: int) -> Candidate | None:
        """The candidate with these properties, if there is one."""
        for each in self.candidates:
            if (each.combination, each.threads, each.batch) == (combination, threads, batch):
                return each
        return None

    def speedup(self, candidate: Candidate) -> Ratio | None:
        """How many times as long LiteRT with float32 takes for the same, on as many threads."""
        exact = replace(candidate.combination, engine=REFERENCE_ENGINE, precision=FLOAT32)
        reference = self.find(exact, candidate.threads, candidate.batch)
        return None if reference is None else self.timer.ratio(reference.name, candidate.name)

    def data(self) -> dict[str, Any]:
        """The numbers, as in the JSON."""
        return {
            'runtimes': list(dict.fromkeys(each.runtime for each in self.starts)),
            'batches': sorted({each.batch for each in self.candidates}),
            'settings': [self._call(each) for each in self.candidates],
            'combinations': [{**asdict(each), 'start': asdict(start),
                              'accuracy': [asdict(mode) for mode in self.accuracy.get(each, ())]}
                             for each, start in self.starts.items()],
            'limits': {dtype: asdict(limit) for dtype, limit in self.limits.items()}}

    def _call(self, candidate: Candidate) -> dict[str, Any]:
        spent, times = self.timer.spent(candidate.name), self.speedup(candidate)
        info = candidate.network.info
        return {**asdict(candidate.combination), 'runtime': info.engine, 'device': info.device,
                'threads': candidate.threads, 'batch': candidate.batch, 'ms': numbers(spent),
                'times_litert_float32': numbers(times) if times else None,
                'tflops': candidate.gflop / spent.p50}
