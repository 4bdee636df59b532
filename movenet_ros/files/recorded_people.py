"""Recorded poses with all that was recorded beside them: positions in metres, and the target."""
from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from movenet_ros.errors import ImageError, SourceError
from movenet_ros.files.bags.bag import Bag, RawMessage
from movenet_ros.files.jsonl_reader import read_jsonl, span_of_lines
from movenet_ros.files.recorded_poses import (
    as_line_error,
    deserialized,
    pose_message,
    pose_message_of_line,
    require_text,
)
from movenet_ros.files.stamped_stream import StampedStream
from movenet_ros.files.wanted import Wanted, always
from movenet_ros.images.cdr import read_header
from movenet_ros.messages.pose_array import POSE_ARRAY, PoseMessage
from movenet_ros.messages.pose_array_3d import POSE_ARRAY_3D
from movenet_ros.messages.target import TARGET, target_words

Position: TypeAlias = tuple[int, tuple[float, float, float] | None, float | None]
"""Id, position in the camera's optical frame [m] and distance [m] of a person."""


@dataclass(frozen=True, eq=False)
class RecordedPeople:
    """What was recorded of one image.

    Attributes:
        poses: The poses.
        receive_ns: When they were received [ns]; None where nothing was.
        positions: Of the people; None if there are none.
        target: Its id, state and criterion, in words; None if nothing was recorded of it. Lines
            of earlier versions have no criterion: it is empty.
    """

    poses: PoseMessage
    receive_ns: int | None = None
    positions: tuple[Position, ...] | None = None
    target: tuple[int, str, str] | None = None


Stamped: TypeAlias = tuple[int, Callable[[], RecordedPeople]]
"""The stamp of an image [ns], and what reads the rest when it is needed."""


class PeopleSource(Protocol):
    """Where recorded poses are read from, as often as needed."""

    name: str
    topic: str

    def read(self, *, receive_ns: int | None = None, stamp_ns: int | None = None,
             is_wanted: Wanted = always) -> Iterator[Stamped]:
        """The poses, in the order in which they were recorded.

        Args:
            receive_ns: Leaves out what was received before [ns]; for bags.
            stamp_ns: Leaves out those before the first one with this stamp or a later one [ns].
            is_wanted: Ends the search for poses.

        Raises:
            SourceError: They cannot be read, or break off.
        """


class LinesOfPeople:
    """A .jsonl file."""

    topic = ''

    def __init__(self, path: Path) -> None:
        """Takes note of a file.

        Raises:
            SourceError: It is known to be something else.
        """
        require_text(path)
        self.name, self._path = str(path), path

    @property
    def span_ns(self) -> tuple[int, int]:
        """The least and the largest stamp [ns]."""
        return span_of_lines(self._path)

    def read(self, *, receive_ns: int | None = None, stamp_ns: int | None = None,
             is_wanted: Wanted = always) -> Iterator[Stamped]:
        """See `PeopleSource.read`; lines are numbered from the first that is read."""
        for number, line in enumerate(read_jsonl(self._path, stamp_ns, is_wanted)):
            people = self._people(line, number)
            yield people.poses.stamp_ns, partial(_itself, people)

    def _people(self, line: Mapping[str, Any], number: int) -> RecordedPeople:
        poses = pose_message_of_line(self._path, line, number)
        people, target = line['poses'], line.get('target')
        with as_line_error(self._path, number):
            positions = tuple((int(person['id']), _vector(person['position']),
                               _number(person['distance']))
                              for person in people if 'distance' in person)
            return RecordedPeople(
                poses, positions=positions or None,
                target=target and (int(target['id']), str(target['state']),
                                   str(target.get('criterion', ''))))


class BagOfPeople:
    """A topic of a bag with PoseArrays, and those beside it."""

    def __init__(self, path: Path, bag: Bag, topic: str) -> None:
        """Takes note of the topics.

        Args:
            path: Of the bag.
            bag: The bag, open.
            topic: Of the PoseArrays.
        """
        self.name, self.topic = str(path), topic
        self._path, self._bag = path, bag

    def read(self, *, receive_ns: int | None = None, stamp_ns: int | None = None,
             is_wanted: Wanted = always) -> Iterator[Stamped]:
        """See `PeopleSource.read`."""
        space = self.topic.rpartition('/')[0]
        messages = partial(self._messages, receive_ns=receive_ns, stamp_ns=stamp_ns,
                           is_wanted=is_wanted)
        positions, targets = (
            StampedStream(_quietly(messages(f'{space}/{name}', kind)))
            for name, kind in (('poses_3d', POSE_ARRAY_3D), ('target', TARGET)))
        for stamp, message in messages(self.topic, POSE_ARRAY):
            yield stamp, partial(self._people, stamp, message, positions, targets)

    def _messages(self, topic: str, kind: str, *, receive_ns: int | None, stamp_ns: int | None,
                  is_wanted: Wanted) -> Iterator[tuple[int, RawMessage]]:
        if (topic, kind) not in self._bag.counts:
            return
        for message in self._bag.messages((topic, kind), receive_ns, is_wanted):
            if not is_wanted():
                return
            with suppress(ImageError):  # damaged
                stamp, _ = read_header(message.data)
                if stamp_ns is None or stamp >= stamp_ns:
                    stamp_ns = None
                    yield stamp, message

    def _people(self, stamp: int, message: RawMessage, positions: StampedStream[RawMessage],
                targets: StampedStream[RawMessage]) -> RecordedPeople:
        poses = pose_message(self._path, message)
        in_metres, _ = positions.find(stamp)
        target, _ = targets.find(stamp)
        return RecordedPeople(
            poses, message.receive_ns,
            None if in_metres is None else _positions(deserialized(self._path, in_metres)),
            None if target is None else self._target(deserialized(self._path, target)))

    def _target(self, message: Any) -> tuple[int, str, str]:
        try:
            return message.pose.id, *target_words(message.state, message.criterion)
        except ValueError as error:
            raise SourceError(f'{self._path}: {error}') from error


def _quietly(messages: Iterator[tuple[int, RawMessage]]) -> Iterator[tuple[int, RawMessage]]:
    """Without the error at their end, which that of the poses tells too."""
    with suppress(SourceError):
        yield from messages


def _itself(people: RecordedPeople) -> RecordedPeople:
    return people


def _positions(message: Any) -> tuple[Position, ...]:
    return tuple((person.id, _vector(person.position.tolist()), _number(person.distance))
                 for person in message.poses)


def _vector(values: Any) -> tuple[float, float, float] | None:
    if values is None or not all(math.isfinite(value) for value in values):
        return None
    x, y, z = values
    return float(x), float(y), float(z)


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
