"""Reads an MCAP file record by record and leaves out what is damaged (https://mcap.dev/spec)."""
from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeAlias
from zlib import crc32

from movenet_ros.errors import SourceError, one_line

Channel: TypeAlias = tuple[str, str]
"""Topic and type."""
Message: TypeAlias = tuple[str, str, int | None, bytes]
Record: TypeAlias = tuple[int, int, bytes]
"""Kind, place in the file, content."""
MAGIC = b'\x89MCAP0\r\n'
SCHEMA, CHANNEL, MESSAGE, CHUNK, CHUNK_INDEX, DATA_END = 3, 4, 5, 6, 8, 15
RECORD = struct.Struct('<BQ')
MESSAGE_HEAD = struct.Struct('<HIQQ')
FOOTER_BYTES, DATA_END_BYTES = 20, 4


class McapScan:
    """A file, read from its beginning to its end.

    The length of a record gives where the next one begins, so a damaged one costs no other. If a
    length is wrong, the index gives where the chunks after it are.
    """

    def __init__(self, path: Path) -> None:
        """Prepares to read a file.

        Args:
            path: The file.
        """
        self._path = path
        self._schemas: dict[int, str] = {}
        self._channels: dict[int, Channel] = {}
        self._announced: set[int] = set()
        self._damage: SourceError | None = None

    def messages(self) -> Iterator[Message]:
        """All messages that are intact, in the order of the file.

        Yields:
            Topic, type, log time [ns], and the serialized message; for a topic that is
            announced, once, None and nothing.

        Raises:
            SourceError: It is no MCAP file; or something of it is missing or damaged, after the
                last message.
        """
        with self._path.open('rb') as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise SourceError('this is no MCAP file')
            size = file.seek(0, os.SEEK_END)
            chunks = self._read_index(file, size)
            try:
                for kind, at, body in _data(file, size):
                    chunks.discard(at)
                    yield from self._content(kind, body)
            except SourceError as error:
                self._damage = self._damage or error
            if self._damage is None:
                return
            for at in sorted(chunks):
                yield from self._indexed_chunk(file, at, size)
            raise self._damage

    def _read_index(self, file: BinaryIO, size: int) -> set[int]:
        """Notes the channels that the index at the end names; returns where chunks begin."""
        chunks = set()
        # A file that was cut off has none, and a damaged one is of use as far as it goes.
        with suppress(SourceError, struct.error, ValueError):
            start = size - len(MAGIC) - FOOTER_BYTES - RECORD.size
            (_, _, footer), = _records(file, start, size - len(MAGIC), 'the file')
            for kind, _, body in _records(
                    file, int(struct.unpack_from('<Q', footer)[0]) or start, start, 'the index'):
                if kind == CHUNK_INDEX:
                    chunks.add(int(struct.unpack_from('<Q', body, 16)[0]))
                elif kind in (SCHEMA, CHANNEL):
                    self._note_channel(kind, body)
        return chunks

    def _indexed_chunk(self, file: BinaryIO, at: int, size: int) -> Iterator[Message]:
        with suppress(SourceError):
            for kind, _, body in _records(file, at, size, 'the file'):
                if kind == CHUNK:
                    yield from self._content(kind, body)
                return

    def _content(self, kind: int, body: bytes) -> Iterator[Message]:
        """The messages of a record; one that is damaged has none, and is noted."""
        try:
            if kind in (SCHEMA, CHANNEL):
                number = self._note_channel(kind, body)
                if kind == CHANNEL and number not in self._announced:
                    self._announced.add(number)
                    yield *self._channels[number], None, b''
            elif kind == MESSAGE:
                number, _, log_ns, _ = MESSAGE_HEAD.unpack_from(body)
                if number not in self._channels:
                    raise SourceError(f'a message is on the channel {number}, which is not there')
                yield *self._channels[number], log_ns, body[MESSAGE_HEAD.size:]
            elif kind == CHUNK:
                content = _unpacked(body)
                for inner, _, record in _records(BytesIO(content), 0, len(content), 'a chunk'):
                    yield from self._content(inner, record)
        except SourceError as error:
            self._damage = self._damage or error
        except (struct.error, UnicodeDecodeError, RecursionError):
            self._damage = self._damage or SourceError('a record is damaged')

    def _note_channel(self, kind: int, body: bytes) -> int:
        number = _number(body, 0)
        if kind == SCHEMA:
            self._schemas[number] = _text(body, 2)[0]
        elif number not in self._announced:
            self._channels[number] = _text(body, 4)[0], self._schemas.get(_number(body, 2), '')
        return number


def _data(file: BinaryIO, size: int) -> Iterator[Record]:
    """The records of a file from its first one to the mark of the data's end."""
    for kind, at, body in _records(file, len(MAGIC), size, 'the file'):
        if kind == DATA_END and len(body) == DATA_END_BYTES:
            return
        yield kind, at, body
    raise SourceError('the file ends without its end mark')


def _records(file: BinaryIO, at: int, end: int, what: str) -> Iterator[Record]:
    """The records between two places of a file."""
    while 0 <= at < end:
        file.seek(at)
        head = file.read(RECORD.size)
        if len(head) < RECORD.size:
            raise SourceError(f'{what} ends within a record')
        kind, size = RECORD.unpack(head)
        if at + RECORD.size + size > end:
            raise SourceError(f'{what} ends within a record')
        yield kind, at, file.read(size)
        at += RECORD.size + size


def _unpacked(chunk: bytes) -> bytes:
    from rosbags.rosbag2.storage_mcap import DECOMPRESSORS
    # start and end [ns], size and checksum of the content, compression, data with its length
    size, checksum = struct.unpack_from('<QI', chunk, 16)
    compression, at = _text(chunk, 28)
    if compression not in DECOMPRESSORS:
        raise SourceError(f'chunks are compressed with {compression!r}, which is not read')
    try:
        content = DECOMPRESSORS[compression](chunk[at + 8:], int(size))
    except Exception as error:
        # of whichever library decompresses
        raise SourceError(f'a chunk cannot be decompressed: {one_line(error)}') from error
    if checksum and crc32(content) != checksum:
        raise SourceError('a chunk does not fit its checksum')
    return content


def _number(body: bytes, at: int) -> int:
    return int(struct.unpack_from('<H', body, at)[0])


def _text(body: bytes, at: int) -> tuple[str, int]:
    """The string at a place, and the place after it."""
    end = at + 4 + int(struct.unpack_from('<I', body, at)[0])
    return body[at + 4:end].decode(), end
