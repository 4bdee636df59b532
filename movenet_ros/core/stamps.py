"""Header stamps as they come: on time, late, or from a new start."""
from __future__ import annotations

from dataclasses import dataclass

from movenet_ros.core.types import NANOSECONDS


@dataclass(frozen=True)
class Stamps:
    """The stamps of a stream of images since its start.

    Attributes:
        latest_ns: The latest: what time it is.
        last_ns: That of the last image; earlier than the latest if the image came late.
        start_ns: That of the image that came first.
        first_ns: The earliest.
        late_ns: What late images in a row, with none on time in between, have covered by
            their own stamps.
    """

    latest_ns: int
    last_ns: int
    start_ns: int
    first_ns: int
    late_ns: int = 0

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
            more time than that. So it is when a recording loops that is shorter than
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


def follow(before: Stamps | None, stamp_ns: int, max_lateness: float, *,
           is_same_size: bool) -> tuple[Stamps, bool]:
    """The stamps after another image, and whether everything starts again with it.

    Args:
        before: Those until now; None at the first image.
        stamp_ns: Of the image.
        max_lateness: By how much it may be earlier than the latest [s].
        is_same_size: Whether the image is as large as the one before.
    """
    stamps = before.add(stamp_ns, max_lateness) if before and is_same_size else None
    return stamps or Stamps.start(stamp_ns), stamps is None
