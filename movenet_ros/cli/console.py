"""What the command writes on the terminal: whatever it quotes, a line stays a line."""
from __future__ import annotations

import argparse
import io
import sys
from typing import NoReturn

from movenet_ros.errors import printable


class Parser(argparse.ArgumentParser):
    """A parser whose errors quote the command line without its control characters."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong and exits."""
        super().error(printable(message))


def prepare() -> None:
    """Lets stdout and stderr take any text: what their encoding lacks is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')


def tell(text: object) -> None:
    """Writes a line of ours to stderr: progress, notes, warnings, errors."""
    print(f'movenet: {printable(text)}', file=sys.stderr)


def warn(*texts: str) -> None:
    """Writes warnings to stderr, a line for each text that is not empty."""
    for text in filter(None, texts):
        tell(f'warning: {text}')


def show(line: object) -> None:
    """Writes a line of a result to stdout."""
    print(printable(line))


def show_lines(text: str) -> None:
    """Writes a result of several lines to stdout."""
    for line in text.split('\n'):
        show(line)
