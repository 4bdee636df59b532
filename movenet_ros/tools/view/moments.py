"""The images and poses of a recorded camera, put together by their stamps."""
from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import SourceError
from movenet_ros.files.bags.source import BagSource
from movenet_ros.files.recorded_people import PeopleSource, RecordedPeople, Stamped
from movenet_ros.files.source import Frame, Source
from movenet_ros.files.stamped_stream import StampedStream
from movenet_ros.files.wanted import Wanted, always

GAP = NANOSECONDS
"""Images that a node has left out are not shown, unless for longer than this [ns]."""
BEFORE = (1.0, 60.0, math.inf)
"""How long before the place that is wanted the image may be that is shown there [s]."""
ROUNDING = 1_500_000
"""Of the stamps of videos [ns]."""


@dataclass(frozen=True, eq=False)
class Moment:
    """What is shown at a time.

    Attributes:
        position: Time since the recording's start [s].
        stamp_ns: Of the image [ns].
        frame: The image; None if there is none.
        people: Reads its poses; None if there are none.
    """

    position: float
    stamp_ns: int
    frame: Frame | None
    people: Callable[[], RecordedPeople] | None


class RecordedCamera:
    """A camera of a recording: images, poses, or both.

    Attributes:
        name: What to call it: the topic of its images, or the file.
        topic: Of its images; empty where there are no topics.
        has_own_poses: Whether the poses are in the same recording as the images.
    """

    def __init__(self, name: str, images: Source | None, people: PeopleSource, *,
                 topic: str = '', has_own_poses: bool = False) -> None:
        self.name, self.topic, self.has_own_poses = name, topic, has_own_poses
        self._images, self._people = images, people
        self._is_bag = isinstance(images, BagSource)
        self._origin: int | None = None

    def moments(self, start: float, report: Callable[[str], None],
                is_wanted: Wanted = always) -> Generator[Moment, None, None]:
        """What is shown from a time on; first the latest that is not after it, if there is one.

        Args:
            start: Since the beginning of the recording [s].
            report: Takes what is wrong with the recording.
            is_wanted: Ends the search for them, which takes long where there is no index.
        """
        latest: Moment | None = None
        is_found = False
        for before in BEFORE:
            try:
                for moment in self._read(max(0.0, start - before), report, is_wanted):
                    if not is_wanted():
                        return
                    if moment.position <= start:
                        latest = moment
                        continue
                    if latest is not None:
                        yield latest
                    latest, is_found = None, True
                    yield moment
            except SourceError as error:
                report(str(error))
            if latest is not None or is_found or before >= start:
                break
        if latest is not None:
            yield latest

    def _read(self, begin: float, report: Callable[[str], None],
              is_wanted: Wanted) -> Iterator[Moment]:
        """What is recorded from a time on [s], or from a little before."""
        if self._images:
            return self._with_images(self._images, begin, report, is_wanted)
        return self._poses_alone(begin, is_wanted)

    def _poses_alone(self, begin: float, is_wanted: Wanted) -> Iterator[Moment]:
        if self._origin is None:
            self._origin = next((stamp for stamp, _ in self._people.read(is_wanted=is_wanted)),
                                None)
        if self._origin is None:
            return
        first = self._origin + _nanoseconds(begin) if begin else None
        for stamp, people in self._people.read(stamp_ns=first, is_wanted=is_wanted):
            yield Moment(_seconds(stamp - self._origin), stamp, None, people)

    def _with_images(self, images: Source, begin: float, report: Callable[[str], None],
                     is_wanted: Wanted) -> Iterator[Moment]:
        stream: StampedStream[Callable[[], RecordedPeople]] | None = None
        before: Moment | None = None
        found_ns: int | None = None
        with closing(self._frames(images, begin, is_wanted)) as frames:
            for position, frame in frames:
                stamp = frame.stamp_ns
                if stream is None:
                    stream = StampedStream(self._read_people(begin, stamp, report, is_wanted),
                                           0 if self._is_bag else ROUNDING)
                people, passed = stream.find(stamp)
                moment = Moment(position, stamp, frame, people)
                yield from _without_images(passed, before, moment)
                before = moment
                if people is not None:
                    found_ns = stamp
                elif (found_ns is not None and 0 <= stamp - found_ns <= GAP
                      and (stream.is_at_end or stream.follows(stamp, GAP))):
                    continue
                yield moment
        if stream is not None and before is not None:
            for item in stream.rest():
                yield from _without_images([item], before, None)

    def _frames(self, images: Source, begin: float,
                is_wanted: Wanted) -> Generator[tuple[float, Frame], None, None]:
        """The images, each with its position [s], which never goes back."""
        rate = images.fps if images.stills else 1.0
        origin = images.start_ns if isinstance(images, BagSource) else 0
        latest = 0.0
        with closing(images.frames_from(begin / rate, is_wanted)) as frames:
            for frame in frames:
                time = frame.stamp_ns if frame.receive_ns is None else frame.receive_ns - origin
                latest = max(latest, _seconds(time) * rate)
                yield latest, frame

    def _read_people(self, begin: float, stamp_ns: int, report: Callable[[str], None],
                     is_wanted: Wanted) -> Iterator[Stamped]:
        """The poses of the images from a stamp on; what is wrong with them is reported."""
        try:
            if not begin:
                yield from self._people.read(is_wanted=is_wanted)
            elif self.has_own_poses and isinstance(self._images, BagSource):
                yield from self._people.read(
                    receive_ns=self._images.start_ns + _nanoseconds(begin), is_wanted=is_wanted)
            else:
                yield from self._people.read(stamp_ns=stamp_ns - GAP, is_wanted=is_wanted)
        except SourceError as error:
            report(str(error))


def _without_images(passed: list[Stamped], before: Moment | None,
                    after: Moment | None) -> Iterator[Moment]:
    """Those poses, between two images, that are far from both."""
    for stamp, people in passed:
        if before is not None and stamp <= before.stamp_ns + GAP:
            continue
        if after is not None and stamp >= after.stamp_ns - GAP:
            continue
        if before is not None:
            position = before.position + _seconds(stamp - before.stamp_ns)
        else:
            position = 0.0 if after is None else after.position + _seconds(stamp - after.stamp_ns)
        yield Moment(max(0.0, position), stamp, None, people)


def _seconds(nanoseconds: int) -> float:
    return nanoseconds / NANOSECONDS


def _nanoseconds(seconds: float) -> int:
    return round(seconds * NANOSECONDS)
