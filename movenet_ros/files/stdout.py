"""Errors of writing to stdout, as SinkError."""
from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from movenet_ros.errors import SinkError


@contextmanager
def writing_stdout() -> Iterator[None]:
    """Turns an OSError into a SinkError.

    BrokenPipeError stays what it is: a reader that has seen enough closes the pipe, which is no
    fault.

    Raises:
        SinkError: stdout cannot be written: the disk is full, or it is closed.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        cause = 'it is closed' if error.errno == errno.EBADF else error.strerror
        raise SinkError(f'stdout cannot be written: {cause}') from error
