"""The storage files of a rosbag2: MCAP or SQLite, also compressed as a whole.

A file is read by rosbags, through its index. Where the index is missing or leaves messages out,
the file itself is read from its beginning to its end (`salvage`). The files of the user are never
written to: what SQLite would have to repair first is repaired in a copy.
"""
from __future__ import annotations

import errno
import os
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from movenet_ros.errors import MovenetError, SourceError, one_line
from movenet_ros.files.atomic_output import locked_folder, remove_abandoned
from movenet_ros.files.bags import zstd
from movenet_ros.files.bags.metadata import Topic
from movenet_ros.files.bags.salvage import Item, scan
from movenet_ros.files.bags.sqlite_logs import Applied, apply_logs, logs_of
from movenet_ros.files.file_kind import file_kind
from movenet_ros.files.wanted import Wanted, always
from movenet_ros.images.content_kind import BAGS, HEAD_BYTES, ZSTD, FileKind, content_kind

if TYPE_CHECKING:
    from rosbags.rosbag2.reader import ReaderProtocol

PLUGINS = {FileKind.MCAP: '.mcap', FileKind.SQLITE3: '.db3'}
URI_SAFE = ''.join(map(chr, range(32, 127))).translate(str.maketrans('', '', '%?#'))
MEGABYTE = 2**20
FULL = (errno.ENOSPC, errno.EDQUOT)
REMEDY = 'set TMPDIR to a folder with more room'


