"""Files that get their name when they are complete."""
from __future__ import annotations

import fcntl
import os
import platform
import shlex
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from movenet_ros.errors import SinkError
from movenet_ros.regular_files import special_kind

# Of this machine: on a network drive, locks of another one may not be seen.
PREFIX = f'.movenet-{zlib.crc32(platform.node().encode()):08x}-'
ATTEMPTS = 10


class AtomicOutput:
    """A place to write to, in the folder of the final file, so that renaming is all it takes.

    The place is a hidden folder, locked for as long as its process lives. The next output beside
    it removes what processes that were killed have left.

    Attributes:
        path: Where to write: the final name, in a folder of its own.
    """

    def __init__(self, final: Path) -> None:
        """Makes the place.

        Args:
            final: What the file or folder is to be called. A symbolic link is followed: what it
                points to is replaced, if it is a file or a folder.

        Raises:
            SinkError: Its folder does not exist or cannot be written to, or it is a device, a
                pipe or a socket.
        """
        with as_output_error(final):
            self._final = _followed(final)
            check_replaceable(final)
            require_folder(final, self._final.parent)
            remove_abandoned(self._final.parent)
            self._folder, self._lock = locked_folder(self._final.parent)
            inner = self._folder / 'new'
            inner.mkdir()
        self.path = inner / self._final.name

    def publish(self) -> None:
        """Gives the file its final name, in place of what had it.

        Raises:
            SinkError: It cannot be renamed.
        """
        with as_output_error(self._final):
            if not self._final.is_dir():
                self.path.replace(self._final)
                return
            # a folder cannot be replaced in one step: put the old one aside first
            before = self._folder / 'old'
            self._final.rename(before)
            try:
                self.path.rename(self._final)
            except OSError:
                before.rename(self._final)
                raise

    def discard(self) -> None:
        """Removes what was not published."""
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a whole file, which gets its name when it is complete.

    Raises:
        SinkError: It cannot be written.
    """
    output = AtomicOutput(path)
    try:
        with as_output_error(path):
            output.path.write_bytes(content)
        output.publish()
    finally:
        output.discard()


def check_replaceable(path: Path) -> None:
    """Checks that an output replaces a file or a folder, not a device, a pipe or a socket.

    Args:
        path: Where an output is to be; links are followed.

    Raises:
        SinkError: The path is a device, a pipe or a socket.
    """
    with suppress(OSError):  # reported when it is written
        if kind := special_kind(path):
            raise SinkError(f'{path}: is {kind}, and an output replaces only files; to write '
                            f'lines of JSON to it: --output - > {shlex.quote(str(path))}')


def require_folder(final: Path, folder: Path) -> None:
    """Checks that there is the folder of an output.

    Raises:
        SinkError: There is none.
    """
    missing = None
    while not folder.exists():
        missing, folder = folder, folder.parent
    if missing:
        raise SinkError(f'{final}: cannot be written: there is no folder {missing}')


def _followed(final: Path) -> Path:
    followed = Path(os.path.realpath(final)) if final.is_symlink() else final
    if followed.is_symlink():
        raise SinkError(f'{final}: is a symbolic link that leads back to itself')
    return followed


def locked_folder(parent: Path) -> tuple[Path, int | None]:
    """A new hidden folder, which is locked for as long as its process lives.

    Returns:
        The folder, and the descriptor that holds its lock; None where nothing can be locked.

    Raises:
        OSError: It cannot be made.
    """
    for _ in range(ATTEMPTS):
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass  # Another process is about to remove it, as it was not locked yet.
        except OSError:
            os.close(lock)
            return folder, None
        else:
            if folder.exists():
                return folder, lock
        os.close(lock)
    raise OSError(f'no folder could be made in {parent}')


def remove_abandoned(parent: Path) -> None:
    """Removes the locked folders of processes that are gone.

    What they were publishing is completed.
    """
    for folder in parent.glob(f'{PREFIX}*'):
        # Of another user, or removed by another process meanwhile.
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(lock).st_uid != os.geteuid():
                    continue  # In /tmp, any user may have made it, with links in it.
                if (folder / 'old').exists():
                    _complete(folder, parent)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _complete(folder: Path, parent: Path) -> None:
    """The old folder was put aside; if the new one was not yet renamed, it is now."""
    for new in (folder / 'new').iterdir():
        if not (parent / new.name).exists():
            new.rename(parent / new.name)


@contextmanager
def as_output_error(path: Path) -> Iterator[None]:
    """Turns an OSError into a SinkError that names the file."""
    try:
        yield
    except OSError as error:
        raise SinkError(f'{path}: cannot be written: {error.strerror or error}') from error
