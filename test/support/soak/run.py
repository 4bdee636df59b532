"""The long run: faults one after another, in an order of chance, and calm between them."""
import random
import time
from dataclasses import dataclass

from support.soak import faults
from support.soak.report import Findings
from support.soak.rig import Rig
from support.usage import Usage, usage

NAMES = ('front', 'left')
CALM = 1.5  # s
LIMIT = 1.0  # s, until good images are processed again
WARM_UPS = 3  # times images of all sizes, which make the heap large


@dataclass(frozen=True)
class Sample:
    """The node after a fault, when it had recovered.

    Attributes:
        at: When [s since the start].
        usage: What it held.
        latencies: Of the answers after that [s].
    """

    at: float
    usage: Usage
    latencies: list


@dataclass(frozen=True)
class Event:
    """A fault.

    Attributes:
        name: Which.
        at: When it began [s since the start].
        took: How long it lasted [s].
        recovery: From the first good image after it to its answer [s].
    """

    name: str
    at: float
    took: float
    recovery: float


class Soak:
    """One run.

    Attributes:
        events, samples: What happened.
        warm: When the node's heap had its size, more or less [s since the start].
        failures: What must not be, in words.
    """

    def __init__(self, rig, seed):
        self.rig, self.chance = rig, random.Random(seed)
        self.events, self.samples, self.failures = [], [], []
        self.warm = 0.0
        self._start = time.monotonic()

    @property
    def now(self):
        """Time since the start [s]."""
        return time.monotonic() - self._start

    def run(self, seconds):
        """Rounds of all faults, until time is up."""
        self.rig.recover()
        for _ in range(WARM_UPS):
            self._one(faults.other_formats)
        self.warm = self.now
        while self.now < seconds:
            kinds = list(faults.ALL)
            self.chance.shuffle(kinds)
            for fault in kinds:
                if self.now >= seconds or not self._alive():
                    return
                self._one(fault)

    def _alive(self):
        return self.rig.node.process.poll() is None

    def _one(self, fault):
        began = self.now
        try:
            fault(self.rig, self.chance)
            took = self.now - began
            recovery = self.rig.recover()
            self.events.append(Event(fault.__name__, began, took, recovery))
            if recovery > LIMIT:
                self.failures.append(f'{recovery:.2f} s until answers after {fault.__name__} '
                                     f'at {began:.0f} s')
            self._calm()
            self.rig.settle()
            self.rig.play()
        except AssertionError as error:
            self.failures.append(f'{fault.__name__} at {began:.0f} s: {error}')

    def _calm(self):
        before = {name: len(answers) for name, answers in self.rig.answers.items()}
        self.rig.peer.spin(CALM)
        latencies = [answer.latency for name, answers in self.rig.answers.items()
                     for answer in answers[before[name]:]]
        self.samples.append(Sample(self.now, usage(self.rig.node.process.pid), latencies))


def run(minutes, seed):
    """Runs for some minutes; returns the findings."""
    rig = Rig(NAMES, reliable=NAMES[1:], **{
        'diagnostics.image_timeout': faults.IMAGE_TIMEOUT})
    soak = Soak(rig, seed)
    try:
        soak.run(60.0 * minutes)
        seconds = soak.now
    finally:
        code = rig.close()
    if code:
        soak.failures.append(f'the node ended with code {code}')
    if 'Traceback' in rig.node.text:
        soak.failures.append('the node threw an exception, see its log')
    return Findings(soak, rig, seconds, seed)
