"""Reads poses back from what was recorded: bags of PoseArray messages, and JSON lines."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.core.types import NANOSECONDS, Poses
from movenet_ros.errors import MovenetError, SourceError, one_line
from movenet_ros.media.bag_writer import POSE_ARRAY, typestore
from movenet_ros.media.frames import PathLike
from movenet_ros.media.jsonl import read_jsonl
from movenet_ros.media.pose_array import PoseMessage

BAG_ENDINGS = ('.mcap', '.db3')


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
    if place.is_dir() or place.suffix.lower() in BAG_ENDINGS:
        yield from _read_bag(place, topic)
        return
    if topic is not None:
        raise SourceError(f'{path}: only a bag has topics; leave out the topic {topic!r}')
    for number, line in enumerate(read_jsonl(place)):
        try:
            yield _from_json(line, number)
        except (ArithmeticError, KeyError, TypeError, ValueError) as error:
            raise SourceError(f'{path}, line {number + 1}: not poses as this package writes them: '
                              f'{one_line(error)}') from error


def is_pose_topic(path: PathLike, topic: str) -> bool:
    """Whether a bag has PoseArrays on this topic; the first slash may be left out.

    A bag that cannot be read has none: its images may be saved all the same.
    """
    from rosbags.rosbag2 import Reader
    try:
        with Reader(Path(path)) as reader:
            return any(item.topic in _names(topic) and item.msgtype == POSE_ARRAY
                       for item in reader.connections)
    except Exception:
        # rosbags lets out errors of every library below it
        return False


def _read_bag(path: Path, topic: str | None) -> Iterator[PoseMessage]:
    from rosbags.rosbag2 import Reader
    store = typestore()
    try:
        with Reader(path) as reader:
            topics = {item.topic: item.msgcount for item in reader.connections
                      if item.msgtype == POSE_ARRAY}
            chosen = _choose(path, topics, topic, [item.topic for item in reader.connections])
            wanted = [item for item in reader.connections
                      if (item.topic, item.msgtype) == (chosen, POSE_ARRAY)]
            with closing(reader.messages(wanted)) as messages:
                for _, _, data in messages:
                    yield _from_message(store.deserialize_cdr(data, POSE_ARRAY))
    except (MovenetError, GeneratorExit):
        raise
    except Exception as error:
        # rosbags lets out errors of every library below it
        raise SourceError(f'{path}: cannot be read as a bag: '
                          f'{one_line(error) or type(error).__name__}') from error


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
    people = message.poses
    points = np.array([[(k.x, k.y, k.score) for k in p.keypoints] for p in people], np.float32)
    box = np.array([(p.x_min, p.y_min, p.x_max, p.y_max) for p in people], np.float32)
    stamp = message.header.stamp
    return PoseMessage(
        (stamp.sec, stamp.nanosec), message.header.frame_id, message.width, message.height,
        message.sequence, message.model,
        _poses(points, box, [p.score for p in people], [p.id for p in people],
               [p.age for p in people]))


def _from_json(line: dict[str, Any], number: int) -> PoseMessage:
    people = line['poses']
    points = np.array([person['keypoints'] for person in people], np.float32)
    return PoseMessage(
        divmod(int(line['stamp_ns']), NANOSECONDS), str(line['frame_id']), int(line['width']),
        int(line['height']), number, str(line['model']),
        _poses(points, np.array([person['box'] for person in people], np.float32),
               *([person[name] for person in people] for name in ('score', 'id', 'age'))))


def _poses(points: Any, box: Any, score: list[float], number: list[int],
           age: list[float]) -> Poses:
    points = points.reshape(len(score), KEYPOINTS, 3)
    return Poses(
        xy=points[..., :2], keypoint_score=points[..., 2], box=box.reshape(len(score), 4),
        score=np.array(score, np.float32), id=np.array(number, np.int32),
        age=np.array(age, np.float32))
