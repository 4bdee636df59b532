"""Hands records from a producer to the clients that watch, the newest only."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Feed:
    """The newest record of a camera, for any number of watchers.

    A watcher that is slow misses records; it delays neither the producer nor other watchers, and
    nothing is queued. All methods may be called from any thread.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._record = b''
        self._count = 0
        self._watchers = 0
        self._closed = False

    @property
    def watchers(self) -> int:
        """How many watch now: without any, a producer need not encode images."""
        return self._watchers

    @property
    def closed(self) -> bool:
        """Whether no more records will come."""
        return self._closed

    def publish(self, record: bytes) -> None:
        """Makes this the newest record. After `close` it is ignored."""
        with self._changed:
            self._record = record
            self._count += 1
            self._changed.notify_all()

    def clear(self) -> None:
        """Forgets the newest record, so that who watches next does not get an outdated one."""
        with self._changed:
            self._record = b''

    @contextmanager
    def watch(self) -> Iterator[Watcher]:
        """A watcher, which gets the newest record that there is at once."""
        with self._changed:
            self._watchers += 1
        try:
            yield Watcher(self)
        finally:
            with self._changed:
                self._watchers -= 1

    def close(self) -> None:
        """Ends it: `next` of all watchers returns None, now and later."""
        with self._changed:
            self._closed = True
            self._record = b''
            self._changed.notify_all()

    def _newer(self, count: int, timeout: float) -> tuple[bytes | None, int]:
        """The newest record if it is not the one with this count, and its own count."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or (self._record and self._count != count), timeout)
            if self._closed or not self._record or self._count == count:
                return None, count
            return self._record, self._count


class Watcher:
    """One client's view of a feed; used by one thread."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._count = 0

    def next(self, timeout: float) -> bytes | None:
        """The newest record that this watcher has not had.

        Args:
            timeout: For how long to wait for one [s].

        Returns:
            None if none has come by then, or the feed is closed.
        """
        record, self._count = self._feed._newer(self._count, timeout)
        return record
