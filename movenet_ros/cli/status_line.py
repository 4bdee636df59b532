"""A status that changes while a command works."""
from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Sequence
from types import TracebackType

from movenet_ros.errors import printable
from movenet_ros.files.stdout import writing_stdout

TERMINAL_PERIOD = 0.2  # s
FILE_PERIOD = 1.0  # s
UP, CLEAR_BELOW = '\x1b[{}A', '\r\x1b[J'


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


class StatusLines:
    """Several lines on a terminal, in place of those before."""

    def __init__(self) -> None:
        self._shown = 0

    def show(self, lines: Sequence[str], rest: str) -> None:
        """Replaces what was shown.

        Args:
            lines: Not wider than the terminal.
            rest: What to say where there are more than the terminal has.
        """
        most = shutil.get_terminal_size().lines - 1
        if len(lines) > most:
            # What has left the screen at its top could not be replaced.
            lines = [*lines[:most - 1], f'... {rest}']
        back = UP.format(self._shown) if self._shown else ''
        text = '\n'.join(printable(line) for line in lines)
        with writing_stdout():
            print(f'{back}{CLEAR_BELOW}{text}', flush=True)
        self._shown = len(lines)
