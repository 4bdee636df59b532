"""What the node knows of its own work: counts and times, and what they mean in words.

Nothing here knows ROS. All times come from the caller: `now` is a steady clock in
seconds, ages and durations are seconds.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from statistics import median
from typing import NamedTuple

from movenet_ros.ros.diagnostics.busy_time import BusyTime
from movenet_ros.ros.diagnostics.levels import Level
from movenet_ros.ros.diagnostics.recent_images import WINDOW, Bursts, RecentImages
from movenet_ros.ros.subscription.arrivals import Missed


@dataclass
class Counts:
    """Where every image since activation has gone.

    Every image that the cameras' drivers published has one of these outcomes: as far as
    publishers number their images, `published` is exact.

    Attributes:
        processed: A PoseArray was published.
        skipped: Overtaken by a newer one while the node was busy.
        lost: Never arrived.
        rejected: Unusable, by cause.
        failed: The chain failed.
        warned: Warnings of those processed, by cause; an image may have several.
    """

    processed: int = 0
    skipped: int = 0
    lost: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    warned: Counter[str] = field(default_factory=Counter)

    @property
    def received(self) -> int:
        """Images that the node worked on."""
        return self.processed + self.rejected.total() + self.failed

    @property
    def published(self) -> int:
        """Images that were sent to the node."""
        return self.received + self.skipped + self.lost

    def since(self, before: Counts) -> Counts:
        """What has come on top of `before`."""
        return Counts(
            self.processed - before.processed, self.skipped - before.skipped,
            self.lost - before.lost, self.rejected - before.rejected,
            self.failed - before.failed, self.warned - before.warned)

    def copy(self) -> Counts:
        """A copy that stays."""
        return Counts(
            self.processed, self.skipped, self.lost, self.rejected.copy(), self.failed,
            self.warned.copy())


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

    def __init__(self, now: float, busy: BusyTime | None = None) -> None:
        """Starts with an activation.

        Args:
            now: The time.
            busy: When images of any camera are worked on; by default of this one alone.
        """
        self.counts = Counts()
        self.last_image = now
        self.last_rejection = self.last_failure = ''
        self._before = Counts()
        self._since = now
        self._inference: list[float] = []
        self._processing: list[float] = []
        self._ages: list[float] = []
        self._busy = busy or BusyTime(WINDOW)
        self._recent = RecentImages(self._busy)

    def missed(self, now: float, missed: Missed, arrived: int = 0) -> None:
        """Images that are not worked on.

        Args:
            now: The time.
            missed: How many.
            arrived: How many came beside them that are worked on.
        """
        self.counts.skipped += missed.skipped
        self.counts.lost += missed.lost
        self._recent.note(now, missed, arrived)

    def overtaken(self, now: float) -> None:
        """An image that had come is not worked on, as there is a newer one."""
        self.counts.skipped += 1
        self._recent.overtaken(now)

    def worked(self, started: float, ended: float) -> None:
        """An image was worked on, whatever came of it."""
        self._busy.note(started, ended)

    def loss(self, now: float) -> float:
        """Share of the latest images that were lost; 0 where it is too small to warn of."""
        return self._recent.loss(now)

    def bursts(self, now: float) -> Bursts | None:
        """The latest images that were skipped although the node had time, if they are many."""
        return self._recent.bursts(now)

    def unavailable(self, now: float) -> None:
        """Until `now` the node was paused, or busy with an image: no other one could come."""
        self.last_image = now

    def received(self, now: float, age: float | None = None) -> None:
        """An image came.

        Args:
            now: The time.
            age: Time since its header stamp [s]; None where that cannot be read.
        """
        self.last_image = now
        if age is not None:
            self._ages.append(age)

    def processed(self, inference: float, processing: float) -> None:
        """A PoseArray was published; how long the network and everything took [s]."""
        self.counts.processed += 1
        self._inference.append(inference)
        self._processing.append(processing)

    def warned(self, cause: str) -> None:
        """There is a warning of an image that was processed."""
        self.counts.warned[cause] += 1

    def rejected(self, cause: str, text: str) -> None:
        """The image could not be used."""
        self.counts.rejected[cause] += 1
        self.last_rejection = text

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
            input_rate=period.published / seconds, output_rate=period.processed / seconds,
            silence=now - self.last_image, loss=self.loss(now), bursts=self.bursts(now),
            ages=tuple(self._ages),
            inference=tuple(self._inference), processing=tuple(self._processing),
            last_rejection=self.last_rejection, last_failure=self.last_failure)
        self._before, self._since = self.counts.copy(), now
        self._inference, self._processing, self._ages = [], [], []
        return summary


class Cause(Enum):
    """Why a camera is not all right: the worst that has happened in a period."""

    NONE = auto()
    FAILED = auto()
    SILENT = auto()
    LOST = auto()
    BURSTS = auto()
    REJECTED = auto()


class Diagnosis(NamedTuple):
    """How a camera is doing: a level, a message, and why it is not all right."""

    level: Level
    message: str
    cause: Cause


@dataclass(frozen=True)
class Summary:
    """One period of an active node.

    Attributes:
        total: Counts since activation.
        period: Counts of the period.
        input_rate, output_rate: Images sent to the node, and PoseArrays, per second.
        silence: Time since an image could have come and did not [s].
        loss: Share of the latest images that were lost; 0 where it is too small to warn of.
        bursts: The latest images that were skipped although the node had time, if they are many.
        ages: Age of each image when it came, by its header stamp [s].
        inference, processing: Time of the network, and of everything, per image [s].
        last_rejection, last_failure: The latest, in words.
    """

    total: Counts
    period: Counts
    input_rate: float
    output_rate: float
    silence: float
    loss: float
    bursts: Bursts | None
    ages: Sequence[float]
    inference: Sequence[float]
    processing: Sequence[float]
    last_rejection: str
    last_failure: str

    def judge(self, image_timeout: float) -> Diagnosis:
        """How the camera is doing; no image for longer than `image_timeout` [s] is an error."""
        if self.period.failed:
            return Diagnosis(
                Level.ERROR, f'{self.period.failed} images failed: {self.last_failure}',
                Cause.FAILED)
        if self.silence > image_timeout:
            return Diagnosis(Level.ERROR, f'no image for {self.silence:.1f} s', Cause.SILENT)
        if self.loss:
            return Diagnosis(Level.WARN, loss_text(self.loss), Cause.LOST)
        if self.bursts:
            return Diagnosis(Level.WARN, bursts_text(self.bursts), Cause.BURSTS)
        if self.period.rejected:
            return Diagnosis(
                Level.WARN,
                f'{self.period.rejected.total()} images rejected: {self.last_rejection}',
                Cause.REJECTED)
        return Diagnosis(
            Level.OK, f'active, {self.output_rate:.1f} of {self.input_rate:.1f} images/s',
            Cause.NONE)

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
            ('images processed', str(total.processed)),
            ('images skipped', str(total.skipped)),
            ('images lost', str(total.lost)),
            ('images rejected', str(total.rejected.total())),
            *((f'images rejected: {cause}', str(n)) for cause, n in sorted(total.rejected.items())),
            ('images failed', str(total.failed)),
            *((f'images warned: {cause}', str(n)) for cause, n in sorted(total.warned.items())),
        ]


@dataclass(frozen=True)
class Report:
    """One status for /diagnostics.

    Attributes:
        name: Of what it is about.
        level: How bad it is.
        message: The state in words.
        hardware_id: Which camera: the topic of its images.
        values: Keys with their values.
    """

    name: str
    level: Level
    message: str
    hardware_id: str
    values: Sequence[tuple[str, str]]


def loss_text(share: float) -> str:
    """A share of lost images in words."""
    return f'{share:.0%} of the images of the last {WINDOW:.0f} s were lost on the way'


def bursts_text(bursts: Bursts) -> str:
    """Images that were skipped although the node had time, in words."""
    return (f'{bursts.skipped:.0%} of the images of the last {WINDOW:.0f} s were skipped although '
            f'the node was busy for only {bursts.busy:.0%} of that time: they come in bursts')


def _middle(seconds: Sequence[float]) -> str:
    return f'{1e3 * median(seconds):.2f}' if seconds else '-'


def _largest(seconds: Sequence[float]) -> str:
    return f'{1e3 * max(seconds):.2f}' if seconds else '-'
