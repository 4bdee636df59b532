"""A video file as a source, read by OpenCV."""
from __future__ import annotations

from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any

from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.errors import SourceError
from movenet_ros.media.frames import Frame, Source, sensible_fps

# Containers without a frame count have one estimated from their duration; that may be off.
COUNT_TOLERANCE = 2
COUNT_TOLERANCE_SHARE = 0.02


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
        """All frames that can be decoded.

        Raises:
            SourceError: Clearly fewer than the file promises, after the last one.
        """
        capture, index = _open(self._path), 0
        try:
            while True:
                good, pixels = capture.read()
                if not good:
                    break
                # a fresh array each time, so it may be kept
                yield Frame(round(index * NANOSECONDS / self.fps), '',
                            partial(Picture, pixels, 'bgr'))
                index += 1
        finally:
            capture.release()
        total = self.total or 0
        if index < total - max(COUNT_TOLERANCE, total * COUNT_TOLERANCE_SHARE) or not index:
            raise SourceError(f'{self._path}: decoding stops after {index} of {total} images; '
                              'the file is damaged or was cut off')


def _open(path: Path) -> Any:
    import cv2
    capture = cv2.VideoCapture(str(path))
    if not capture.isOpened():
        raise SourceError(f'{path}: cannot be read as a video: it is damaged, or OpenCV has no '
                          'decoder for it; try: ffmpeg -i INPUT -c:v libx264 OUTPUT.mp4')
    return capture
