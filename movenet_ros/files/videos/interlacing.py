"""Finds frames that OpenCV decodes but does not convert to BGR: those of interlaced videos.

The FFmpeg in OpenCV 5.0 refuses to convert interlaced frames, and OpenCV passes on the memory that
was allocated for them, whatever it holds. Nothing reports it. So the first frame of a capture is
retrieved twice, each time into memory that was filled with another value: only a frame that
never written to differs.
"""
from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from movenet_ros.errors import SourceError
from movenet_ros.files.videos.opencv_video import open_capture

# From glibc's malloc.h: new memory is filled with the complement of this byte, 0 for no filling.
M_PERTURB = -6
FILLINGS = (0x5A, 0xA5)
MAX_FAILURES = 250


def check_converted(path: Path, index: int = 0) -> None:
    """Rejects a video of which a frame is decoded, but not converted.

    Where the C library cannot fill new memory, nothing is checked.

    Args:
        path: The video.
        index: Which of the frames that can be decoded is checked.

    Raises:
        SourceError: The frame is interlaced, and this version of OpenCV cannot convert it.
    """
    import cv2
    values = set()
    for filling in FILLINGS:
        value = _uniform_value(path, index, filling)
        if value is None:
            return
        values.add(value)
    if len(values) > 1:
        after = f' after {index} images' if index else ''
        raise SourceError(
            f'{path}: is interlaced{after}, and OpenCV {cv2.__version__} cannot convert such '
            'frames; deinterlace it first: ffmpeg -i INPUT -vf yadif OUTPUT.mp4')


def _uniform_value(path: Path, index: int, filling: int) -> int | None:
    """The value of all samples of a frame; None if they differ, or there is no such frame."""
    with open_capture(path) as capture:
        failed = 0
        while index >= 0 and failed <= MAX_FAILURES:
            if capture.grab():
                index -= 1
            else:
                failed += 1
        if index >= 0:
            return None
        with _new_memory_filled(filling) as is_filled:
            good, pixels = capture.retrieve()
    if not (good and is_filled):
        return None
    first = pixels.flat[0]
    return int(first) if np.all(pixels == first) else None


@contextmanager
def _new_memory_filled(filling: int) -> Iterator[bool]:
    """Lets malloc fill new memory for a moment; whether it can.

    Memory of other threads is filled as well, which changes nothing for them.
    """
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)
    if mallopt is None:
        yield False
        return
    mallopt(M_PERTURB, filling)
    try:
        yield True
    finally:
        mallopt(M_PERTURB, 0)
