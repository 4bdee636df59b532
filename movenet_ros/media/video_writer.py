"""Overlay videos."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import OverlayConfig
from movenet_ros.errors import SinkError
from movenet_ros.media.drafts import Draft
from movenet_ros.media.overlay import draw
from movenet_ros.media.results import Result, Sink

# The one MPEG-4 codec that every build of OpenCV can write; H.264 is missing from most.
CODEC = 'mp4v'


class VideoSink(Sink):
    """Writes the pictures with the poses on them as an .mp4, one frame per result.

    The clip has one rate: gaps between stamps are not seen in it. Pictures of another size
    than the first are fitted into its frame.
    """

    def __init__(self, path: Path, overlay: OverlayConfig, *, fps: float) -> None:
        """Makes the place for the clip.

        Args:
            path: The file, ending in .mp4.
            overlay: What to draw.
            fps: Rate of the clip [Hz].

        Raises:
            SinkError: The place cannot be written to.
        """
        super().__init__()
        self._path, self._overlay, self._fps = path, overlay, fps
        self._draft = Draft(path)
        self._size = (0, 0)
        # stubs of OpenCV are not everywhere
        self._writer: Any = None

    def _write(self, result: Result) -> None:
        import cv2
        image = draw(result.picture, result.poses, self._overlay)
        if self._writer is None:
            # Its colours have half the resolution, so both sides must be even.
            self._size = tuple(side + side % 2 for side in image.shape[1::-1])
            self._writer = cv2.VideoWriter(
                str(self._draft.path), cv2.VideoWriter.fourcc(*CODEC), self._fps, self._size)
        self._writer.write(fit(image, *self._size))

    def _finish(self) -> None:
        import cv2
        if self._writer is None:
            raise SinkError(f'{self._path}: there was no image to draw')
        self._writer.release()
        # OpenCV does not say when writing fails, so look.
        check = cv2.VideoCapture(str(self._draft.path))
        count = int(check.get(cv2.CAP_PROP_FRAME_COUNT)) if check.isOpened() else 0
        check.release()
        if count != self._written:
            raise SinkError(f'{self._path}: only {count} of {self._written} images could be '
                            'written; is the disk full?')
        self._draft.publish()

    def _discard(self) -> None:
        if self._writer is not None:
            self._writer.release()
        self._draft.discard()


def fit(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The image scaled down to fit, never up, on a black ground of the given size.

    Args:
        image: uint8 [H,W,3].
        width: Of the ground [px].
        height: Of the ground [px].

    Returns:
        uint8 [height,width,3].
    """
    import cv2
    if image.shape[:2] == (height, width):
        return image
    ratio = min(1.0, width / image.shape[1], height / image.shape[0])
    if ratio < 1:
        size = (max(1, round(image.shape[1] * ratio)), max(1, round(image.shape[0] * ratio)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    ground = np.zeros((height, width, 3), np.uint8)
    ground[:image.shape[0], :image.shape[1]] = image
    return ground
