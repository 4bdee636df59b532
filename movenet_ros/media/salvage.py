"""Reads recordings without their index: from the beginning, as far as they go.

MCAP has its index at the end (https://mcap.dev/spec), so rosbags does not open a file that was
cut off. SQLite keeps its tables in pages, of which the last ones are missing then.
"""
from __future__ import annotations

import sqlite3
import struct
from collections.abc import Generator, Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeAlias
from zlib import crc32

from movenet_ros.errors import SourceError
from movenet_ros.media.file_kind import FileKind

Item: TypeAlias = tuple[str, str, int | None, bytes]
MAGIC = b'\x89MCAP0\r\n'
SCHEMA, CHANNEL, MESSAGE, CHUNK, DATA_END = 3, 4, 5, 6, 15
RECORD = struct.Struct('<BQ')
MESSAGE_HEAD = struct.Struct('<HIQQ')


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
        Exception: It breaks off or is damaged, after what came before. Where nothing is raised,
            nothing is missing.
    """
    yield from (_scan_mcap if kind is FileKind.MCAP else _scan_sqlite3)(path)


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


def _scan_mcap(path: Path) -> Iterator[Item]:
    with path.open('rb') as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise SourceError('this is no MCAP file')
        whole = yield from _records(file, {}, {})
        if not whole:
            raise SourceError('the file ends without its end mark')


def _records(file: BinaryIO, schemas: dict[int, str], channels: dict[int, tuple[str, str]],
             ) -> Generator[Item, None, bool]:
    """The messages in a row of records; returns whether the mark of the data's end came."""
    while head := file.read(RECORD.size):
        if len(head) < RECORD.size:
            raise SourceError('the file ends within a record')
        kind, size = RECORD.unpack(head)
        if kind == DATA_END:
            return True
        body = file.read(size)
        if len(body) < size:
            raise SourceError('the file ends within a record')
        if kind == SCHEMA:
            schemas[_number(body, 0)] = _text(body, 2)[0]
        elif kind == CHANNEL:
            channel = _text(body, 4)[0], schemas.get(_number(body, 2), '')
            if channels.setdefault(_number(body, 0), channel) is channel:
                yield *channel, None, b''
        elif kind == MESSAGE:
            number, _, log_ns, _ = MESSAGE_HEAD.unpack_from(body)
            yield *channels[number], log_ns, body[MESSAGE_HEAD.size:]
        elif kind == CHUNK:
            yield from _records(BytesIO(_unpacked(body)), schemas, channels)
    return False


def _unpacked(chunk: bytes) -> bytes:
    from rosbags.rosbag2.storage_mcap import DECOMPRESSORS
    # start and end [ns], size and checksum of the content, compression, data with its length
    size, checksum = struct.unpack_from('<QI', chunk, 16)
    compression, at = _text(chunk, 28)
    if compression not in DECOMPRESSORS:
        raise SourceError(f'chunks are compressed with {compression!r}, which is not read')
    content = DECOMPRESSORS[compression](chunk[at + 8:], int(size))
    if checksum and crc32(content) != checksum:
        raise SourceError('a chunk does not fit its checksum')
    return content


def _number(body: bytes, at: int) -> int:
    return int(struct.unpack_from('<H', body, at)[0])


def _text(body: bytes, at: int) -> tuple[str, int]:
    """The string at a place, and the place after it."""
    end = at + 4 + int(struct.unpack_from('<I', body, at)[0])
    return body[at + 4:end].decode(), end
