"""The clock of a recording that is played."""
from __future__ import annotations

import threading
import time

from movenet_ros.tools.view.feed import Feed

POLL = 0.05
"""How soon it is noticed that somebody watches, or nobody any more [s]."""


class Playhead:
    """Where in a recording the playing is.

    It stands still until the first picture is shown, while paused, while nobody watches and at
    the end. All methods may be called from any thread.
    """

    def __init__(self) -> None:
        self._feeds: list[Feed] = []
        self._changed = threading.Condition()
        self._position = 0.0
        self._since: float | None = None
        self._paused = self._ended = self._closed = False
        self._jumps = 0

    @property
    def position(self) -> float:
        """Time since the recording's start [s]."""
        with self._changed:
            return self._now()

    @property
    def jumps(self) -> int:
        """How often it has been moved; what is read for another place is then out of date."""
        return self._jumps

    @property
    def paused(self) -> bool:
        """Whether it is paused, as at the end."""
        return self._paused

    @property
    def closed(self) -> bool:
        """Whether playing is over for good."""
        return self._closed

    def go(self, position: float) -> None:
        """The picture of a position is shown: time goes on from there, if it stood still."""
        with self._changed:
            if self._since is None and not self._paused and not self._ended:
                self._position, self._since = position, time.monotonic()

    def hold_back(self, position: float) -> None:
        """Reading is not as fast as the clock, which goes on from here."""
        with self._changed:
            if self._since is not None:
                self._position, self._since = position, time.monotonic()

    def add(self, feed: Feed) -> None:
        """Adds a feed; time goes on while one of them is watched."""
        self._feeds.append(feed)

    def stop_if_unwatched(self) -> None:
        """Stands still if nobody watches."""
        with self._changed:
            if not any(feed.watchers for feed in self._feeds):
                self._stand_still()

    def end(self) -> None:
        """Everything has been shown: it is paused there."""
        with self._changed:
            self._stand_still()
            self._paused = self._ended = True

    def play(self, paused: bool | None, position: float | None) -> None:
        """See `Subject.play`; going on at the end starts again."""
        with self._changed:
            if position is None and self._ended and paused is False:
                position = 0.0
            if position is not None:
                self._position, self._since, self._ended = position, None, False
                self._jumps += 1
            if paused is not None and paused != self._paused:
                self._stand_still()
                self._paused = paused
                if not paused and position is None and not self._ended:
                    self._since = time.monotonic()
            self._changed.notify_all()

    def close(self) -> None:
        """Ends all waiting."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def left(self, position: float) -> float | None:
        """Time until a position, below 0 when it is over [s]; None while it stands still."""
        with self._changed:
            return None if self._since is None else position - self._now()

    def wait(self, seconds: float) -> None:
        """Waits until something changes, at most `POLL` or so long [s]."""
        with self._changed:
            if not self._closed:
                self._changed.wait(min(POLL, seconds))

    def _now(self) -> float:
        passed = 0.0 if self._since is None else time.monotonic() - self._since
        return self._position + passed

    def _stand_still(self) -> None:
        self._position, self._since = self._now(), None
