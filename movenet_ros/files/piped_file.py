"""A file that another library writes, whose errors are ours to see."""
from __future__ import annotations

import os
from pathlib import Path
from threading import Thread

BLOCK = 2 ** 16  # bytes


class PipedFile:
    """A file, and a pipe into it for a library that does not tell of a full disk.

    Attributes:
        pipe: What the library is to open for writing.
    """

    def __init__(self, path: Path) -> None:
        """Opens the file.

        Raises:
            OSError: It cannot be opened.
        """
        self._file = path.open('wb')
        self._reading, self._writing = os.pipe()
        self.pipe = f'/dev/fd/{self._writing}'
        self._error: OSError | None = None
        self._thread = Thread(target=self._copy)
        self._thread.start()

    def opened(self) -> None:
        """Tells that the library has opened the pipe, or could not: the file ends with it."""
        os.close(self._writing)

    def check(self) -> None:
        """Raises the error that the file has met.

        Raises:
            OSError: It could not be written.
        """
        if self._error:
            raise self._error

    def close(self) -> None:
        """Waits until the library has closed the pipe, and closes the file.

        Raises:
            OSError: It could not be written.
        """
        self._thread.join()
        try:
            self.check()
        finally:
            self._file.close()

    def _copy(self) -> None:
        with os.fdopen(self._reading, 'rb', buffering=0) as pipe:
            while block := pipe.read(BLOCK):
                # After an error the rest is read all the same: the library would wait for ever.
                if not self._error:
                    try:
                        self._file.write(block)
                    except OSError as error:
                        self._error = error
        if not self._error:
            try:
                self._file.flush()
            except OSError as error:
                self._error = error
