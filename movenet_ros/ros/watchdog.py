"""Notices that a network does not come back."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

POLL = 0.1  # s


class Watchdog:
    """A thread that tells while something takes longer than it may.

    A network runs in native code, which nothing in this process can interrupt: it can
    only be told of, or the process ended from without. That takes a second thread, as the
    executor's only one is inside the network.
    """

    def __init__(self, limit: Callable[[], float], tell: Callable[[float], None]) -> None:
        """Starts to watch.

        Args:
            limit: Gives the longest time allowed [s].
            tell: Called in the watchdog's thread, about once a second for as long as it is
                exceeded, with the time taken so far [s].
        """
        self._limit, self._tell = limit, tell
        self._started: float | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name='watchdog', daemon=True)
        self._thread.start()

    def __enter__(self) -> Watchdog:
        self._started = time.monotonic()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self._started = None

    def close(self) -> None:
        """Ends the thread."""
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        told = 0.0
        while not self._done.wait(POLL):
            # Read once: it may end at any time.
            started = self._started
            if started is None:
                continue
            now = time.monotonic()
            if now - started > self._limit() and now - told >= 1.0:
                told = now
                self._tell(now - started)
