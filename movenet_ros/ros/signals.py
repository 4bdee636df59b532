"""A stop that was asked for by a signal, in whatever state the process is."""
from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_TIMEOUT = 1.5


class StopRequest:
    """Within its `with` block, signals ask for a stop instead of interrupting.

    They are SIGINT, SIGTERM and SIGHUP (the terminal is closed); but SIGHUP stays ignored where
    it is, as by nohup.

    Python runs signal handlers only between two of its own steps, and rclpy waits in C;
    rclpy's own handlers shut its context down under whatever is going on. So a thread
    reads the signals from a pipe, as the interpreter's `set_wakeup_fd` provides, and
    wakes whoever waits. If the process is still not done after `timeout` seconds (it
    may hang on a file), it ends at once. Only for the main thread.
    """

    def __init__(self, timeout: float = STOP_TIMEOUT, code: int = 0) -> None:
        """Nothing is asked for yet.

        Args:
            timeout: After how long the process ends at once [s].
            code: Its exit code then.
        """
        self._timeout, self._code = timeout, code
        self._requested = threading.Event()
        self._done = threading.Event()
        self._callback: Callable[[], Any] = lambda: None

    @property
    def requested(self) -> bool:
        """Whether a stop has been asked for."""
        return self._requested.is_set()

    def wait(self, seconds: float) -> bool:
        """Waits until a stop is asked for, at most so long; returns whether one is."""
        return self._requested.wait(max(0.0, seconds))

    def call(self, callback: Callable[[], Any]) -> None:
        """Has `callback` called, in another thread, when a stop is asked for, or at once."""
        self._callback = callback
        if self.requested:
            callback()

    def __enter__(self) -> StopRequest:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        # First: a signal that comes between the two would be lost.
        self._wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        # The handlers are there to displace the default ones; the pipe does the work.
        self._handlers = {number: signal.signal(number, _ignore) for number in SIGNALS
                          if not (number == signal.SIGHUP
                                  and signal.getsignal(number) == signal.SIG_IGN)}
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self._done.set()
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._handlers.items():
            # Who was asked to stop is stopping: another Ctrl-C must not break into that.
            signal.signal(number, signal.SIG_IGN if self.requested else handler)
        os.close(self._writer)
        self._thread.join()
        os.close(self._reader)

    def _watch(self) -> None:
        while received := os.read(self._reader, 1):
            if received[0] in SIGNALS:
                break
        if not received:
            return
        self._requested.set()
        self._callback()
        if not self._done.wait(self._timeout):
            print(f'still busy {self._timeout:g} s after the stop signal: leaving at once',
                  file=sys.stderr, flush=True)
            os._exit(self._code)


def _ignore(number: int, frame: FrameType | None) -> None:
    pass
