"""The files that SQLite leaves beside a database that was not closed, and what they are worth.

A write-ahead log (``-wal``) has committed changes that are not in the database yet; a rollback
journal (``-journal``) has what an unfinished change has replaced. SQLite applies them as far as
they are right, and says nothing of the rest (https://sqlite.org/walformat.html,
https://sqlite.org/fileformat.html#the_rollback_journal).
"""
from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from movenet_ros.errors import one_line

WAL, JOURNAL = '-wal', '-journal'
WAL_HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
WAL_BYTE_ORDERS = {0x377F0682: '<', 0x377F0683: '>'}
"""Of the words that a log's checksums are made from, by the number that it begins with."""
WAL_HEADER = struct.Struct('>IIIIIIII')
FRAME_HEADER = struct.Struct('>IIII')
JOURNAL_MAGIC = bytes.fromhex('d9d505f920a163d7')


@dataclass(frozen=True)
class Applied:
    """What became of a log.

    Attributes:
        note: What was done, for the user.
        damage: What is missing for certain; None if nothing is known to be.
    """

    note: str
    damage: str | None = None


def logs_of(database: Path) -> list[Path]:
    """The logs beside a database that have something in them."""
    logs = [database.with_name(database.name + end) for end in (WAL, JOURNAL)]
    return [log for log in logs if log.is_file() and log.stat().st_size]


def apply_logs(database: Path) -> list[Applied]:
    """Has SQLite put the logs of a database into it, which changes and removes them.

    Args:
        database: A copy of a database, with copies of its logs beside it.
    """
    # They are judged before SQLite removes them, and by how much it says that it has applied.
    wal, journal = (database.with_name(database.name + end) for end in (WAL, JOURNAL))
    frames = _WalFrames.of(wal) if wal in logs_of(database) else None
    head = _head(journal) if journal in logs_of(database) else b''
    done, problem = _checkpoint(database)
    results = []
    if frames:
        results.append(_judge_wal(wal.name, frames, done, problem))
    if head.startswith(JOURNAL_MAGIC):
        failed = f'{journal.name} could not be applied: {problem}' if problem else None
        results.append(Applied(failed or f'{journal.name} was applied, in a copy', failed))
    elif head.strip(b'\0'):
        text = f'{journal.name} is damaged: SQLite has not applied it'
        results.append(Applied(text, text))
    return results


def _checkpoint(database: Path) -> tuple[int, str]:
    """How many frames of the log SQLite has applied, and what has failed."""
    done = 0
    try:
        with closing(sqlite3.connect(database)) as connection:
            _, _, done = connection.execute('PRAGMA wal_checkpoint(FULL)').fetchone()
            connection.execute('PRAGMA wal_checkpoint(TRUNCATE)')
            connection.execute('PRAGMA journal_mode = DELETE')
            connection.execute('SELECT count(*) FROM sqlite_master').fetchone()
    except sqlite3.Error as error:
        return max(done, 0), one_line(error)
    return max(done, 0), ''


def _judge_wal(name: str, frames: _WalFrames, done: int, problem: str) -> Applied:
    rest = frames.total - done
    if not frames.is_log:
        text = f'{name} is damaged: it does not begin as a log of SQLite, so it was not applied'
        return Applied(text, text)
    if frames.is_torn or (rest > 0 and (problem or frames.last_commit > done)):
        text = (f'{name} is damaged or was cut off: {done} of its {frames.total} pages were '
                'applied, in a copy' + (f' ({problem})' if problem else ''))
        return Applied(text, text)
    left = f', except for {rest} pages of a change that was not finished' if rest > 0 else ''
    return Applied(f'{name} was applied, in a copy{left}')


@dataclass(frozen=True)
class _WalFrames:
    """The frames of a write-ahead log, each of which is a page.

    Attributes:
        is_log: Whether it begins as SQLite's logs do.
        total: How many there are, without those at the end that are left of an older log.
        last_commit: The number, from 1, of the last one that ends a change; 0 if there is none.
        is_torn: Whether the file ends within one.
    """

    is_log: bool
    total: int = 0
    last_commit: int = 0
    is_torn: bool = False

    @classmethod
    def of(cls, path: Path) -> _WalFrames:
        """Those of a file."""
        size = path.stat().st_size
        with path.open('rb') as file:
            head = file.read(WAL_HEADER_BYTES)
            if len(head) < WAL_HEADER_BYTES:
                return cls(False)
            magic, _, page_bytes, _, *salts, sum_0, sum_1 = WAL_HEADER.unpack_from(head)
            order = WAL_BYTE_ORDERS.get(magic)
            if order is None or (sum_0, sum_1) != _checksum(head[:-8], order) or not page_bytes:
                return cls(False)
            number = total = last_commit = 0
            frame_bytes = FRAME_HEADER_BYTES + page_bytes
            heads = _frame_heads(file, frame_bytes)
            for number, (database_pages, *own_salts) in enumerate(heads, 1):
                if own_salts == salts:
                    total, last_commit = number, number if database_pages else last_commit
        is_torn = number == total and (size - WAL_HEADER_BYTES) % frame_bytes > 0
        return cls(True, total, last_commit, is_torn)


def _checksum(head: bytes, order: str) -> tuple[int, int]:
    first = second = 0
    for word_0, word_1 in struct.iter_unpack(f'{order}II', head):
        first = (first + word_0 + second) % 2**32
        second = (second + word_1 + first) % 2**32
    return first, second


def _frame_heads(file: BinaryIO, frame_bytes: int) -> Iterator[tuple[int, ...]]:
    """Pages of the database after a change that ends with a frame, or 0; and the two salts."""
    end = file.seek(0, os.SEEK_END)
    for at in range(WAL_HEADER_BYTES, end, frame_bytes):
        file.seek(at)
        head = file.read(FRAME_HEADER_BYTES)
        if len(head) == FRAME_HEADER_BYTES:
            yield FRAME_HEADER.unpack_from(head)[1:]


def _head(path: Path) -> bytes:
    with path.open('rb') as file:
        return file.read(len(JOURNAL_MAGIC))