class Scratch:
    """A temporary folder for copies, which goes when this object does.

    The next one removes what processes that were killed have left.
    """

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._finalizer: weakref.finalize[..., Scratch] | None = None

    def place(self, name: str, size: int) -> Path:
        """Where a file can be put.

        Args:
            name: What to call it.
            size: How much room it takes at least [bytes].

        Raises:
            SourceError: There is not enough room.
        """
        if self._folder is None:
            parent = Path(tempfile.gettempdir())
            remove_abandoned(parent)
            self._folder, lock = locked_folder(parent)
            self._finalizer = weakref.finalize(self, _remove, self._folder, lock)
        if (free := shutil.disk_usage(self._folder).free) < size:
            raise SourceError(
                f'it must be copied to be read, which takes {size // MEGABYTE} MiB, but '
                f'{self._folder.parent} has {free // MEGABYTE} MiB left; '
                f'{REMEDY}')
        return Path(tempfile.mkdtemp(dir=self._folder)) / name

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Turns the error of a full disk into one that says what to do about it.

        Raises:
            SourceError: There is no more room for a copy.
        """
        try:
            yield
        except OSError as error:
            if error.errno not in FULL or self._folder is None:
                raise
            raise SourceError(f'it must be copied to be read, but {self._folder.parent} is full; '
                              f'{REMEDY}') from error

    def close(self) -> None:
        """Removes the folder with all that is in it."""
        if self._finalizer:
            self._finalizer()
        self._folder = self._finalizer = None


def _remove(folder: Path, lock: int | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if lock is not None:
        os.close(lock)


@dataclass(frozen=True)
class BagFile:
    """One storage file.

    Attributes:
        path: The file, as the user knows it.
        kind: What it is by its content, or what is in it where it is compressed.
        readable: The file itself, or a copy that can be read.
        counts: Messages of each topic, as far as they can be read.
        start_ns, end_ns: When the first and the last message were received [ns]; 0 and 0 where
            that is not known.
        problem: Why rosbags cannot read it; None if it can.
        damage: What is missing in it for certain; None if nothing is known to be.
        notes: What the user should know of how it is read.
    """

    path: Path
    kind: FileKind
    readable: Path
    counts: dict[Topic, int] = field(default_factory=dict)
    start_ns: int = 0
    end_ns: int = 0
    problem: str | None = None
    damage: str | None = None
    notes: tuple[str, ...] = ()

    def messages(self, topic: Topic, start_ns: int | None = None,
                 is_wanted: Wanted = always) -> Generator[tuple[object, object], None, None]:
        """The time of reception [ns] and the bytes of each message of a topic.

        They come in the order of reception; messages that only `salvage` finds come last. A
        damaged database may have anything in either place.

        Args:
            topic: Its name and type.
            start_ns: Leaves out what was received before [ns].
            is_wanted: Ends the search for messages.

        Raises:
            SourceError: The file breaks off or is damaged, after the last message.
        """
        given: Counter[tuple[object, int]] = Counter()
        is_whole = self.problem is None
        if is_whole:
            try:
                for receive_ns, data in self._indexed(topic, start_ns):
                    given[_key(receive_ns, data)] += 1
                    yield receive_ns, data
            except Exception:
                # rosbags lets out errors of every library below it; what is wrong shows below
                is_whole = False
        if not is_whole or (start_ns is None and given.total() < self.counts.get(topic, 0)):
            try:
                yield from self._others(topic, given, start_ns or 0, is_wanted)
            except Exception as error:
                raise SourceError(self.damage or reason(error)) from error
        if self.damage:
            raise SourceError(self.damage)

    def _indexed(self, topic: Topic, start_ns: int | None,
                 ) -> Generator[tuple[object, object], None, None]:
        reader = _open(self.readable, self.kind)
        try:
            wanted = [item for item in reader.connections if (item.topic, item.msgtype) == topic]
            if wanted:
                for _, receive_ns, data in reader.messages(wanted, start=start_ns):
                    yield receive_ns, _unpacked(data)
        finally:
            reader.close()

    def _others(self, topic: Topic, given: Counter[tuple[object, int]], start_ns: int,
                is_wanted: Wanted) -> Generator[tuple[object, object], None, None]:
        for name, msgtype, receive_ns, packed in scan(self.readable, self.kind):
            if not is_wanted():
                return
            if (name, msgtype) == topic and _is_from(receive_ns, start_ns):
                data = _unpacked(packed)
                if given[_key(receive_ns, data)] > 0:
                    given[_key(receive_ns, data)] -= 1
                else:
                    yield receive_ns, data


def open_bag_file(path: Path, scratch: Scratch) -> BagFile:
    """Opens a storage file; never fails: what cannot be read is its `problem`.

    Args:
        path: The file.
        scratch: Where copies go.
    """
    try:
        file = _prepared(path, scratch)
    except Exception as error:
        return BagFile(path, FileKind.UNKNOWN, path, problem=reason(error), damage=reason(error))
    if file.kind not in BAGS:
        problem = f'{path.name} is {file.kind.value}, not a bag'
        return replace(file, problem=problem, damage=problem)
    try:
        return _with_index(file)
    except Exception as error:
        return _without_index(replace(file, problem=_index_problem(error)))


def inner_kind(path: Path) -> FileKind:
    """What a file is, or what is in it where it is compressed with zstd.

    Raises:
        OSError: It cannot be read.
    """
    kind = file_kind(path)
    if kind is FileKind.ZSTD:
        with suppress(Exception), zstd.open_compressed(path) as content:
            return content_kind(content.read(HEAD_BYTES))
    return kind


def reason(error: Exception) -> str:
    """An error of any library, in a few words."""
    return one_line(error) or type(error).__name__


def _index_problem(error: Exception) -> str:
    from rosbags.rosbag2 import ReaderError
    # Other errors are about rosbags' code, not about the file.
    return reason(error) if isinstance(error, (MovenetError, ReaderError)) else 'it is damaged'


def _prepared(path: Path, scratch: Scratch) -> BagFile:
    kind = file_kind(path)
    if kind is FileKind.ZSTD:
        return _decompressed(path, scratch)
    if kind is FileKind.SQLITE3 and (logs := logs_of(path.resolve())):
        copy, applied = _with_logs(path.resolve(), logs, scratch)
        damage = '; '.join(log.damage for log in applied if log.damage)
        notes = [f'{path.name} was not closed by its recorder; {log.note}' for log in applied
                 if not log.damage]
        return BagFile(path, kind, copy, damage=damage or None, notes=tuple(notes))
    return BagFile(path, kind, path)


def _decompressed(path: Path, scratch: Scratch) -> BagFile:
    place = scratch.place(path.stem, path.stat().st_size)
    damage = None
    with scratch.filling(), place.open('wb') as file:
        try:
            with zstd.open_compressed(path) as content:
                shutil.copyfileobj(content, file, MEGABYTE)
        except SourceError:
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno in FULL:
                raise
            # What came out until then is a bag that was cut off.
            damage = f'{path.name} cannot be decompressed to its end: {reason(error)}'
    return BagFile(path, file_kind(place), place, damage=damage)


def _with_logs(path: Path, logs: list[Path], scratch: Scratch) -> tuple[Path, list[Applied]]:
    """A copy of a database in which SQLite has put its logs, and what became of them."""
    copy = scratch.place(path.name, sum(file.stat().st_size for file in (path, *logs)))
    with scratch.filling():
        for file in (path, *logs):
            shutil.copyfile(file, copy.with_name(file.name))
        return copy, apply_logs(copy)


def _open(path: Path, kind: FileKind) -> ReaderProtocol:
    from rosbags.rosbag2 import Reader
    if kind is FileKind.SQLITE3:
        # rosbags makes a URI of it, in which some characters mean something else
        path = Path(quote(os.fsencode(path), URI_SAFE))
    reader = Reader.STORAGE_PLUGINS[PLUGINS[kind]](path)
    reader.open()
    return reader


def _with_index(file: BagFile) -> BagFile:
    counts: dict[Topic, int] = {}
    reader = _open(file.readable, file.kind)
    try:
        for item in reader.connections:
            key = item.topic, item.msgtype
            counts[key] = counts.get(key, 0) + item.msgcount
        known = reader.metadata
    finally:
        reader.close()
    if file.kind is FileKind.MCAP and sum(counts.values()) != known.message_count:
        raise SourceError('its index does not name all topics')
    empty = not known.message_count
    return replace(file, counts=counts, start_ns=0 if empty else known.start_time,
                   end_ns=0 if empty else known.end_time - 1)


def _without_index(file: BagFile) -> BagFile:
    counts: dict[Topic, int] = {}
    times: list[int] = []
    damage = file.damage
    try:
        for item in scan(file.readable, file.kind):
            _count(item, counts)
            times = _span(item, times)
    except Exception as error:
        # It is known to break off somewhere; what came before counts.
        damage = damage or reason(error)
    notes = file.notes if damage else (*file.notes, (
        f'{file.path.name} has no index that can be used ({file.problem}); it is read from its '
        'beginning to its end'))
    start_ns, end_ns = times or (0, 0)
    return replace(file, counts=counts, start_ns=start_ns, end_ns=end_ns, damage=damage,
                   notes=notes)


def _count(item: Item, counts: dict[Topic, int]) -> None:
    name, msgtype, receive_ns, _ = item
    counts[name, msgtype] = counts.get((name, msgtype), 0) + (receive_ns is not None)


def _span(item: Item, times: list[int]) -> list[int]:
    if not isinstance(item[2], int):
        return times
    return [min([*times[:1], item[2]]), max([*times[1:], item[2]])]


def _is_from(receive_ns: object, start_ns: int) -> bool:
    if start_ns and isinstance(receive_ns, int):
        return receive_ns >= start_ns
    return receive_ns is not None


def _key(receive_ns: object, data: object) -> tuple[object, int]:
    return receive_ns, len(data) if isinstance(data, bytes) else -1


def _unpacked(data: object) -> object:
    """Recorders can compress message by message; no serialized message begins like that."""
    if isinstance(data, bytes) and data.startswith(ZSTD):
        with suppress(Exception):
            return zstd.decompress(data)
    return data
