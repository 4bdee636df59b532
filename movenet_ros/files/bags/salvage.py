"""Reads recordings without their index: from the beginning, as far as they go.

MCAP has its index at the end (https://mcap.dev/spec), so rosbags does not open a file that was
cut off. SQLite keeps its tables in pages, of which the last ones are missing then.
"""
from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

from movenet_ros.files.bags.mcap_scan import McapScan
from movenet_ros.images.content_kind import FileKind

Item: TypeAlias = tuple[str, str, int | None, bytes]


def scan(path: Path, kind: FileKind) -> Iterator[Item]:
    """All that can be read of a recording, in the order of writing.

    Args:
        path: The file.
        kind: What it is by its content, one of `file_kind.BAGS`.

    Yields:
        Topic, type, log time [ns], and the serialized message; for a topic that is
        announced, once, None and nothing.

    Raises:
        SourceError: The file is no recording.
        Exception: It breaks off or is damaged, after all that could be read. Where nothing is
            raised, nothing is missing.
    """
    yield from McapScan(path).messages() if kind is FileKind.MCAP else _scan_sqlite3(path)


def _scan_sqlite3(path: Path) -> Iterator[Item]:
    database = f'{path.resolve().as_uri()}?immutable=1'
    with closing(sqlite3.connect(database, uri=True)) as connection:
        # Without this, SQLite opens no file that has fewer pages than it should.
        connection.execute('PRAGMA writable_schema = ON')
        topics = {number: (name, kind) for number, name, kind in
                  connection.execute('SELECT id, name, type FROM topics')}
        for name, kind in topics.values():
            yield name, kind, None, b''
        for number, log_ns, data in connection.execute(
                'SELECT topic_id, timestamp, data FROM messages NOT INDEXED ORDER BY rowid'):
            yield *topics[number], log_ns, data
