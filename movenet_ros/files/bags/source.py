"""The images in a rosbag2 (folder or storage file) as a source."""
from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType

from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.errors import ImageError, SourceError, one_line
from movenet_ros.files.bags.bag import Bag, RawMessage
from movenet_ros.files.bags.geometry import GeometryTopics, find_geometry, with_geometry
from movenet_ros.files.bags.metadata import METADATA, Topic
from movenet_ros.files.source import Frame, Source, sensible_fps
from movenet_ros.files.wanted import Wanted, always
from movenet_ros.images.cdr import COMPRESSED_IMAGE, IMAGE, read_header, read_image

BAG_FILES = ('.mcap', '.db3')
IMAGE_TYPES = (IMAGE, COMPRESSED_IMAGE)
LONGEST_LIST = 3000


class BagSource(Source):
    """The images of one topic of a `Bag`.

    A bag that was cut off (disk full, recorder killed), or of which a part is missing, is read
    as far as it goes, and then raises SourceError.

    Attributes:
        topic: The topic that is read.
        msgtype: Its type.
    """

    kind = 'bag'

    def __init__(self, path: Path, *, topic: str | None, fps: float) -> None:
        """Opens the bag and chooses the topic.

        Args:
            path: A folder, or a storage file (MCAP or SQLite, also compressed with zstd).
            topic: The topic to read; None takes the only one with images.
            fps: What to report as `fps` where the bag is too short to have a rate [Hz].

        Raises:
            SourceError: The bag cannot be read, or has no such topic.
        """
        self._bag = bag = Bag(path)
        self.topic, self.msgtype = chosen = _choose(path, bag.counts, bag.promised, topic)
        count, promised, notes = bag.counts[chosen], bag.promised.get(chosen, 0), bag.notes
        if bag.promised and promised < count:
            notes += (f'{METADATA} says that {self.topic} has {promised} messages, the files hold '
                      f'{count}: all are read',)
        rate = bag.rate(count)
        super().__init__(str(path), total=None if bag.is_damaged else count,
                         fps=rate if sensible_fps(rate) else fps, notes=notes)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        super().__exit__(kind, error, trace)
        self._bag.close()

    def frames(self) -> Generator[Frame, None, None]:
        """All images of the topic, stamped by their headers.

        Raises:
            SourceError: As `Bag.messages`.
        """
        for message in self.raw_messages():
            yield _frame(message)

    @property
    def start_ns(self) -> int:
        """When the first message of the bag was received [ns]."""
        return self._bag.span_ns[0]

    @property
    def duration(self) -> float:
        """Time from the reception of the bag's first message to that of its last [s]."""
        start_ns, end_ns = self._bag.span_ns
        return (end_ns - start_ns) / NANOSECONDS

    def frames_from(self, seconds: float,
                    is_wanted: Wanted = always) -> Generator[Frame, None, None]:
        """The images that were received from a time on.

        Args:
            seconds: Since the first message of the bag was received [s].
            is_wanted: Ends the search for images.

        Raises:
            SourceError: As `Bag.messages`.
        """
        start_ns = self.start_ns + round(seconds * NANOSECONDS) if seconds > 0 else None
        for message in self._bag.messages((self.topic, self.msgtype), start_ns, is_wanted):
            yield _frame(message)

    def elapsed_ns(self, frame: Frame) -> int:
        """Time from the reception of the bag's first message to that of an image [ns]."""
        return (frame.receive_ns or 0) - self.start_ns

    def find_geometry(self, camera_info: str | None, depth: str | None) -> GeometryTopics:
        """The topics with the calibration and the depth of the images, see `find_geometry`."""
        return find_geometry(self._bag, self.name, self.topic, camera_info, depth)

    def with_geometry(self, frames: Iterable[Frame], topics: GeometryTopics,
                      is_waiting: Callable[[], bool]) -> Iterator[Frame | RawMessage]:
        """Frames of this bag, with the messages of these topics, see `with_geometry`."""
        return with_geometry(frames, self._bag, topics, is_waiting, self.add_note)

    def raw_messages(self) -> Iterator[RawMessage]:
        """All messages of the topic, see `Bag.messages`."""
        return self._bag.messages((self.topic, self.msgtype))


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
        return Frame(stamp_ns, frame_id, partial(_reject, error), message.receive_ns)
    return Frame(image.stamp_ns, image.frame_id, image.picture, message.receive_ns, image)


def _header(message: RawMessage) -> tuple[int, str]:
    try:
        return read_header(message.data)
    except ImageError:
        return message.receive_ns, ''


def _reject(error: ImageError, _: int) -> Picture:
    raise error
