"""A rosbag2 (folder, .mcap or .db3) as a source."""
from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.errors import ImageError, SourceError, one_line
from movenet_ros.media.cdr import COMPRESSED_IMAGE, IMAGE, read_header, read_picture
from movenet_ros.media.frames import Frame, Source, sensible_fps
from movenet_ros.media.salvage import scan

if TYPE_CHECKING:
    from rosbags.rosbag2 import Reader

BAG_FILES = ('.mcap', '.db3')
METADATA = 'metadata.yaml'
IMAGE_TYPES = (IMAGE, COMPRESSED_IMAGE)
LONGEST_LIST = 3000


@dataclass(frozen=True)
class RawMessage:
    """A message as the recorder stored it.

    Attributes:
        topic: Where it was recorded.
        msgtype: Its type, e.g. ``sensor_msgs/msg/Image``.
        receive_ns: When the recorder received it [ns].
        data: The message, serialized as CDR; it goes to rclpy as it is.
    """

    topic: str
    msgtype: str
    receive_ns: int
    data: bytes


class BagSource(Source):
    """The images of one topic.

    A bag that was cut off (disk full, recorder killed) is read as far as it goes, and then
    raises SourceError.

    Attributes:
        topic: The topic that is read.
        msgtype: Its type.
    """

    kind = 'bag'

    def __init__(self, path: Path, *, topic: str | None, fps: float) -> None:
        """Looks into the bag and chooses the topic.

        Args:
            path: A folder with metadata.yaml, or a .mcap or .db3 file.
            topic: The topic to read; None takes the only one with images.
            fps: What to tell as `fps` where the bag is too short to have a rate [Hz].

        Raises:
            SourceError: The bag cannot be read, or has no such topic.
        """
        self._path = path
        self._broken: str | None = None
        try:
            topics, span = _contents(path)
        except Exception as error:
            # rosbags lets out errors of every library below it
            self._broken = _reason(error)
            topics, span = _salvaged_contents(path), 0.0
            if not topics:
                raise SourceError(f'{path}: cannot be read as a bag: {self._broken}') from error
        self.topic, self.msgtype = _choose(path, topics, topic)
        count = topics[self.topic, self.msgtype]
        rate = (count - 1) / span if span > 0 else fps
        super().__init__(str(path), total=None if self._broken else count,
                         fps=rate if sensible_fps(rate) else fps)

    def frames(self) -> Generator[Frame, None, None]:
        """All images of the topic, stamped by their headers.

        Raises:
            SourceError: The bag breaks off, after the last image that could be read.
        """
        for message in self.raw_messages():
            try:
                stamp_ns, frame_id = read_header(message.data)
                decode: Callable[[], Picture] = partial(read_picture, message.data, self.msgtype)
            except ImageError as error:
                stamp_ns, frame_id, decode = message.receive_ns, '', partial(_refuse, error)
            yield Frame(stamp_ns, frame_id, decode)

    def raw_messages(self) -> Iterator[RawMessage]:
        """All messages of the topic as they are stored, in the order of their reception.

        Raises:
            SourceError: As `frames`.
        """
        read = self._salvage() if self._broken else self._read()
        with closing(read) as messages:
            while True:
                # Only what reading raises is the bag's fault, not what the caller does between.
                try:
                    receive_ns, data = next(messages)
                except StopIteration:
                    return
                except Exception as error:
                    raise SourceError(f'{self._path}: the bag is damaged or was cut off: '
                                      f'{_reason(error)}') from error
                yield self._message(receive_ns, data)

    def _message(self, receive_ns: object, data: object) -> RawMessage:
        # A damaged database has anything in any column; without bytes it is a damaged message.
        return RawMessage(self.topic, self.msgtype,
                          receive_ns if isinstance(receive_ns, int) else 0,
                          data if isinstance(data, bytes) else b'')

    def _read(self) -> Generator[tuple[object, object], None, None]:
        with _open(self._path) as reader:
            wanted = [item for item in reader.connections
                      if (item.topic, item.msgtype) == (self.topic, self.msgtype)]
            for _, receive_ns, data in reader.messages(wanted):
                yield receive_ns, data

    def _salvage(self) -> Generator[tuple[object, object], None, None]:
        for file in _storage_files(self._path):
            for topic, msgtype, receive_ns, data in scan(file):
                if (topic, msgtype) == (self.topic, self.msgtype) and receive_ns is not None:
                    yield receive_ns, data
        raise SourceError(self._broken or '')


def _open(path: Path) -> Reader:
    from rosbags.rosbag2 import Reader
    return Reader(path)


def _contents(path: Path) -> tuple[dict[tuple[str, str], int], float]:
    """Messages per topic and type, and the time between the first and the last [s]."""
    counts: dict[tuple[str, str], int] = {}
    with _open(path) as reader:
        for item in reader.connections:
            key = item.topic, item.msgtype
            counts[key] = counts.get(key, 0) + item.msgcount
        return counts, max(0, reader.duration - 1) / NANOSECONDS


def _salvaged_contents(path: Path) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for file in _storage_files(path):
        try:
            for topic, msgtype, receive_ns, _ in scan(file):
                key = topic, msgtype
                counts[key] = counts.get(key, 0) + (receive_ns is not None)
        except Exception:
            # It is known to break off somewhere; what came before counts.
            continue
    return counts


def _storage_files(path: Path) -> list[Path]:
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [file for file in files if file.suffix.lower() in BAG_FILES]


def _choose(path: Path, topics: dict[tuple[str, str], int],
            wanted: str | None) -> tuple[str, str]:
    images = {key: count for key, count in topics.items() if key[1] in IMAGE_TYPES}
    if wanted is not None:
        names = (wanted, '/' + wanted)
        images = {key: count for key, count in images.items() if key[0] in names}
        if not images:
            others = [kind for name, kind in topics if name in names]
            problem = (f'the topic {wanted!r} has {others[0]}, not images' if others
                       else f'there is no topic {wanted!r}')
            raise SourceError(f'{path}: {problem}; the bag has: {_listed(topics)}')
    if not images:
        raise SourceError(f'{path}: no topic has images ({" or ".join(IMAGE_TYPES)}); '
                          f'the bag has: {_listed(topics)}')
    filled = {key: count for key, count in images.items() if count} or images
    if len(filled) > 1:
        raise SourceError(f'{path}: several topics have images, name one (--topic): '
                          f'{_listed(filled)}')
    key, count = next(iter(filled.items()))
    if not count:
        raise SourceError(f'{path}: no image was recorded; the bag has: {_listed(topics)}')
    return key


def _listed(topics: dict[tuple[str, str], int]) -> str:
    # In a damaged bag a name may be of any type and any length.
    items = sorted(f'{name} ({kind}, {count} messages)' for (name, kind), count in topics.items())
    return one_line(', '.join(items), LONGEST_LIST) or 'nothing'


def _refuse(error: ImageError) -> Picture:
    raise error


def _reason(error: Exception) -> str:
    return one_line(error) or type(error).__name__
