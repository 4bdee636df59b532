"""Files that get their name when they are complete."""
from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from movenet_ros.errors import SinkError


class Draft:
    """A place to write to, in the folder of the final file, so that renaming is all it takes.

    Attributes:
        path: Where to write: the final name, in a hidden folder of its own.
    """

    def __init__(self, final: Path) -> None:
        """Makes the place.

        Args:
            final: What the file or folder is to be called.

        Raises:
            SinkError: Its folder does not exist or cannot be written to.
        """
        self._final = final
        with told(final):
            self._folder = Path(tempfile.mkdtemp(prefix='.movenet-', dir=final.parent))
        self.path = self._folder / final.name

    def publish(self) -> None:
        """Gives the file its final name, in place of what had it.

        Raises:
            SinkError: It cannot be renamed.
        """
        with told(self._final):
            if not self._final.is_dir():
                self.path.replace(self._final)
                return
            # a folder cannot be replaced in one step: put the old one aside first
            before = self._folder / 'before'
            self._final.rename(before)
            try:
                self.path.rename(self._final)
            except OSError:
                before.rename(self._final)
                raise

    def discard(self) -> None:
        """Removes what was not published."""
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turns an OSError into a SinkError that names the file."""
    try:
        yield
    except OSError as error:
        raise SinkError(f'{path}: cannot be written: {error.strerror or error}') from error
