"""Ends a command between two images, so that every output holds the same ones."""
from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Keeps the first Ctrl-C (or SIGTERM, SIGHUP) until `check`; a second one acts at once.

    Without this, one that comes while an image is written would spoil that output. Signals that
    are ignored, or handled by somebody else, are left alone.

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
                if signal.getsignal(number) is signal.default_int_handler:
                    self._before[number] = signal.signal(number, self._request)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _request(self, number: int, frame: FrameType | None) -> None:
        if self._requested:
            self.forced = True
            raise KeyboardInterrupt
        self._requested = True

    def check(self) -> None:
        """Raises KeyboardInterrupt if it was asked for."""
        if self._requested:
            raise KeyboardInterrupt
