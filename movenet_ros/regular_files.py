"""Reads untrusted files: only regular ones, only up to a limit, and JSON of any content.

A path may name a pipe, from which reading may never end, a device such as /dev/zero, or a file
larger than the memory. The errors are OSError and ValueError with a text of one line; the caller
adds which file it was, and what to do.
"""
from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import BinaryIO

_KINDS = {
    stat.S_IFIFO: 'a named pipe', stat.S_IFSOCK: 'a socket', stat.S_IFCHR: 'a device',
    stat.S_IFBLK: 'a device',
}


def open_regular_file(path: str | Path) -> BinaryIO:
    """Opens a file for reading, if it is a regular one.

    The open file is checked, so it cannot be replaced between the check and the reading.

    Args:
        path: The file.

    Raises:
        OSError: It cannot be read, is a folder, a pipe or a device; `strerror` says which,
            without the path.
    """
    try:
        # without O_NONBLOCK, opening a pipe waits for a writer
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError as error:
        # a name that cannot be one: with a NUL, or half a character
        raise OSError(errno.EINVAL, f'no file has such a name: {error}') from error
    try:
        _require_regular(os.fstat(descriptor).st_mode)
    except OSError:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, 'rb')


def read_regular_file(path: str | Path, limit: int) -> bytes:
    """Reads a whole file, if it is a regular one of limited size.

    Args:
        path: The file.
        limit: The most that it may hold [bytes].

    Raises:
        OSError: As `open_regular_file`, or the file holds more than `limit` bytes; `strerror`
            says which, without the path.
    """
    with open_regular_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise OSError(errno.EFBIG, f'it has {size} bytes, at most {limit} are read')
        content = file.read(limit + 1)
    if len(content) > limit:
        # it grew, or is one under /proc, which have size 0
        raise OSError(errno.EFBIG, f'it has more than {limit} bytes, which is all that is read')
    return content


def special_kind(path: str | Path) -> str | None:
    """What a path leads to that is neither a regular file nor a folder, e.g. 'a named pipe'.

    Args:
        path: A path; links are followed.

    Returns:
        None for files and folders, and where there is nothing.

    Raises:
        OSError: It cannot be looked up.
    """
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return None
    return _KINDS.get(stat.S_IFMT(mode), 'something else')


def _require_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), 'something else')
        raise OSError(errno.EINVAL, f'it is {kind}, not a regular file')


def parse_json(text: str | bytes) -> object:
    """The value of a JSON text.

    Args:
        text: The text; bytes are UTF-8, with or without a byte order mark.

    Raises:
        ValueError: It is no JSON, or JSON that Python cannot hold: nested too deep, or with a
            number of thousands of digits. The message has one line; for a JSONDecodeError
            too, which is passed on as it is.
    """
    try:
        return json.loads(text.decode('utf-8-sig') if isinstance(text, bytes) else text)
    except RecursionError:
        # "from None": the traceback would have a thousand calls
        raise ValueError('brackets are nested too deep') from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError as error:
        # Python's own message says how to raise its limit
        raise ValueError('it has a number of thousands of digits') from error
