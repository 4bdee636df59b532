"""More images than the node can answer: large ones very fast, and four cameras at uneven rates."""
import json
from dataclasses import asdict

import numpy as np
from support.ros import values_of
from support.soak.rig import Rig
from support.usage import usage

from movenet_ros.measure.report.tables import aligned
from movenet_ros.measure.speed.machine import this_machine

SECONDS = 20.0
WARM_UP = 3.0  # s
RATES = {'first': 60.0, 'second': 30.0, 'third': 15.0, 'fourth': 5.0}
SLOW = {'model': 'thunder', 'threads': 1}  # a node that manages about 30 images a second


class Findings:
    """The results.

    Attributes:
        failures: What must not be, in words.
    """

    def __init__(self, flood, cameras):
        self._flood, self._cameras = flood, cameras
        self._machine = this_machine()
        self.failures = [
            f'{name}: {account["uncounted"]} images uncounted, {account["lost_answers"]} answers '
            f'lost, {account["failed"]} failed'
            for name, account in (('flood', flood['account']), *(
                (name, camera['account']) for name, camera in cameras.items()))
            if account['uncounted'] or account['lost_answers'] or account['failed']]

    def json(self):
        """Everything, for programs."""
        return json.dumps({'machine': asdict(self._machine), 'flood': self._flood,
                           'cameras': self._cameras, 'failures': self.failures}, indent=1) + '\n'

    def markdown(self):
        """For people."""
        flood, machine = self._flood, self._machine
        return '\n'.join([
            f'{SECONDS:.0f} s each; thunder, one thread. {machine.cpu}, {machine.cores} cores, '
            f'load {machine.load:.1f} at the end.', '',
            aligned(['1920x1080, 200 Hz wanted', ''], [
                ['published [Hz]', f'{flood["published"]:.1f}'],
                ['processed [Hz]', f'{flood["processed"]:.1f}'],
                ['processing p50, most [ms]',
                 f'{flood["processing p50"]:.1f}, {flood["processing max"]:.1f}'],
                ['latency p50, p99 [ms]',
                 f'{flood["latency p50"]:.1f}, {flood["latency p99"]:.1f}'],
                ['from answer to answer p50, p99 [ms]',
                 f'{flood["interval p50"]:.1f}, {flood["interval p99"]:.1f}'],
                ['latency p99 by processing p50', f'{flood["processing times"]:.2f}'],
                ['latency p99 by p99 from answer to answer',
                 f'{flood["latency p99"] / flood["interval p99"]:.2f}'],
                ['own memory, before and after [MiB]',
                 ', '.join(f'{x:.1f}' for x in flood['memory'])],
                ['published = processed + skipped + lost', ' '.join(
                    str(flood['account'][key]) for key in
                    ('sent', 'processed', 'skipped', 'lost'))],
            ], [False, True]),
            aligned(['camera', 'published [Hz]', 'processed [Hz]', 'fair share [Hz]',
                     'latency p50 [ms]', 'p99 [ms]'], [
                [name, *(f'{camera[key]:.1f}' for key in (
                    'published', 'processed', 'fair', 'latency p50', 'latency p99'))]
                for name, camera in self._cameras.items()], [False] + [True] * 5),
            *(f'- FAILED: {failure}' for failure in self.failures)])


def run():
    """Both runs; returns the findings."""
    return Findings(flood(), uneven_cameras())


def flood():
    """1920x1080 at 200 Hz, as far as the publisher manages, into a node that is slower."""
    rig = Rig(('front',), **SLOW)
    try:
        camera = rig.cameras['front']
        camera.command(kind='1080p', rate=200.0)
        rig.peer.spin(WARM_UP)
        rig.settle()
        before = usage(rig.node.process.pid)
        begun = camera.command(kind='1080p', rate=200.0)
        processing = []
        end = begun[1] + SECONDS * 1e9
        while rig.peer.node.get_clock().now().nanoseconds < end:
            values = values_of(rig.status('front'))
            if values['processing p50 [ms]'] != '-':
                processing.append([float(values[f'processing {key} [ms]'])
                                   for key in ('p50', 'max')])
        after = usage(rig.node.process.pid)
        stopped = camera.command(count=0)
        rig.settle()
        middle = float(np.median([p50 for p50, _ in processing]))
        result = _rates(rig, 'front', begun, stopped)
        return {**result, 'processing p50': middle,
                'processing max': max(most for _, most in processing),
                'processing times': result['latency p99'] / middle,
                'memory': [before.private, after.private]}
    finally:
        rig.close()


def uneven_cameras():
    """Four cameras whose images together are far more than the node answers."""
    rig = Rig(tuple(RATES), **SLOW)
    try:
        rig.recover()
        rig.settle()
        begun = {name: camera.command(rate=RATES[name]) for name, camera in rig.cameras.items()}
        rig.peer.spin(SECONDS)
        stopped = rig.play(count=0)
        rig.settle()
        cameras = {name: _rates(rig, name, begun[name], stopped[name]) for name in RATES}
    finally:
        rig.close()
    shares = fair_shares({name: camera['published'] for name, camera in cameras.items()},
                         sum(camera['processed'] for camera in cameras.values()))
    return {name: {**camera, 'fair': shares[name]} for name, camera in cameras.items()}


def _rates(rig, name, begun, stopped):
    """Rates [Hz] and latencies [ms] of a camera between two commands."""
    seconds = (stopped[1] - begun[1]) / 1e9
    answers = [answer for answer in rig.answers[name]
               if begun[1] <= answer.published < stopped[1]]
    latencies = [1000 * answer.latency for answer in answers]
    intervals = np.diff([answer.received for answer in answers]) / 1e6
    return {'published': (stopped[0] - begun[0]) / seconds,
            'processed': len(latencies) / seconds,
            'latency p50': float(np.percentile(latencies, 50)),
            'latency p99': float(np.percentile(latencies, 99)),
            'interval p50': float(np.percentile(intervals, 50)),
            'interval p99': float(np.percentile(intervals, 99)),
            'account': asdict(rig.accounts[name])}


def fair_shares(wanted, total):
    """Who wants less than an equal share gets all of it; the rest is shared by the others."""
    shares, left = {}, total
    for number, name in enumerate(sorted(wanted, key=wanted.get)):
        shares[name] = min(wanted[name], left / (len(wanted) - number))
        left -= shares[name]
    return shares
