"""Reads poses back from what was recorded: bags of PoseArray messages, and JSON lines."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.core.types import NANOSECONDS, Poses
from movenet_ros.errors import SourceError, one_line
from movenet_ros.files.bags.bag import Bag, RawMessage
from movenet_ros.files.bags.listing import is_bag
from movenet_ros.files.bags.typestore import typestore
from movenet_ros.files.file_kind import file_kind
from movenet_ros.files.jsonl_reader import read_jsonl
from movenet_ros.files.source import PathLike
from movenet_ros.images.content_kind import REMEDIES, FileKind
from movenet_ros.messages.pose_array import POSE_ARRAY, PoseMessage

NUMBERS = ('id', 'score', 'age', 'time_unseen', 'truncated')
"""Fields of PersonPose.msg that are one number, and keys of JSON lines."""


def read_poses(path: PathLike, topic: str | None = None) -> Iterator[PoseMessage]:
    """The poses in a recording, in its order.

    Args:
        path: A rosbag2 (a folder, a .mcap or a .db3 file) with movenet_ros/PoseArray messages, as
            a recorder or `movenet process` wrote it; or a .jsonl file of `movenet process`.
        topic: The topic of a bag that has several with PoseArrays.

    Yields:
        One message for each image. From JSON, `sequence` is the number of the line, from 0.

    Raises:
        SourceError: It cannot be read, or there are no poses in it.
    """
    place = Path(path)
    if not place.exists():
        raise SourceError(f'{path}: there is no such file or folder')
    if place.is_dir() or is_bag(place):
        yield from _read_bag(place, topic)
        return
    require_text(place)
    if topic is not None:
        raise SourceError(f'{path}: only a bag has topics; leave out the topic {topic!r}')
    for number, line in enumerate(read_jsonl(place)):
        yield pose_message_of_line(place, line, number)


def pose_message_of_line(path: Path, line: Mapping[str, Any], number: int) -> PoseMessage:
    """The poses in a line of JSON; `number` counts lines from 0.

    Raises:
        SourceError: They are not as this package writes them.
    """
    with as_line_error(path, number):
        return _from_json(line, number)


@contextmanager
def as_line_error(path: Path, number: int) -> Iterator[None]:
    """Turns what goes wrong with the values of a line into an error that names the line.

    Args:
        path: Of the file.
        number: Of the line, from 0.

    Raises:
        SourceError: Its values are not as this package writes them.
    """
    try:
        yield
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise SourceError(f'{path}, line {number + 1}: not poses as this package writes them: '
                          f'{one_line(error)}') from error


def pose_message(path: Path, message: RawMessage) -> PoseMessage:
    """The poses in a message of a bag.

    Raises:
        SourceError: It is no PoseArray of this version of the package.
    """
    return _from_message(deserialized(path, message))


def require_text(path: Path) -> None:
    """Rejects a file that is known to be something else than lines of JSON.

    Raises:
        SourceError: It is.
    """
    try:
        kind = file_kind(path)
    except OSError:
        return  # which says the same when it is read
    if kind not in (FileKind.TEXT, FileKind.EMPTY, FileKind.UNKNOWN):
        remedy = REMEDIES.get(kind, 'give a bag of PoseArrays, or JSON lines of `movenet process`')
        raise SourceError(f'{path}: is {kind.value}, not poses; {remedy}')


def is_pose_topic(path: PathLike, topic: str) -> bool:
    """Whether a bag has PoseArrays on this topic; the first slash may be left out.

    A bag that cannot be read has none: its images may be saved all the same.
    """
    try:
        with Bag(Path(path)) as bag:
            return any((name, POSE_ARRAY) in bag.counts for name in _names(topic))
    except SourceError:
        return False


def _read_bag(path: Path, topic: str | None) -> Iterator[PoseMessage]:
    with Bag(path) as bag:
        topics = {name: count for (name, kind), count in bag.counts.items() if kind == POSE_ARRAY}
        chosen = _choose(path, topics, topic, [name for name, _ in bag.counts])
        for message in bag.messages((chosen, POSE_ARRAY)):
            yield pose_message(path, message)


def deserialized(path: Path, message: RawMessage) -> Any:
    """A message of one of our types, as rosbags gives it.

    Raises:
        SourceError: It cannot be read as such.
    """
    try:
        return typestore().deserialize_cdr(message.data, message.msgtype)
    except Exception as error:
        # whatever rosbags meets in bytes that are no such message
        raise SourceError(f'{path}: a message on {message.topic} cannot be read as '
                          f'{message.msgtype}; '
                          'was it recorded with another version of this package? Then process the '
                          f'images again ({one_line(error) or type(error).__name__})') from error


def _names(topic: str) -> tuple[str, str]:
    return topic, f'/{topic}'


def _choose(path: Path, topics: dict[str, int], wanted: str | None, every: list[str]) -> str:
    listed = ', '.join(f'{name} ({count} messages)' for name, count in sorted(topics.items()))
    if wanted is not None:
        for name in _names(wanted):
            if name in topics:
                return name
        problem = ('has no PoseArrays' if set(_names(wanted)) & set(every) else 'is not there')
        raise SourceError(f'{path}: the topic {wanted!r} {problem}; there are PoseArrays on: '
                          f'{one_line(listed) or "no topic"}')
    if not topics:
        raise SourceError(f'{path}: no topic has poses ({POSE_ARRAY}); the bag has: '
                          f'{one_line(", ".join(sorted(set(every)))) or "nothing"}')
    filled = {name: count for name, count in topics.items() if count} or topics
    if len(filled) > 1:
        raise SourceError(f'{path}: several topics have poses, name one: {one_line(listed)}')
    return next(iter(filled))


def _from_message(message: Any) -> PoseMessage:
    """A PoseArray as rosbags gives it."""
    people = [{
        **{name: getattr(person, name) for name in NUMBERS},
        'box': (person.x_min, person.y_min, person.x_max, person.y_max),
        'velocity': (person.velocity_x, person.velocity_y),
        'keypoints': [(k.x, k.y, k.score) for k in person.keypoints],
        'visible': [k.visible for k in person.keypoints],
    } for person in message.poses]
    stamp = message.header.stamp
    return PoseMessage(
        (stamp.sec, stamp.nanosec), message.header.frame_id, message.width, message.height,
        message.sequence, message.model, _poses(people))


def _from_json(line: Mapping[str, Any], number: int) -> PoseMessage:
    return PoseMessage(
        divmod(int(line['stamp_ns']), NANOSECONDS), str(line['frame_id']), int(line['width']),
        int(line['height']), number, str(line['model']), _poses(line['poses']))


def _poses(people: Sequence[Mapping[str, Any]]) -> Poses:
    """Poses from their values, by the names in JSON lines."""
    def column(name: str, *shape: int) -> NDArray[np.float32]:
        values = np.array([person[name] for person in people], np.float32)
        return values.reshape(len(people), *shape)

    points = column('keypoints', KEYPOINTS, 3)
    visible = _booleans([seen for person in people for seen in person['visible']])
    return Poses(
        xy=points[..., :2], keypoint_score=points[..., 2], box=column('box', 4),
        score=column('score'), id=np.array([person['id'] for person in people], np.int32),
        age=column('age'), visible=visible.reshape(len(people), KEYPOINTS),
        velocity=column('velocity', 2),
        truncated=_booleans([person['truncated'] for person in people]),
        time_unseen=column('time_unseen'))


def _booleans(values: Sequence[object]) -> NDArray[np.bool_]:
    for value in values:
        if not isinstance(value, bool | np.bool_):
            raise TypeError(f'{value!r} is neither true nor false')
    return np.array(values, np.bool_)
