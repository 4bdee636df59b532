"""Reports a network that hangs."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

POLL = 0.1  # s
POLLS_PER_ALARM = 10

PAUSED = 0.3
"""A poll that comes this long after the one before was held up with the whole process [s].

It shows every pause in which a camera of 30 Hz publishes more than its queue, and ours, can hold.
"""
JUST_RESUMED = 0.5  # s


class Watchdog:
    """A thread that reports while something takes longer than it may.

    A network runs in native code, which nothing in this process can interrupt: it can
    only be reported, or the process ended from outside. That takes a second thread, as the
    executor's only one is inside the network.

    Time is counted in the thread's own polls: while the whole process is paused (SIGSTOP,
    docker pause, a machine that sleeps) the network has no time to return, so that does not
    count against it.
    """

    def __init__(self, limit: Callable[[], float], report: Callable[[float], None]) -> None:
        """Starts to watch.

        Args:
            limit: Gives the longest time allowed [s].
            report: Called in the watchdog's thread, about once a second for as long as it is
                exceeded, with the time taken so far [s].
        """
        self._limit, self._report = limit, report
        self._polls = 0
        self._started: int | None = None  # poll
        self._last_poll, self._resumed, self._pause = time.monotonic(), float('-inf'), 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name='watchdog', daemon=True)
        self._thread.start()

    def __enter__(self) -> Watchdog:
        self._started = self._polls
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self._started = None

    def close(self) -> None:
        """Ends the thread."""
        self._done.set()
        self._thread.join()

    def pause(self) -> float:
        """How long the process was paused until just now [s]; 0 if it was not.

        May be called from any thread.
        """
        now = time.monotonic()
        # The thread may not have had its turn since.
        if (late := now - self._last_poll) > PAUSED:
            return late
        return self._pause if now - self._resumed < JUST_RESUMED else 0.0

    def _watch(self) -> None:
        alarmed = -POLLS_PER_ALARM  # poll
        while not self._done.wait(POLL):
            self._polls += 1
            self._note_pause(time.monotonic())
            # Read once: it may end at any time.
            started = self._started
            if started is None:
                continue
            # The first poll may have come at once, or after a pause.
            seconds = (self._polls - started - 1) * POLL
            if seconds > self._limit() and self._polls - alarmed >= POLLS_PER_ALARM:
                alarmed = self._polls
                self._report(seconds)

    def _note_pause(self, now: float) -> None:
        if (late := now - self._last_poll) > PAUSED:
            self._pause, self._resumed = late, now
        self._last_poll = now
