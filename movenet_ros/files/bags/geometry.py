"""Depth and calibration in a bag, beside the images of one topic."""
from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from movenet_ros.errors import SourceError
from movenet_ros.files.bags.bag import Bag, RawMessage
from movenet_ros.files.bags.metadata import Topic
from movenet_ros.files.source import Frame
from movenet_ros.images.calibration import camera_info_beside
from movenet_ros.images.camera_info import CAMERA_INFO
from movenet_ros.images.cdr import COMPRESSED_IMAGE, IMAGE


@dataclass(frozen=True)
class GeometryTopics:
    """Where the calibration and the depth of images are.

    Attributes:
        image: Name of the topic of the images.
        camera_info: That of the calibration, and its type; None if there is none.
        depth: That of depth, and its type; None if there is none.
    """

    image: str
    camera_info: Topic | None
    depth: Topic | None

    @property
    def depth_kind(self) -> str | None:
        """Type of the messages with depth; None if there are none."""
        return self.depth and self.depth[1]


def find_geometry(bag: Bag, path: str, image: str, camera_info: str | None,
                  depth: str | None) -> GeometryTopics:
    """Finds the topics in a bag.

    Args:
        bag: The bag.
        path: Its name, for errors.
        image: Topic of the images.
        camera_info: Topic of the calibration; None takes the one beside the images, if there is
            one.
        depth: Topic of depth; None for none.

    Raises:
        SourceError: One that is named is not there; or there is depth and no calibration.
    """
    infos = _topics(bag, (CAMERA_INFO,))
    depths = _topics(bag, (IMAGE, COMPRESSED_IMAGE))
    wanted = camera_info or camera_info_beside(image)
    found = infos.get(wanted) or infos.get('/' + wanted)
    if found is None and (camera_info is not None or depth is not None):
        remedy = '' if camera_info else ', which positions need; name one (--camera-info-topic)'
        raise SourceError(f'{path}: there is no camera_info on {wanted}{remedy}; the bag has: '
                          f'{", ".join(sorted(infos)) or "none"}')
    if depth is None:
        return GeometryTopics(image, found, None)
    chosen = depths.get(depth) or depths.get('/' + depth)
    if chosen is None:
        raise SourceError(f'{path}: there are no depth images on {depth}; the bag has images on: '
                          f'{", ".join(sorted(depths))}')
    return GeometryTopics(image, found, chosen)


def _topics(bag: Bag, kinds: tuple[str, ...]) -> dict[str, Topic]:
    return {topic[0]: topic for topic, count in bag.counts.items()
            if topic[1] in kinds and count}


def with_geometry(frames: Iterable[Frame], bag: Bag, topics: GeometryTopics,
                  is_waiting: Callable[[], bool],
                  note: Callable[[str], None]) -> Iterator[Frame | RawMessage]:
    """Frames, and between them the messages that were received with them.

    The first calibration comes before all else: it holds for images before it too. After the last
    frame there are only those messages that are waited for.

    Args:
        frames: The images of the bag, or some of them, in order.
        bag: The bag.
        topics: What to read of it.
        is_waiting: Tells whether a frame waits for more messages.
        note: Called with what cannot be read of the other topics.
    """
    streams = [_readable(bag, topic, note) for topic in (topics.camera_info, topics.depth) if topic]
    if topics.camera_info and (first := next(_readable(bag, topics.camera_info, note), None)):
        yield first
    others = heapq.merge(*streams, key=lambda message: message.receive_ns)
    upcoming = next(others, None)
    for frame in frames:
        received = frame.receive_ns or 0
        while upcoming is not None and upcoming.receive_ns <= received:
            yield upcoming
            upcoming = next(others, None)
        yield frame
    while upcoming is not None and is_waiting():
        yield upcoming
        upcoming = next(others, None)


def _readable(bag: Bag, topic: Topic, note: Callable[[str], None]) -> Iterator[RawMessage]:
    try:
        yield from bag.messages(topic)
    except SourceError as error:
        note(str(error))
