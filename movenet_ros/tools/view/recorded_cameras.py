"""Which images and which poses of a recording belong together."""
from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import ParameterError, SourceError, listed
from movenet_ros.files.bags.bag import Bag
from movenet_ros.files.bags.listing import is_bag
from movenet_ros.files.bags.source import IMAGE_TYPES, BagSource
from movenet_ros.files.file_kind import file_kind
from movenet_ros.files.recorded_people import BagOfPeople, LinesOfPeople, PeopleSource
from movenet_ros.files.source import DEFAULT_FPS, Source
from movenet_ros.files.sources import open_source
from movenet_ros.images.content_kind import FileKind
from movenet_ros.messages.pose_array import POSE_ARRAY
from movenet_ros.tools.view.camera_pairs import pairs_of
from movenet_ros.tools.view.moments import ROUNDING, RecordedCamera

SAMPLE = 20
"""Poses of which the image of one has to be there ..."""
MOST_IMAGES = 600
"""... among so many images, of videos and pictures."""


@dataclass(frozen=True)
class FoundCameras:
    """What a recording holds.

    Attributes:
        cameras: Its cameras, at least one.
        duration: Of the recording [s].
        notes: What the user should know of how it is read.
    """

    cameras: Sequence[RecordedCamera]
    duration: float
    notes: tuple[str, ...] = ()


def find_cameras(stack: ExitStack, path: str, poses: str | None, topic: str | None,
                 poses_topic: str | None) -> FoundCameras:
    """Opens a recording, and its poses where they are in another file.

    Args:
        stack: Closes what was opened.
        path: A bag, a video, pictures, or a .jsonl file.
        poses: A bag or a .jsonl file; None if the recording holds them.
        topic: Of the images in a bag; None for all that have poses.
        poses_topic: Of the poses in a bag; None for all.

    Raises:
        SourceError: It cannot be read, has no poses, or they are of other images.
        ParameterError: A topic has no meaning for it.
    """
    place = Path(path)
    if poses is None and _is_text(place):
        return _lines_alone(place, topic, poses_topic)
    if not is_bag(place):
        return _with_source(stack, open_source(path, topic=topic), poses, poses_topic)
    bag = stack.enter_context(Bag(place))
    people = (_people_of_bag(place, bag, poses_topic) if poses is None
              else _open_people(stack, poses, poses_topic))
    images = _image_topics(place, bag, topic)
    if not people:
        raise _no_poses(path, images)
    return _of_bag(stack, place, bag, people, images, is_own=poses is None,
                   is_image_wanted=topic is not None)


def _is_text(path: Path) -> bool:
    with suppress(OSError):
        return path.is_file() and file_kind(path) is FileKind.TEXT
    return False


def _lines_alone(path: Path, topic: str | None, poses_topic: str | None) -> FoundCameras:
    for name, value in (('topic', topic), ('poses-topic', poses_topic)):
        if value is not None:
            raise ParameterError(name, value, f'only a bag has topics, and {path} is none; leave '
                                 'it out')
    people = _lines(path)
    first, last = people.span_ns
    return FoundCameras([RecordedCamera(path.name, None, people)], (last - first) / NANOSECONDS)


def _with_source(stack: ExitStack, source: Source, poses: str | None,
                 poses_topic: str | None) -> FoundCameras:
    """A video or pictures, with poses from a file."""
    stack.enter_context(source)
    if poses is None:
        raise _no_poses(source.name, {})
    every = _open_people(stack, poses, poses_topic)
    fitting = [people for people in every if _belongs(source, people)]
    if len(fitting) != 1:
        raise (_several(poses, fitting) if fitting else _others(poses, source.name))
    camera = RecordedCamera(Path(source.name).name or source.name, source, fitting[0])
    duration = float(source.total or 0) if source.stills else source.duration
    return FoundCameras([camera], duration, source.notes)


def _belongs(source: Source, people: PeopleSource) -> bool:
    wanted = [stamp for stamp, _ in islice(people.read(), SAMPLE)]
    with closing(source.frames_from(0.0)) as frames:
        return any(abs(frame.stamp_ns - stamp) <= ROUNDING
                   for frame in islice(frames, MOST_IMAGES) for stamp in wanted)


