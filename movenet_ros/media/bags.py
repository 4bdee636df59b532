"""A rosbag2 (folder or storage file) as a source."""
from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType

from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.errors import ImageError, SourceError, one_line
from movenet_ros.media.bag_files import BagFile, Scratch, open_bag_file
from movenet_ros.media.bag_listing import is_bag_folder, list_files
from movenet_ros.media.bag_metadata import METADATA, Topic
from movenet_ros.media.cdr import COMPRESSED_IMAGE, IMAGE, read_header, read_image
from movenet_ros.media.file_kind import REMEDIES, FileKind
from movenet_ros.media.frames import Frame, Source, sensible_fps

__all__ = ['BAG_FILES', 'METADATA', 'BagSource', 'RawMessage', 'is_bag_folder']

BAG_FILES = ('.mcap', '.db3')
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

    The storage files decide what there is; metadata.yaml only says which they are, in which
    order, and how many messages to expect. A bag that was cut off (disk full, recorder killed),
    or of which a part is missing, is read as far as it goes, and then raises SourceError.

    Attributes:
        topic: The topic that is read.
        msgtype: Its type.
    """

    kind = 'bag'

    def __init__(self, path: Path, *, topic: str | None, fps: float) -> None:
        """Looks into the bag and chooses the topic.

        Args:
            path: A folder, or a storage file (MCAP or SQLite, also compressed with zstd).
            topic: The topic to read; None takes the only one with images.
            fps: What to report as `fps` where the bag is too short to have a rate [Hz].

        Raises:
            SourceError: The bag cannot be read, or has no such topic.
        """
        self._path = path
        self._scratch = Scratch()
        listing = list_files(path)
        self._files = tuple(open_bag_file(file, self._scratch) for file in listing.files)
        self._missing = listing.missing
        counts = _total(self._files)
        if not counts:
            raise SourceError(f'{path}: {_nothing_to_read(self._files)}')
        self.topic, self.msgtype = chosen = _choose(path, counts, listing.promised, topic)
        count = counts[chosen]
        self._expected = max(count, listing.promised.get(chosen, 0))
        notes = (*listing.notes, *(note for file in self._files for note in file.notes))
        if listing.promised and listing.promised.get(chosen, 0) < count:
            notes += (f'{METADATA} says that {self.topic} has {listing.promised.get(chosen, 0)} '
                      f'messages, the files hold {count}: all are read',)
        damaged = any(file.damage for file in self._files)
        rate = 0.0 if damaged else _rate(self._files, count)
        super().__init__(str(path), total=None if damaged else count,
                         fps=rate if sensible_fps(rate) else fps, notes=notes)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        super().__exit__(kind, error, trace)
        self._scratch.close()

    def frames(self) -> Generator[Frame, None, None]:
        """All images of the topic, stamped by their headers.

        Raises:
            SourceError: The bag breaks off, after the last image that could be read.
        """
        for message in self.raw_messages():
            yield _frame(message)

    def raw_messages(self) -> Iterator[RawMessage]:
        """All messages of the topic as they are stored, file by file in the order of reception.

        Raises:
            SourceError: As `frames`.
        """
        given, damage = 0, None
        for file in self._files:
            try:
                for receive_ns, data in file.messages((self.topic, self.msgtype)):
                    given += 1
                    yield self._message(receive_ns, data)
            except SourceError as error:
                damage = damage or error
        if damage:
            raise SourceError(f'{self._path}: the bag is damaged or was cut off: '
                              f'{damage}') from damage
        if given < self._expected:
            missing = f'; missing: {one_line(", ".join(self._missing))}' if self._missing else ''
            raise SourceError(
                f'{self._path}: part of the bag is missing: {self._expected} messages are '
                f'announced on {self.topic}, but only {given} are there{missing}')

    def _message(self, receive_ns: object, data: object) -> RawMessage:
        # A damaged database has anything in any column; without bytes it is a damaged message.
        return RawMessage(self.topic, self.msgtype,
                          receive_ns if isinstance(receive_ns, int) else 0,
                          data if isinstance(data, bytes) else b'')


def _total(files: tuple[BagFile, ...]) -> dict[Topic, int]:
    counts: dict[Topic, int] = {}
    for file in files:
        for topic, count in file.counts.items():
            counts[topic] = counts.get(topic, 0) + count
    return counts


def _nothing_to_read(files: tuple[BagFile, ...]) -> str:
    for file in files:
        if file.kind is FileKind.ROS1_BAG:
            return f'is {file.kind.value}; {REMEDIES[file.kind]}'
    problem = next((file.problem for file in files if file.problem), None)
    return (f'cannot be read as a bag: {problem}' if problem
            else f'no topic has images ({" or ".join(IMAGE_TYPES)}); the bag has: nothing')


def _rate(files: tuple[BagFile, ...], count: int) -> float:
    """Images per second of a topic, or 0 where nothing tells."""
    filled = [file for file in files if sum(file.counts.values())]
    if not filled:
        return 0.0
    span = max(file.end_ns for file in filled) - min(file.start_ns for file in filled)
    return (count - 1) * NANOSECONDS / span if span > 0 else 0.0


def _choose(path: Path, topics: Mapping[Topic, int], promised: Mapping[Topic, int],
            wanted: str | None) -> Topic:
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
        announced = (f' ({METADATA} announces {promised[key]}: a part of the bag is missing)'
                     if promised.get(key) else '')
        raise SourceError(f'{path}: no image was recorded{announced}; the bag has: '
                          f'{_listed(topics)}')
    return key


def _listed(topics: Mapping[Topic, int]) -> str:
    # In a damaged bag a name may be of any type and any length.
    items = sorted(f'{name} ({kind}, {count} messages)' for (name, kind), count in topics.items())
    return one_line(', '.join(items), LONGEST_LIST) or 'nothing'


def _frame(message: RawMessage) -> Frame:
    try:
        image = read_image(message.data, message.msgtype)
    except ImageError as error:
        stamp_ns, frame_id = _header(message)
        decode: Callable[[], Picture] = partial(_refuse, error)
        return Frame(stamp_ns, frame_id, decode, message.receive_ns)
    return Frame(image.stamp_ns, image.frame_id, image.picture, message.receive_ns, image)


def _header(message: RawMessage) -> tuple[int, str]:
    try:
        return read_header(message.data)
    except ImageError:
        return message.receive_ns, ''


def _refuse(error: ImageError) -> Picture:
    raise error
