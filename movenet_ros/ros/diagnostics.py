"""What the node knows of its own work: counts and times, and what they mean in words.

Nothing here knows ROS. All times come from the caller: `now` is a steady clock in
seconds, ages and durations are seconds.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

OK, WARN, ERROR, STALE = range(4)
"""Levels, as in diagnostic_msgs/DiagnosticStatus."""


@dataclass
class Counts:
    """Where every image since activation has gone.

    Every image that the cameras' drivers published has one of the fates: as far as
    publishers number their images, `published` is exact.

    Attributes:
        answered: A PoseArray was published.
        dropped: Never seen: overtaken by a newer one while the node worked, or lost on the way.
        refused: Unusable, by cause.
        failed: The chain failed.
        odd: What was odd about those answered, by cause; an image may be odd in several ways.
    """

    answered: int = 0
    dropped: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    odd: Counter[str] = field(default_factory=Counter)

    @property
    def received(self) -> int:
        """Images that reached the node."""
        return self.answered + self.refused.total() + self.failed

    @property
    def published(self) -> int:
        """Images that were sent to the node."""
        return self.received + self.dropped

    def since(self, before: Counts) -> Counts:
        """What has come on top of `before`."""
        return Counts(
            self.answered - before.answered, self.dropped - before.dropped,
            self.refused - before.refused, self.failed - before.failed, self.odd - before.odd)

    def copy(self) -> Counts:
        """A copy that stays."""
        return Counts(
            self.answered, self.dropped, self.refused.copy(), self.failed, self.odd.copy())


class SequenceGaps:
    """Counts the images that a publisher has sent and that did not come here.

    The middleware numbers each publisher's messages. Only the newest image is worth
    working on, so the middleware is asked to keep just that one, and says nothing of
    those it throws away; the numbers tell.
    """

    MOST = 64

    def __init__(self) -> None:
        self._last: dict[bytes, int] = {}

    def count(self, publisher: bytes, number: int | None) -> int:
        """How many messages are missing between the last one of this publisher and this one.

        Args:
            publisher: Identifies the publisher; one that is new, or restarted, misses none.
            number: Number of the message; None where the middleware has none.
        """
        if number is None:
            return 0
        last = self._last.pop(publisher, number - 1)
        self._last[publisher] = number
        if len(self._last) > self.MOST:
            del self._last[next(iter(self._last))]
        return max(0, number - last - 1)


class Throttle:
    """Lets each kind of event pass once per period."""

    def __init__(self, period: float) -> None:
        self._period = period
        self._passed: dict[str, float] = {}

    def ready(self, kind: str, now: float) -> bool:
        """Whether an event of this kind may pass now; if so, it has."""
        if now - self._passed.get(kind, float('-inf')) < self._period:
            return False
        self._passed[kind] = now
        return True


class Monitor:
    """Collects what happens between two reports."""

    def __init__(self, now: float) -> None:
        """Starts with an activation, at `now`."""
        self.counts = Counts()
        self.last_image = now
        self.last_refusal = self.last_failure = ''
        self._before = Counts()
        self._since = now
        self._inference: list[float] = []
        self._processing: list[float] = []
        self._ages: list[float] = []

    def dropped(self, count: int) -> None:
        """Images that were never seen."""
        self.counts.dropped += count

    def received(self, now: float, age: float | None = None) -> None:
        """An image came.

        Args:
            now: The time.
            age: Time since its header stamp [s]; None where that cannot be read.
        """
        self.last_image = now
        if age is not None:
            self._ages.append(age)

    def answered(self, inference: float, processing: float) -> None:
        """A PoseArray was published; how long the network and everything took [s]."""
        self.counts.answered += 1
        self._inference.append(inference)
        self._processing.append(processing)

    def odd(self, cause: str) -> None:
        """Something was odd about an image that was answered."""
        self.counts.odd[cause] += 1

    def refused(self, cause: str, text: str) -> None:
        """The image could not be used."""
        self.counts.refused[cause] += 1
        self.last_refusal = text

    def failed(self, text: str) -> None:
        """The chain failed."""
        self.counts.failed += 1
        self.last_failure = text

    def summary(self, now: float) -> Summary:
        """What happened since the last call, which begins the next period."""
        seconds = max(now - self._since, 1e-9)
        period = self.counts.since(self._before)
        summary = Summary(
            total=self.counts.copy(), period=period,
            input_rate=period.published / seconds, output_rate=period.answered / seconds,
            silence=now - self.last_image, ages=tuple(self._ages),
            inference=tuple(self._inference), processing=tuple(self._processing),
            last_refusal=self.last_refusal, last_failure=self.last_failure)
        self._before, self._since = self.counts.copy(), now
        self._inference, self._processing, self._ages = [], [], []
        return summary


@dataclass(frozen=True)
class Summary:
    """One period of an active node.

    Attributes:
        total: Counts since activation.
        period: Counts of the period.
        input_rate, output_rate: Images sent to the node, and PoseArrays, per second.
        silence: Time since the last image, or since activation [s].
        ages: Age of each image when it came, by its header stamp [s].
        inference, processing: Time of the network, and of everything, per image [s].
        last_refusal, last_failure: The latest, in words.
    """

    total: Counts
    period: Counts
    input_rate: float
    output_rate: float
    silence: float
    ages: Sequence[float]
    inference: Sequence[float]
    processing: Sequence[float]
    last_refusal: str
    last_failure: str

    def judge(self, image_timeout: float) -> tuple[int, str]:
        """Level and message."""
        if self.period.failed:
            return ERROR, f'{self.period.failed} images failed: {self.last_failure}'
        if self.silence > image_timeout:
            return STALE, f'no image for {self.silence:.1f} s'
        if self.period.refused:
            return WARN, f'{self.period.refused.total()} images refused: {self.last_refusal}'
        return OK, f'active, {self.output_rate:.1f} of {self.input_rate:.1f} images/s'

    def values(self) -> list[tuple[str, str]]:
        """Keys with their values."""
        total = self.total
        return [
            ('input rate [Hz]', f'{self.input_rate:.2f}'),
            ('output rate [Hz]', f'{self.output_rate:.2f}'),
            ('stamp age p50 [ms]', _middle(self.ages)),
            ('stamp age max [ms]', _largest(self.ages)),
            ('inference p50 [ms]', _middle(self.inference)),
            ('inference max [ms]', _largest(self.inference)),
            ('processing p50 [ms]', _middle(self.processing)),
            ('processing max [ms]', _largest(self.processing)),
            ('images published', str(total.published)),
            ('images received', str(total.received)),
            ('images answered', str(total.answered)),
            ('images dropped', str(total.dropped)),
            ('images refused', str(total.refused.total())),
            *((f'images refused: {cause}', str(n)) for cause, n in sorted(total.refused.items())),
            ('images failed', str(total.failed)),
            *((f'images odd: {cause}', str(n)) for cause, n in sorted(total.odd.items())),
        ]


@dataclass(frozen=True)
class Report:
    """One status for /diagnostics.

    Attributes:
        name: Of what it is about.
        level: `OK`, `WARN`, `ERROR` or `STALE`.
        message: The state in words.
        values: Keys with their values.
    """

    name: str
    level: int
    message: str
    values: Sequence[tuple[str, str]]


def _middle(seconds: Sequence[float]) -> str:
    return f'{1e3 * median(seconds):.2f}' if seconds else '-'


def _largest(seconds: Sequence[float]) -> str:
    return f'{1e3 * max(seconds):.2f}' if seconds else '-'
