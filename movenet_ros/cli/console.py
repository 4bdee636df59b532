"""What the command writes on the terminal: whatever it quotes, a line stays a line."""
from __future__ import annotations

import argparse
import io
import os
import sys
from typing import Any, NoReturn

from movenet_ros.errors import printable
from movenet_ros.files.stdout import writing_stdout


class Parser(argparse.ArgumentParser):
    """A parser whose errors quote the command line without its control characters."""

    def error(self, message: str) -> NoReturn:
        """Prints the error and exits."""
        super().error(printable(message))

    def print_help(self, file: Any = None) -> None:
        """Writes the help, by default to stdout; argparse would hide that it cannot."""
        if file is None:
            show_lines(self.format_help().rstrip('\n'))
        else:
            super().print_help(file)


def prepare() -> None:
    """Makes stdout and stderr usable, whatever they are.

    They take any text: what their encoding lacks is written as an escape. Where they are closed
    (`>&-`), writing to stdout raises OSError, and what goes to stderr is lost.
    """
    _fill_closed_descriptors()
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, 'w', encoding='utf-8', closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, 'w', encoding='utf-8', closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')


def _fill_closed_descriptors() -> None:
    """Keeps the files that are opened later from taking the place of a closed standard stream.

    What libraries write to stderr would go into an output.
    """
    # a file gets the lowest number that is free
    for number, mode in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, mode), True)


def log(text: object) -> None:
    """Writes a line of ours to stderr: progress, notes, warnings, errors."""
    print(f'movenet: {printable(text)}', file=sys.stderr)


def warn(*texts: str) -> None:
    """Writes warnings to stderr, a line for each text that is not empty."""
    for text in filter(None, texts):
        log(f'warning: {text}')


def show(line: object) -> None:
    """Writes a line of a result to stdout.

    Raises:
        SinkError: It cannot be written.
    """
    with writing_stdout():
        print(printable(line))


def show_lines(text: str) -> None:
    """Writes a result of several lines to stdout."""
    for line in text.split('\n'):
        show(line)


def flush() -> None:
    """Writes what is still buffered.

    Raises:
        SinkError: It cannot be written.
    """
    with writing_stdout():
        sys.stdout.flush()
