"""Opens videos with OpenCV's FFmpeg, whatever their names are."""
from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from movenet_ros.errors import SourceError
from movenet_ros.files.videos.containers import find_damage, has_only_sound
from movenet_ros.regular_files import open_regular_file

LOG_LEVEL_SILENT = 0
REMEDY = 'try: ffmpeg -i INPUT -c:v libx264 OUTPUT.mp4'


@contextmanager
def open_capture(path: Path) -> Iterator[Any]:
    """A `cv2.VideoCapture` of a file, which is released at the end.

    The file is passed on by its descriptor. OpenCV ends the process on a name that is not UTF-8,
    and takes names such as `img_%03d.jpg` or `http:clip.mp4` for series of pictures and URLs.

    Raises:
        SourceError: It cannot be read as a video.
    """
    import cv2
    silence()
    try:
        with open_regular_file(path) as file:
            # Other backends would take the name for a camera, or a series of pictures.
            capture = cv2.VideoCapture(f'/proc/self/fd/{file.fileno()}', cv2.CAP_FFMPEG)
    except OSError as error:
        raise SourceError(f'{path}: cannot be read: {error.strerror}') from error
    if not capture.isOpened():
        cause = (f'the file is damaged or was cut off: {damage}' if (damage := find_damage(path))
                 else 'it has sound, but no video' if has_only_sound(path)
                 else f'it is damaged, or OpenCV has no decoder for it; {REMEDY}')
        raise SourceError(f'{path}: cannot be read as a video: {cause}')
    try:
        yield capture
    finally:
        capture.release()


def open_writer(folder: int, name: str, codec: str, fps: float, size: tuple[int, int]) -> Any:
    """A `cv2.VideoWriter` of a file in a folder; None if OpenCV cannot write such a video.

    Args:
        folder: Descriptor of the folder, whose name may be anything; open until the end.
        name: Of the file: plain ASCII, with the ending of its container.
        codec: Its four characters.
        fps: Frames per second [Hz].
        size: Width and height, both even [px].
    """
    import cv2
    silence()
    with _without_stderr():
        writer = cv2.VideoWriter(f'/proc/self/fd/{folder}/{name}', cv2.CAP_FFMPEG,
                                 cv2.VideoWriter.fourcc(*codec), fps, size)
    return writer if writer.isOpened() else None


@contextmanager
def _without_stderr() -> Iterator[None]:
    """OpenCV says on stderr, whatever its log level, that WebM has no tag for VP8."""
    try:
        kept = os.dup(2)
    except OSError:  # closed by whoever started this process
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def silence() -> None:
    """Keeps FFmpeg and OpenCV from writing to stderr what is reported as an error of ours."""
    import cv2
    os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', '-8')
    if 'OPENCV_LOG_LEVEL' not in os.environ:
        # OpenCV 4 has it itself, OpenCV 5 has it in a module.
        for place in (cv2, getattr(cv2.utils, 'logging', cv2)):
            if set_level := getattr(place, 'setLogLevel', None):
                set_level(LOG_LEVEL_SILENT)
