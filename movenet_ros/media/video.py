"""A video file as a source, read by OpenCV."""
from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.errors import ImageError, SourceError
from movenet_ros.media.frames import Frame, Source, sensible_fps

# Containers without a frame count have one estimated from their duration; that may be off.
COUNT_TOLERANCE = 2
COUNT_TOLERANCE_SHARE = 0.02
# After so many images in a row that cannot be decoded no more are expected.
MAX_GAP = 250


class VideoSource(Source):
    """A clip at its own rate; frame i is stamped `i / fps`, from 0 on.

    A clip that a telephone recorded turned is turned upright, as OpenCV does by itself.
    """

    kind = 'video'

    def __init__(self, path: Path, *, fps: float) -> None:
        """Looks into the file.

        Args:
            path: The clip.
            fps: Rate for a clip that does not tell its own [Hz].

        Raises:
            SourceError: It cannot be read as a video.
        """
        import cv2
        capture = _open(path)
        own = float(capture.get(cv2.CAP_PROP_FPS))
        count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        capture.release()
        notes: tuple[str, ...] = ()
        if not sensible_fps(own):
            notes = (f'{path}: the clip tells no usable rate ({own:g}); taken as {fps:g} '
                     'images per second',)
            own = fps
        super().__init__(str(path), total=count if count > 0 else None, fps=own, notes=notes)
        self._path = path

    def frames(self) -> Generator[Frame, None, None]:
        """All frames; one that cannot be decoded, between others that can, is its own error.

        Decoders hide smaller damage: they fill a frame in from those around it.

        Raises:
            SourceError: Clearly fewer than the file promises, after the last one.
        """
        count, total = 0, self.total or 0
        with closing(self._read()) as read:
            for index, pixels in enumerate(read):
                yield Frame(round(index * NANOSECONDS / self.fps), '',
                            _refuse if pixels is None else partial(Picture, pixels, 'bgr'))
                count = index + 1
        if count < total - max(COUNT_TOLERANCE, total * COUNT_TOLERANCE_SHARE) or not count:
            raise SourceError(f'{self._path}: decoding stops after {count} of {total} images; '
                              'the file is damaged or was cut off')

    def _read(self) -> Generator[Any, None, None]:
        """The pixels of each frame; None for one that cannot be decoded while a later one can."""
        capture, total = _open(self._path), self.total or 0
        done = broken = 0
        try:
            # At the end every read fails, too.
            while not broken or (broken <= MAX_GAP and done + broken < total):
                good, pixels = capture.read()
                if not good:
                    broken += 1
                    continue
                yield from [None] * broken
                # a fresh array each time, so it may be kept
                yield pixels
                done, broken = done + broken + 1, 0
        finally:
            capture.release()


def _refuse() -> Picture:
    raise ImageError('the frame cannot be decoded', cause='damaged')


def _open(path: Path) -> Any:
    import cv2
    capture = cv2.VideoCapture(str(path))
    if not capture.isOpened():
        raise SourceError(f'{path}: cannot be read as a video: it is damaged, or OpenCV has no '
                          'decoder for it; try: ffmpeg -i INPUT -c:v libx264 OUTPUT.mp4')
    return capture
