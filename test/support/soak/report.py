"""What the long run found, in numbers and words."""
import json
from collections import defaultdict
from dataclasses import asdict

import numpy as np

from movenet_ros.measure.report.files import known
from movenet_ros.measure.report.tables import aligned
from movenet_ros.measure.speed.machine import this_machine

LONG_ENOUGH = 600.0  # s after the warm-up, before a slope means anything
TREND = 12.0  # MiB/h that the node's own memory may grow
GROWTH = 64.0  # MiB from the first to the last quarter, in any run: ten large images


class Findings:
    """The results of a run.

    Attributes:
        failures: What must not be, in words.
    """

    def __init__(self, soak, rig, seconds, seed):
        self._soak, self._rig = soak, rig
        self._seconds, self._seed = seconds, seed
        self._machine = this_machine()
        # In the first quarter the heap reaches its size: it keeps the memory of images.
        warm = max(soak.warm, seconds / 4)
        self._samples = [sample for sample in soak.samples if sample.at >= warm]
        self.failures = [*soak.failures, *self._losses(), *self._growths()]

    def _losses(self):
        for name, account in self._rig.accounts.items():
            if account.uncounted or account.lost_answers or account.failed:
                yield (f'{name}: {account.uncounted} images uncounted, {account.lost_answers} '
                       f'answers lost, {account.failed} images failed')

    def _growths(self):
        memory = self._memory()
        if memory['growth'] > GROWTH:
            yield f'the node has grown by {memory["growth"]:.1f} MiB'
        if memory['seconds'] > LONG_ENOUGH and memory['trend'] > TREND:
            yield f'the node grows by {memory["trend"]:.1f} MiB/h'
        for what in ('threads', 'descriptors'):
            first, last = ([getattr(sample.usage, what) for sample in part]
                           for part in self._ends())
            if min(last) > max(first):
                yield f'{what}: {max(first)} at most in the first quarter, now {min(last)}'

    def _ends(self):
        """The samples of the first and the last quarter."""
        quarter = max(1, len(self._samples) // 4)
        return self._samples[:quarter], self._samples[-quarter:]

    def _memory(self):
        at = np.array([sample.at for sample in self._samples])
        private = np.array([sample.usage.private for sample in self._samples])
        first, last = (np.median([s.usage.private for s in part]) for part in self._ends())
        return {'seconds': float(at[-1] - at[0]), 'slope': _line(at, private),
                'trend': _trend(at, private),
                'growth': float(last - first),
                **{name: [float(getattr(s.usage, name)) for s in (
                    self._samples[0], self._samples[-1])]
                   for name in ('private', 'shared', 'proportional')},
                **{name: [min(values), max(values)] for name in ('threads', 'descriptors')
                   if (values := [getattr(s.usage, name) for s in self._samples])}}

    def _latency(self):
        parts = []
        for part in self._ends():
            values = [1000 * latency for sample in part for latency in sample.latencies]
            parts.append({'p50': float(np.percentile(values, 50)),
                          'p99': float(np.percentile(values, 99)), 'answers': len(values)})
        return parts

    def _events(self):
        by_name = defaultdict(list)
        for event in self._soak.events:
            by_name[event.name].append(event)
        return {name: {'times': len(events),
                       'recovery p50': float(np.median([e.recovery for e in events])),
                       'recovery max': max(e.recovery for e in events)}
                for name, events in sorted(by_name.items())}

    def json(self):
        """Everything, for programs."""
        return json.dumps(known({
            'seconds': self._seconds, 'seed': self._seed, 'failures': self.failures,
            'machine': asdict(self._machine), 'memory': self._memory(),
            'latency': self._latency(), 'faults': self._events(),
            'accounts': {name: asdict(account) for name, account in self._rig.accounts.items()},
            'events': [asdict(event) for event in self._soak.events],
            'samples': [{'at': s.at, **asdict(s.usage)} for s in self._soak.samples],
        }), indent=1) + '\n'

    def markdown(self):
        """For people."""
        memory, (first, last) = self._memory(), self._latency()
        events, machine = self._events(), self._machine
        return '\n'.join([
            f'{self._seconds / 60:.1f} minutes, seed {self._seed}: '
            f'{sum(e["times"] for e in events.values())} faults. '
            f'{machine.cpu}, {machine.cores} cores, load {machine.load:.1f} at the end.', '',
            f'After the warm-up, {memory["seconds"] / 60:.1f} minutes:', '',
            aligned(['', 'start', 'end', ''], [
                ['own memory [MiB]', *(f'{x:.1f}' for x in memory['private']),
                 f'{memory["trend"]:+.1f} MiB/h; fitted line {memory["slope"]:+.1f} MiB/h'],
                ['mapped from /dev/shm [MiB]', *(f'{x:.1f}' for x in memory['shared']), ''],
                ['PSS [MiB]', *(f'{x:.1f}' for x in memory['proportional']), ''],
                ['threads, least and most', *map(str, memory['threads']), ''],
                ['descriptors, least and most', *map(str, memory['descriptors']), ''],
                ['latency p50 [ms]', f'{first["p50"]:.1f}', f'{last["p50"]:.1f}',
                 'first and last quarter'],
                ['latency p99 [ms]', f'{first["p99"]:.1f}', f'{last["p99"]:.1f}',
                 f'{first["answers"]} and {last["answers"]} answers'],
            ], [False, True, True, False]),
            aligned(['camera', 'published', 'processed', 'skipped', 'lost', 'rejected', 'failed',
                     'uncounted', 'answers lost'], [
                [name, *(str(getattr(account, key)) for key in (
                    'sent', 'processed', 'skipped', 'lost', 'rejected', 'failed', 'uncounted',
                    'lost_answers'))]
                for name, account in self._rig.accounts.items()], [False] + [True] * 8),
            aligned(['fault', 'times', 'answers again after, p50 [ms]', 'most [ms]'], [
                [name.replace('_', ' '), str(e['times']), f'{1000 * e["recovery p50"]:.0f}',
                 f'{1000 * e["recovery max"]:.0f}'] for name, e in events.items()],
                [False, True, True, True]),
            *(f'- FAILED: {failure}' for failure in self.failures)])


def _line(at, values):
    """Slope of the line fitted to values by the least squares [1/h]."""
    return float(np.polyfit(at, values, 1)[0]) * 3600 if len(at) > 2 else 0.0


def _trend(at, values):
    """The median of the slopes between any two values [1/h]: a single step does not move it."""
    first, second = np.triu_indices(len(at), 1)
    if not len(first):
        return 0.0
    return float(np.median((values[second] - values[first]) / (at[second] - at[first]))) * 3600
