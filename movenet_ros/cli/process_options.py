"""Options of `movenet process` for one recording and for many."""
from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from movenet_ros.errors import ParameterError
from movenet_ros.processing.part import Part


def add_part(parser: argparse.ArgumentParser) -> None:
    """Adds the options that choose images."""
    parser.add_argument('--start', metavar='SECONDS', type=float, default=0.0,
                        help='leaves out what is before this time since the beginning; of a bag, '
                        'since its first message was received')
    parser.add_argument('--end', metavar='SECONDS', type=float,
                        help='leaves out what is at this time since the beginning, or later')
    parser.add_argument('--every', metavar='N', type=int, default=1,
                        help='only every N-th image of the others')


def part(args: argparse.Namespace) -> Part:
    """The part of a recording that the options ask for.

    Raises:
        ParameterError: They make no sense, or go with others that choose images.
    """
    with as_options():
        chosen = Part(args.start, args.end, args.every)
    if args.only_stamps_of is not None and not chosen.is_whole:
        raise ParameterError('--only-stamps-of', args.only_stamps_of, 'says which images are '
                             'processed; leave out --start, --end and --every')
    return chosen


@contextmanager
def as_options() -> Iterator[None]:
    """Names the option in errors that name the argument it becomes."""
    try:
        yield
    except ParameterError as error:
        raise ParameterError(f'--{error.name}', error.value, error.cause) from error
