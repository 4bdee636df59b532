"""Which images did not arrive, and why: skipped because the node was busy, or lost on the way.

Nothing here knows ROS or a clock; times come from the caller, in seconds.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_PUBLISHERS = 64


@dataclass(frozen=True)
class Missed:
    """Images that are not worked on.

    Attributes:
        skipped: Overtaken by a newer one while the node was busy.
        lost: Never arrived.
        away: How many of those skipped came while there was no subscription.
    """

    skipped: int = 0
    lost: int = 0
    away: int = 0

    def while_away(self) -> Missed:
        """The same, but without a subscription: nothing was lost on the way."""
        return Missed(self.skipped + self.lost, away=self.skipped + self.lost)


class Arrivals:
    """Tells images that were skipped from images that were lost.

    The middleware numbers each publisher's messages, so a gap in the numbers is a number of
    images that did not come. A queue of limited depth gives up its oldest messages, which says
    nothing to anybody: a gap before the first message of a queue that was full is made of images
    that were overtaken. Every other gap is made of images that were lost on the way.

    Some middlewares report losses as well, also where nothing arrives any more. What has been
    reported is not counted a second time when the gap is seen.
    """

    def __init__(self) -> None:
        self._last: dict[bytes, int] = {}
        # In order of their last message; the values mean nothing
        self._seen: dict[bytes, None] = {}
        # Reported, and in no gap yet
        self._ahead = 0
        # In gaps of the latest queue, and perhaps reported only after it was emptied: counted for
        # good, or taken for skipped
        self._settled = self._as_skipped = 0

    @property
    def publishers(self) -> frozenset[bytes]:
        """Those that have sent something; where they cannot be distinguished, their id is empty."""
        return frozenset(self._seen)

    def forget(self) -> None:
        """Forgets the numbers, where they mean nothing; the next of a publisher misses none.

        Who has sent something stays known.
        """
        self._last, self._ahead = {}, 0

    def is_next(self, publisher: bytes, number: int | None) -> bool:
        """Whether a message is the one after the last of its publisher, so that none is missed."""
        return number is not None and self._last.get(publisher) == number - 1

    def reported(self, count: int) -> Missed:
        """The middleware reports lost messages; returns how this changes what was counted.

        Those that were taken for skipped become lost.
        """
        known = min(count, self._settled)
        self._settled -= known
        mistaken = min(count - known, self._as_skipped)
        self._as_skipped -= mistaken
        new = count - known - mistaken
        self._ahead += new
        return Missed(-mistaken, mistaken + new)

    def taken(self, messages: Sequence[tuple[bytes, int | None]], *, overflowed: bool = False,
              away: bool = False) -> Missed:
        """A queue has been emptied, and the last message of it is worked on.

        Args:
            messages: Publisher and number of each, oldest first; a number is None where the
                middleware has none. A publisher that is new, or restarted, misses none.
            overflowed: Whether the queue may have given up messages before these.
            away: Whether there was no subscription for a while: nothing was lost on the way.
        """
        skipped, lost = len(messages) - 1, 0
        # Reports of earlier ones have come.
        self._settled = self._as_skipped = 0
        seen = set()
        for publisher, number in messages:
            self._remember(publisher)
            gap = self._gap(publisher, number)
            known = min(gap, self._ahead)
            self._ahead -= known
            gap -= known
            if away:
                skipped += gap
                self._settled += gap
            elif overflowed and publisher not in seen:
                skipped += gap
                self._as_skipped += gap
            else:
                lost += gap
                self._settled += gap
            seen.add(publisher)
        return Missed(skipped, lost, away=skipped if away else 0)

    def _remember(self, publisher: bytes) -> None:
        self._seen.pop(publisher, None)
        self._seen[publisher] = None
        if len(self._seen) > MOST_PUBLISHERS:
            del self._seen[next(iter(self._seen))]

    def _gap(self, publisher: bytes, number: int | None) -> int:
        if number is None:
            return 0
        last = self._last.pop(publisher, None)
        self._last[publisher] = number
        if len(self._last) > MOST_PUBLISHERS:
            del self._last[next(iter(self._last))]
        if last is None:
            # What was reported lost before is in no gap.
            self._ahead = 0
            return 0
        return max(0, number - last - 1)


def origin(info: Mapping[str, Any], arrivals: Arrivals,
           has_several: Callable[[], bool]) -> tuple[bytes, int | None]:
    """Publisher and number of a message, for `Arrivals.taken`.

    Args:
        info: What the middleware says of the message.
        arrivals: Forgets its numbers where they mean nothing.
        has_several: Tells whether the topic has several publishers; only asked where it matters.
    """
    publisher, number = info.get('publisher_gid'), info['publication_sequence_number']
    if publisher is not None:
        return publisher['data'], number
    # Jazzy does not distinguish publishers: the numbers of several mean nothing. To count them
    # takes ROS 0.2 ms, so numbers that follow one another are taken for those of one.
    if not arrivals.is_next(b'', number) and has_several():
        arrivals.forget()
        return b'', None
    return b'', number
