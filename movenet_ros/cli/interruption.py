"""How Ctrl-C, SIGTERM and SIGHUP end a command: with its outputs whole, and exit code 130."""
from __future__ import annotations

import atexit
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RETRY = 0.01  # s
MESSAGE_MODULE = re.compile(r'\.(msg|srv|action)\._')
"""In the name of the module of a ROS message's class."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Within its `with` block, a signal to stop raises KeyboardInterrupt, and none gets lost.

    SIGTERM, and SIGHUP of a terminal that is closed, tidy up just as Ctrl-C does. Signals that are
    ignored (as by nohup), or handled by other code, are left alone. From the exit of the
    process on, when everything is done, all of them are ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: handler for number in SIGNALS
              if (handler := signal.getsignal(number)) in (signal.SIG_DFL,
                                                           signal.default_int_handler)}
    hook = sys.unraisablehook
    try:
        sys.unraisablehook = _repeat_ignored
        for number in before:
            signal.signal(number, interrupt)
        yield
    finally:
        # The one that is registered last is called first.
        atexit.unregister(_ignore_signals)
        atexit.register(_ignore_signals)
        for number, handler in before.items():
            if signal.getsignal(number) is interrupt:
                signal.signal(number, handler)
        sys.unraisablehook = hook


def interrupt(number: int, frame: FrameType | None) -> None:
    """Raises KeyboardInterrupt, but not while it would become something else: then, after that.

    An extension module that is interrupted in its initialization raises ImportError, and callbacks
    of the import system lose what is raised in them. rclpy raises TypeError where the class of a
    message that it makes is interrupted.
    """
    if _passes(frame):
        raise KeyboardInterrupt
    _repeat(number)


def _passes(frame: FrameType | None) -> bool:
    """Whether what is raised in a frame reaches the program as it is."""
    while frame is not None:
        if (frame.f_code.co_filename.startswith('<frozen importlib')
                or MESSAGE_MODULE.search(str(frame.f_globals.get('__name__')))):
            return False
        frame = frame.f_back
    return True


def _repeat(number: int) -> None:
    """Sends a signal again, to whoever handles it then."""
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(number))
    signal.setitimer(signal.ITIMER_REAL, RETRY)


def _repeat_ignored(ignored: sys.UnraisableHookArgs) -> None:
    """Python ignores what is raised in a destructor; KeyboardInterrupt is raised again."""
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        _repeat(signal.SIGINT)
    else:
        sys.__unraisablehook__(ignored)


def _ignore_signals() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


class Interruption:
    """Keeps the first Ctrl-C (or SIGTERM, SIGHUP) until `check`; a second one acts at once.

    Without this, one that comes while an image is written would spoil that output. Further ones
    are ignored: what the second one has left is being removed. Signals that are ignored, or
    handled by other code, are left alone.

    Attributes:
        forced: Whether a second one came, which may have broken off the writing of an output.
    """

    def __init__(self) -> None:
        self.forced = False
        self._requested = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) in (interrupt, signal.default_int_handler):
                    self._before[number] = signal.signal(number, self._request)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _request(self, number: int, frame: FrameType | None) -> None:
        if not self._requested:
            self._requested = True
        elif not self.forced:
            self.forced = _passes(frame)
            interrupt(number, frame)

    def check(self) -> None:
        """Raises KeyboardInterrupt if it was asked for."""
        if self._requested:
            raise KeyboardInterrupt
