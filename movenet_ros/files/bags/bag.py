"""The messages of a rosbag2, whatever they are."""
from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import SourceError, listed
from movenet_ros.files.bags.bag_file import BagFile, Scratch, open_bag_file
from movenet_ros.files.bags.listing import list_files
from movenet_ros.files.bags.metadata import Topic
from movenet_ros.files.bags.requirements import require_rosbags
from movenet_ros.files.wanted import Wanted, always
from movenet_ros.images.content_kind import REMEDIES, FileKind


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


class Bag:
    """A folder, or a storage file (MCAP or SQLite, also compressed with zstd).

    The storage files decide what there is; metadata.yaml only gives their names,
    their order, and how many messages to expect.

    Attributes:
        counts: How many messages the files hold, by topic and type.
        promised: How many metadata.yaml announces.
        notes: What the user should know of how it is read.
    """

    def __init__(self, path: Path) -> None:
        """Opens the files.

        Raises:
            SourceError: It cannot be read as a bag.
            MovenetError: The package rosbags is missing.
        """
        require_rosbags()
        self._path = path
        self._scratch = Scratch()
        listing = list_files(path)
        self._files = tuple(open_bag_file(file, self._scratch) for file in listing.files)
        self._missing = listing.missing
        self.counts = _total(self._files)
        self.promised = listing.promised
        if not self.counts and (problem := _problem(self._files)):
            raise SourceError(f'{path}: {problem}')
        self.notes = (*listing.notes, *(note for file in self._files for note in file.notes))

    def __enter__(self) -> Bag:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Removes what was copied to be read."""
        self._scratch.close()

    @property
    def is_damaged(self) -> bool:
        """Whether a file cannot be read to its end."""
        return any(file.damage for file in self._files)

    @property
    def span_ns(self) -> tuple[int, int]:
        """When the first and the last message were received [ns]; 0 and 0 if there is none."""
        filled = [file for file in self._files if sum(file.counts.values())]
        if not filled:
            return 0, 0
        return min(file.start_ns for file in filled), max(file.end_ns for file in filled)

    def rate(self, count: int) -> float:
        """Messages per second of a topic that has `count`, or 0 where it is unknown."""
        start_ns, end_ns = self.span_ns
        if self.is_damaged or end_ns <= start_ns:
            return 0.0
        return (count - 1) * NANOSECONDS / (end_ns - start_ns)

    def messages(self, topic: Topic, start_ns: int | None = None,
                 is_wanted: Wanted = always) -> Generator[RawMessage, None, None]:
        """All messages of a topic as they are stored, file by file in the order of reception.

        Args:
            topic: Its name and type.
            start_ns: Leaves out what was received before [ns]. Missing messages are then not
                noticed.
            is_wanted: Ends the search for messages.

        Raises:
            SourceError: The bag breaks off, or a part of it is missing; after the last message
                that could be read.
        """
        given = 0
        damages: list[str] = []
        for file in self._files:
            if start_ns is not None and 0 < file.end_ns < start_ns:
                continue
            try:
                for receive_ns, data in file.messages(topic, start_ns, is_wanted):
                    given += 1
                    yield _message(topic, receive_ns, data)
            except SourceError as error:
                damages.append(self._in_file(file, f'{error}'))
        expected = max(self.counts.get(topic, 0), self.promised.get(topic, 0))
        if damages:
            more = f' (and {len(damages) - 1} more files)' if damages[1:] else ''
            whole = (f'{given} of {expected} messages' if given < expected else
                     f'{given} messages')
            raise SourceError(f'{self._path}: the bag is damaged or was cut off: '
                              f'{damages[0]}{more}; {whole} on {topic[0]} could be read')
        if given < expected and start_ns is None:
            missing = f'; missing: {listed(self._missing)}' if self._missing else ''
            raise SourceError(
                f'{self._path}: part of the bag is missing: {expected} messages are announced on '
                f'{topic[0]}, but only {given} are there{missing}')

    def _in_file(self, file: BagFile, problem: str) -> str:
        """A problem with the name of its file, unless that is clear."""
        is_clear = file.path == self._path or problem.startswith(file.path.name)
        return problem if is_clear else f'{file.path.name}: {problem}'


def _message(topic: Topic, receive_ns: object, data: object) -> RawMessage:
    # A damaged database has anything in any column; without bytes it is a damaged message.
    return RawMessage(*topic, receive_ns if isinstance(receive_ns, int) else 0,
                      data if isinstance(data, bytes) else b'')


def _total(files: tuple[BagFile, ...]) -> dict[Topic, int]:
    counts: dict[Topic, int] = {}
    for file in files:
        for topic, count in file.counts.items():
            counts[topic] = counts.get(topic, 0) + count
    return counts


def _problem(files: tuple[BagFile, ...]) -> str:
    """Why nothing can be read."""
    for file in files:
        if file.kind is FileKind.ROS1_BAG:
            return f'is {file.kind.value}; {REMEDIES[file.kind]}'
    problem = next((file.damage or file.problem for file in files if file.problem), None)
    return f'cannot be read as a bag: {problem}' if problem else ''
