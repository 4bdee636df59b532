"""What header stamps say of a stream of images: in time, late, started again, or an outlier."""
from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, TypeVar

from movenet_ros.config import Config
from movenet_ros.core.types import NANOSECONDS


class Course(enum.Enum):
    """What an image's stamp means for the images before it."""

    CONTINUES = 'continues'
    """It follows them, on time or late."""
    RESTARTS = 'restarts'
    """The stream has started again with it."""
    RETURNS = 'returns'
    """It follows those before an outlying stamp: what that stamp has changed is undone."""


@dataclass(frozen=True)
class Stamps:
    """The stamps of a stream of images since its start.

    Attributes:
        latest_ns: The latest, which is the current time.
        last_ns: That of the last image; earlier than the latest if the image came late.
        start_ns: That of the image that came first.
        first_ns: The earliest.
        late_ns: What late images in a row, with none on time in between, have covered by
            their own stamps.
        before: The stamps before the last one, if that may be an outlier: it has restarted the
            stream, or is ahead by more than an image may be late. None once another stamp has
            followed it.
    """

    latest_ns: int
    last_ns: int
    start_ns: int
    first_ns: int
    late_ns: int = 0
    before: Stamps | None = None

    @classmethod
    def start(cls, stamp_ns: int) -> Stamps:
        """Those of a stream that begins."""
        return cls(stamp_ns, stamp_ns, stamp_ns, stamp_ns)

    def add(self, stamp_ns: int, max_lateness: float) -> Stamps | None:
        """The stamps with another one.

        Args:
            stamp_ns: Of the next image.
            max_lateness: By how much it may be earlier than the latest [s].

        Returns:
            None if the stream has started again: the image is earlier than it may be; or it
            is the earliest again, or earlier after one that was on time; or late images cover
            more time than that. These are the signs of a loop of a recording shorter than
            `max_lateness`.
        """
        first_ns = min(self.first_ns, stamp_ns)
        if stamp_ns > self.latest_ns:
            return Stamps(stamp_ns, stamp_ns, self.start_ns, first_ns)
        late_ns = self.late_ns + max(0, stamp_ns - self.last_ns)
        # Until one is on time, all but the first image may have come late.
        looped = (stamp_ns == self.first_ns < self.latest_ns
                  or (stamp_ns < self.first_ns and self.start_ns < self.latest_ns))
        too_late = max(self.latest_ns - stamp_ns, late_ns) > max_lateness * NANOSECONDS
        return None if looped or too_late else Stamps(
            self.latest_ns, stamp_ns, self.start_ns, first_ns, late_ns)

    def follows_outlier(self, stamp_ns: int, max_lateness: float) -> bool:
        """Whether an image shows that the stamp before it was an outlier.

        It does if its own stamp continues the stamps before that one, and does not continue
        that one: it is earlier by more than an image may be late, or that one was itself
        earlier than those before.

        Args:
            stamp_ns: Of the image.
            max_lateness: By how much it may be earlier than the latest [s].
        """
        if self.before is None or stamp_ns <= self.before.latest_ns:
            return False
        return (self.latest_ns < self.before.latest_ns
                or self.latest_ns - stamp_ns > max_lateness * NANOSECONDS)


class Remembered(Protocol):
    """A state, a frozen dataclass, that is kept from one image to the next."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def stamps(self) -> Stamps | None:
        """How the images' stamps have come in."""

    @property
    def before(self) -> Any:
        """The state before the last stamp, of the same type, while that may be an outlier."""


StateT = TypeVar('StateT', bound=Remembered)


def before_outlier(state: StateT, stamps: Stamps) -> StateT | None:
    """The state to return to if the new stamp, or the same one before it, is an outlier.

    Args:
        state: After the image before.
        stamps: Those with the new one.
    """
    if stamps.before is None:
        return None
    if state.stamps and stamps.before is state.stamps.before:
        before: StateT | None = state.before
        return before
    return replace(state, before=None)


def follow_image(before: Stamps | None, stamp_ns: int, config: Config, *,
                 is_same_size: bool) -> tuple[Stamps, Course]:
    """As `follow`; with `tfjs.time`, where any stamp continues, as in the reference."""
    if config.tfjs.time:
        return (Stamps.start(stamp_ns),
                Course.CONTINUES if is_same_size else Course.RESTARTS)
    return follow(before, stamp_ns, config.max_lateness, is_same_size=is_same_size)


def follow(before: Stamps | None, stamp_ns: int, max_lateness: float, *,
           is_same_size: bool) -> tuple[Stamps, Course]:
    """The stamps after another image, and what it means for the images before.

    Args:
        before: Those until now; None at the first image.
        stamp_ns: Of the image.
        max_lateness: By how much it may be earlier than the latest [s].
        is_same_size: Whether the image is as large as the one before.
    """
    if before is None or not is_same_size:
        return Stamps.start(stamp_ns), Course.RESTARTS
    if before.before and before.follows_outlier(stamp_ns, max_lateness):
        stamps = before.before.add(stamp_ns, max_lateness)
        assert stamps is not None  # it is later than all of them
        return stamps, Course.RETURNS
    stamps = before.add(stamp_ns, max_lateness)
    if stamps is None:
        return (replace(Stamps.start(stamp_ns), before=replace(before, before=None)),
                Course.RESTARTS)
    if stamp_ns == before.latest_ns:
        return replace(stamps, before=before.before), Course.CONTINUES
    if stamp_ns - before.latest_ns > max_lateness * NANOSECONDS:
        stamps = replace(stamps, before=replace(before, before=None))
    return stamps, Course.CONTINUES
