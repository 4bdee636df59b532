"""Opens what `movenet process` and `movenet replay` take as input."""
from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

from movenet_ros.errors import ParameterError, SourceError, listed
from movenet_ros.files.bags.listing import is_bag
from movenet_ros.files.bags.source import BagSource
from movenet_ros.files.file_groups import (
    group_files,
    is_picture,
    listed_kinds,
    remedy_for,
)
from movenet_ros.files.file_kind import file_kind
from movenet_ros.files.pictures import PICTURE_FILES, PicturesSource, holds_series
from movenet_ros.files.source import DEFAULT_FPS, Frame, PathLike, Source, check_fps
from movenet_ros.files.videos.source import VideoSource
from movenet_ros.images.content_kind import BAGS, REMEDIES, FileKind

__all__ = ['BagSource', 'Frame', 'PicturesSource', 'Source', 'VideoSource', 'open_source']

_KIND_NAMES = {'video': 'a video', 'pictures': 'pictures', 'bag': 'a bag'}


def open_source(path: PathLike, *, topic: str | None = None, fps: float | None = None) -> Source:
    """Opens a video, pictures or a bag; what a file is follows from its content.

    Args:
        path: A video file; a picture, a folder of pictures, or a pattern such as
            ``shots/*.png``; a rosbag2 folder, or one storage file of a bag.
        topic: The image topic of a bag that has several.
        fps: Makes a sequence of this rate of pictures, and of a video, instead of its own times
            [Hz]. Without it pictures are stills.

    Returns:
        A context manager that iterates over frames.

    Raises:
        SourceError: There is no such file, it is empty, or it cannot be read.
        ParameterError: `topic` or `fps` has no meaning for it, or `fps` is not a rate.
    """
    check_fps(fps)
    place = Path(path)
    source = _open(place, topic, fps) if place.exists() else _open_pattern(str(path), topic, fps)
    if topic is not None and source.kind != 'bag':
        raise ParameterError('topic', topic, f'only a bag has topics, and {path} is read as '
                             f'{_KIND_NAMES[source.kind]}; leave it out')
    if fps is not None and source.kind == 'bag':
        raise ParameterError('fps', fps, f'the images of a bag have stamps, which are kept, and '
                             f'{path} is a bag; leave it out')
    return source


def _open(path: Path, topic: str | None, fps: float | None) -> Source:
    if path.is_dir():
        return _open_folder(path, topic, fps)
    if not path.is_file():
        raise SourceError(f'{path}: is no regular file, and only such are read')
    kind = _kind(path)
    if kind in BAGS or kind is FileKind.ZSTD:
        return BagSource(path, topic=topic, fps=DEFAULT_FPS)
    if kind is FileKind.JPEG and _holds_series(path):
        return VideoSource(path, fps=fps)
    damaged_picture = kind is FileKind.UNKNOWN and path.suffix.lower() in PICTURE_FILES
    if is_picture(path, kind) or damaged_picture:
        return PicturesSource(str(path), [path], fps=fps)
    if kind in REMEDIES:
        raise SourceError(f'{path}: is {kind.value}, which is not read; {REMEDIES[kind]}')
    return VideoSource(path, fps=fps)


def _holds_series(path: Path) -> bool:
    try:
        return holds_series(path)
    except OSError as error:
        raise SourceError(f'{path}: cannot be read: {error.strerror}') from error


def _kind(path: Path) -> FileKind:
    try:
        kind = file_kind(path)
    except OSError as error:
        raise SourceError(f'{path}: cannot be read: {error.strerror}') from error
    if kind is FileKind.EMPTY:
        raise SourceError(f'{path}: the file is empty')
    return kind


def _open_folder(path: Path, topic: str | None, fps: float | None) -> Source:
    if is_bag(path):
        return BagSource(path, topic=topic, fps=DEFAULT_FPS)
    return _open_group(str(path), path.iterdir(), fps, 'in this folder')


def _open_pattern(pattern: str, topic: str | None, fps: float | None) -> Source:
    if not glob.has_magic(pattern):
        raise SourceError(f'{pattern}: there is no such file or folder')
    # (Path.glob takes no absolute patterns.)
    matches = [Path(item) for item in glob.glob(pattern, recursive=True)]  # noqa: PTH207
    if not matches:
        raise SourceError(f'{pattern}: no file fits this pattern')
    if len(matches) == 1:
        return _open(matches[0], topic, fps)
    return _open_group(pattern, matches, fps, 'among the files that fit')


def _open_group(name: str, paths: Iterable[Path], fps: float | None, where: str) -> Source:
    """Opens the pictures of a folder or pattern, or its video if there is nothing but one."""
    found = list(paths)
    group = group_files(found)
    others = {**dict.fromkeys(group.bags, 'a bag'), **group.others}
    if group.pictures:
        others = {**dict.fromkeys(group.videos, FileKind.VIDEO.value), **others}
        source: Source = PicturesSource(name, group.pictures, fps=fps)
    elif len(group.videos) == 1:
        source = VideoSource(group.videos[0], fps=fps)
    elif clips := group.videos or group.bags:
        what = 'videos' if group.videos else 'bag files'
        names = listed(clip.name for clip in clips)
        every = name if glob.has_magic(name) else Path(name) / '*'
        raise SourceError(
            f'{name}: {len(clips)} {what} {where} ({names}), and one is read at a time; '
            f'give one, or loop over them: for FILE in {every}; do movenet process "$FILE" '
            '--output "$FILE.jsonl"; done')
    else:
        reason = (f'but {listed_kinds(others)}{remedy_for(others)}' if others else
                  'only hidden files, which are not read' if found else 'which is empty')
        raise SourceError(f'{name}: neither a bag nor pictures nor a video {where}, {reason}')
    if others:
        source.add_note(f'{name}: {len(others)} left out: {listed_kinds(others)}')
    return source
