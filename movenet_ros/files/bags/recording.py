"""A bag that is recorded live: under its final name from the beginning, so that nothing is lost.

Other outputs get their name when they are complete, and are removed where they are not. A
recording cannot be made again: it replaces nothing, and what was written until the process was
killed, or the disk was full, remains and can be read.
"""
from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from movenet_ros.errors import SinkError
from movenet_ros.files.atomic_output import AtomicOutput, as_output_error, require_folder
from movenet_ros.files.bags.bag_writer import BagWriter, OfferedQos
from movenet_ros.files.bags.requirements import require_rosbags


class BagRecording:
    """A folder with metadata.yaml, or a single .mcap file.

    Attributes:
        path: Its name.
        messages: How many were written.
    """

    def __init__(self, path: Path) -> None:
        """Begins it.

        Args:
            path: A name that ends in .mcap for one file, any other for a folder.

        Raises:
            SinkError: There is something of this name, or it cannot be written to.
            MovenetError: The package rosbags is missing.
        """
        require_rosbags()
        self.path, self.messages = path, 0
        self._hidden: AtomicOutput | None = None
        with as_output_error(path):
            if path.exists() or path.is_symlink():
                raise SinkError(f'{path}: exists, and a recording replaces nothing: choose another '
                                'name or remove it')
            require_folder(path, path.parent)
            if path.suffix.lower() == '.mcap':
                self._writer = self._begin_file()
            else:
                self._writer = BagWriter(path)

    def _begin_file(self) -> BagWriter:
        """The library writes into a folder; its file is renamed while it is open."""
        self._hidden = AtomicOutput(self.path)
        try:
            writer = BagWriter(self._hidden.path.with_suffix(''))
            # last, as a name that is taken keeps the next recording from being begun
            self.path.touch(exist_ok=False)
            writer.file.replace(self.path)
        except BaseException:
            self._hidden.discard()
            raise
        return writer

    def add_topic(self, topic: str, kind: str, offered: Sequence[OfferedQos] = ()) -> None:
        """Announces a topic, unless it is known; see `BagWriter.add_topic`."""
        with as_output_error(self.path):
            self._writer.add_topic(topic, kind, offered)

    def write(self, topic: str, log_ns: int, data: bytes) -> None:
        """Adds a message; see `BagWriter.write`.

        Raises:
            SinkError: It cannot be written.
        """
        with as_output_error(self.path):
            self._writer.write(topic, log_ns, data)
        self.messages += 1

    def flush(self) -> None:
        """Keeps what was written, also if the process is killed.

        Raises:
            SinkError: It cannot be written.
        """
        with as_output_error(self.path):
            self._writer.flush()

    def close(self) -> None:
        """Completes it; without messages it is removed.

        Raises:
            SinkError: It cannot be written. What was written before remains.
        """
        try:
            with as_output_error(self.path):
                self._writer.close()
        finally:
            self._remove_rest()

    def abort(self) -> None:
        """Ends it where it is, without an index: what was written can be read."""
        # A full disk has no room for the rest of a buffer either.
        with suppress(OSError):
            self._writer.abort()
        self._remove_rest()

    def _remove_rest(self) -> None:
        if self._hidden is not None:
            self._hidden.discard()
        if not self.messages:
            self._remove_empty()

    def _remove_empty(self) -> None:
        with as_output_error(self.path):
            if self.path.is_dir():
                for file in (self._writer.file, self.path / 'metadata.yaml'):
                    file.unlink(missing_ok=True)
                self.path.rmdir()
            else:
                self.path.unlink(missing_ok=True)
