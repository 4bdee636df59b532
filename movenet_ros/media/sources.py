"""Opens what `movenet process` and `movenet replay` take as input."""
from __future__ import annotations

import glob
from pathlib import Path

from movenet_ros.errors import SourceError
from movenet_ros.media.bags import BAG_FILES, METADATA, BagSource
from movenet_ros.media.frames import MAX_FPS, MIN_FPS, Frame, PathLike, Source, sensible_fps
from movenet_ros.media.pictures import PICTURE_FILES, PicturesSource
from movenet_ros.media.video import VideoSource

__all__ = ['BagSource', 'Frame', 'PicturesSource', 'Source', 'VideoSource', 'open_source']


def open_source(path: PathLike, *, topic: str | None = None, fps: float = 30.0) -> Source:
    """Opens a video, pictures or a bag; what it is follows from the path.

    Args:
        path: A video file; a picture, a folder of pictures, or a pattern such as
            ``shots/*.png``; a rosbag2 folder, or a bare .mcap or .db3 file.
        topic: The image topic of a bag that has several.
        fps: Rate of pictures, and of videos that do not tell theirs [Hz].

    Returns:
        A context manager that iterates over frames.

    Raises:
        SourceError: There is no such file, it is empty, or it cannot be read.
    """
    if not sensible_fps(fps):
        raise SourceError(f'{fps} images per second cannot be; give {MIN_FPS:g} to {MAX_FPS:g}')
    place = Path(path)
    source = _open(place, topic, fps) if place.exists() else _open_pattern(str(path), fps)
    if topic is not None and source.kind != 'bag':
        raise SourceError(f'{path}: only a bag has topics, and this is a {source.kind} source; '
                          f'leave out the topic {topic!r}')
    return source


def _open(path: Path, topic: str | None, fps: float) -> Source:
    if path.is_dir():
        return _open_folder(path, topic, fps)
    if not path.stat().st_size:
        raise SourceError(f'{path}: the file is empty')
    if path.suffix.lower() in BAG_FILES:
        return BagSource(path, topic=topic, fps=fps)
    if path.suffix.lower() in PICTURE_FILES:
        return PicturesSource(str(path), [path], fps=fps)
    return VideoSource(path, fps=fps)


def _open_folder(path: Path, topic: str | None, fps: float) -> Source:
    files = sorted(item for item in path.iterdir() if item.is_file())
    if (path / METADATA).is_file():
        return BagSource(path, topic=topic, fps=fps)
    if bags := [item for item in files if item.suffix.lower() in BAG_FILES]:
        raise SourceError(f'{path}: a bag without {METADATA}, as a recorder leaves it that was '
                          f'killed; give the file itself ({bags[0]}), or run: ros2 bag reindex')
    pictures = [item for item in files if item.suffix.lower() in PICTURE_FILES]
    if not pictures:
        found = f'{len(files)} other files' if files else 'nothing'
        raise SourceError(f'{path}: neither a bag ({METADATA}) nor pictures '
                          f'({", ".join(PICTURE_FILES)}) in this folder, but {found}')
    return PicturesSource(str(path), pictures, fps=fps)


def _open_pattern(pattern: str, fps: float) -> Source:
    if not glob.has_magic(pattern):
        raise SourceError(f'{pattern}: there is no such file or folder')
    # A pattern's match is meant, whatever its name ends in.
    # (Path.glob takes no absolute patterns.)
    matches = map(Path, glob.glob(pattern, recursive=True))  # noqa: PTH207
    files = [item for item in matches if item.is_file()]
    if not files:
        raise SourceError(f'{pattern}: no file fits this pattern')
    return PicturesSource(pattern, files, fps=fps)