def _open_people(stack: ExitStack, poses: str, topic: str | None) -> list[PeopleSource]:
    """All poses of a file, at least one."""
    place = Path(poses)
    if not place.exists():
        raise SourceError(f'{poses}: there is no such file or folder')
    if not is_bag(place):
        if topic is not None:
            raise ParameterError('poses-topic', topic, f'only a bag has topics, and {poses} is '
                                 'none; leave it out')
        return [_lines(place)]
    bag = stack.enter_context(Bag(place))
    people = _people_of_bag(place, bag, topic)
    if not people:
        raise SourceError(f'{poses}: no topic has poses ({POSE_ARRAY}); the bag has: '
                          f'{listed(sorted(name for name, _ in bag.counts)) or "nothing"}')
    return people


def _lines(path: Path) -> LinesOfPeople:
    if path.is_file() and not path.stat().st_size:
        raise SourceError(f'{path}: is empty, there are no poses in it')
    return LinesOfPeople(path)


def _people_of_bag(path: Path, bag: Bag, wanted: str | None) -> list[PeopleSource]:
    topics = sorted(name for (name, kind), count in bag.counts.items()
                    if kind == POSE_ARRAY and count)
    if wanted is not None:
        chosen = [name for name in topics if name in (wanted, f'/{wanted}')]
        if not chosen:
            raise SourceError(f'{path}: there are no poses on {wanted!r}; there are on: '
                              f'{listed(topics) or "no topic"}')
        topics = chosen
    return [BagOfPeople(path, bag, name) for name in topics]


def _image_topics(path: Path, bag: Bag, wanted: str | None) -> dict[str, str]:
    """Types of the topics with images, by their names."""
    if wanted is not None:
        source = BagSource(path, topic=wanted, fps=DEFAULT_FPS)
        with source:
            return {source.topic: source.msgtype}
    return {name: kind for (name, kind), count in sorted(bag.counts.items())
            if kind in IMAGE_TYPES and count}


def _of_bag(stack: ExitStack, path: Path, bag: Bag, every: Sequence[PeopleSource],
            images: Mapping[str, str], *, is_own: bool, is_image_wanted: bool) -> FoundCameras:
    pairs = pairs_of(bag, every, images, is_own)
    cameras = []
    for name, people in sorted(pairs.items()):
        source = stack.enter_context(BagSource(path, topic=name, fps=DEFAULT_FPS))
        cameras.append(RecordedCamera(name, source, people, topic=name, has_own_poses=is_own))
    alone = [people for people in every if people not in pairs.values()]
    if not cameras and (not is_own or is_image_wanted):
        raise _others(every[0].name, f'{path}{"".join(f" ({name})" for name in images)}')
    notes = bag.notes
    if is_own and not is_image_wanted:
        cameras += [RecordedCamera(people.topic, None, people) for people in alone]
        notes += tuple(f'{path}: there are no images of the poses on {people.topic}; they are '
                       'shown without' for people in alone)
    start_ns, end_ns = bag.span_ns
    return FoundCameras(cameras, (end_ns - start_ns) / NANOSECONDS, notes)


def _no_poses(path: str, images: Iterable[str]) -> SourceError:
    topics = list(images)
    name = shlex.quote(path)
    option = f' --topic {shlex.quote(topics[0])}' if len(topics) > 1 else ''
    what = f'images on {listed(topics)}, but no poses' if topics else 'no poses'
    return SourceError(
        f'{path}: has {what}; compute them with: movenet process {name}{option} --output '
        f'poses.mcap, and then: movenet view {name}{option} --poses poses.mcap')


def _several(poses: str, people: Sequence[PeopleSource]) -> SourceError:
    return SourceError(f'{poses}: several topics have poses, name one (--poses-topic): '
                       f'{listed(each.topic for each in people)}')


def _others(poses: str, images: str) -> SourceError:
    return SourceError(f'{poses}: no stamp of its poses is one of the images of {images}: they are '
                       'of another recording, or of a replay without `--stamps source`')
