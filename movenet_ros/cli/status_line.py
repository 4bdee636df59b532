"""A status that changes while a command works."""
from __future__ import annotations

import sys
import time
from types import TracebackType

from movenet_ros.files.stdout import writing_stdout

TERMINAL_PERIOD = 0.2  # s
FILE_PERIOD = 1.0  # s


class StatusLine:
    """Shows the latest status: on a terminal in place, elsewhere in a line now and then.

    Leaving the `with` block shows the last one, and ends its line.
    """

    def __init__(self) -> None:
        self._in_place = sys.stdout.isatty()
        self._period = TERMINAL_PERIOD if self._in_place else FILE_PERIOD
        self._shown = time.monotonic()
        self._is_begun = False
        self._pending = ''

    def show(self, text: str) -> None:
        """Takes the status; it is shown if the last one was some time ago."""
        self._pending = text
        if time.monotonic() - self._shown > self._period:
            self._write()

    def __enter__(self) -> StatusLine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self._write()
        if self._in_place and self._is_begun:
            with writing_stdout():
                print()

    def _write(self) -> None:
        if not self._pending:
            return
        start, end = ('\r', '') if self._in_place else ('', '\n')
        with writing_stdout():
            print(f'{start}{self._pending}', end=end, flush=True)
        self._is_begun, self._pending, self._shown = True, '', time.monotonic()
