"""Overlay videos."""
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config.declarations import OverlayConfig
from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import SinkError
from movenet_ros.files.atomic_output import AtomicOutput, as_output_error
from movenet_ros.files.pacing import Pacer, choose_rate
from movenet_ros.files.sink import Result, Sink
from movenet_ros.files.videos.codecs import choose_codec, count_frames
from movenet_ros.files.videos.containers import find_damage
from movenet_ros.files.videos.opencv_video import open_writer
from movenet_ros.images.overlay import draw

# Images whose stamps are known before the rate is chosen.
HELD = 8
STILLS_FPS = 1.0
# A random number that FFmpeg gives to each track: its element in Matroska, and its size.
TRACK_UID, UID_BYTES = b'\x73\xc5\x88', 8
HEAD_BYTES = 4096


class VideoSink(Sink):
    """Writes the pictures with the poses on them as a video that plays in real time.

    A video has one rate, which follows from the stamps of the first results. An image is
    repeated until the next one is due, and left out if it is due together with the one before.
    Stills are shown for a second each. Pictures of another size than the first are fitted into
    its frame.
    """

    def __init__(self, path: Path, overlay: OverlayConfig, *, fps: float,
                 stills: bool = False) -> None:
        """Makes the place for the video.

        Args:
            path: The file, ending in .webm or .mp4.
            overlay: What to draw.
            fps: The rate that the results should have [Hz].
            stills: Whether the results have nothing to do with one another.

        Raises:
            SinkError: The place cannot be written to, or OpenCV lacks the codec.
        """
        super().__init__()
        self._path, self._overlay, self._stills = path, overlay, stills
        self._fps = STILLS_FPS if stills else fps
        self._held: list[tuple[int, NDArray[np.uint8]]] = []
        self._pacer: Pacer | None = None
        self._last: NDArray[np.uint8] | None = None
        self._frames = 0
        # stubs of OpenCV are not everywhere
        self._writer: Any = None
        self._output = AtomicOutput(path)
        self._folder = -1
        try:
            with as_output_error(path):
                self._folder = os.open(self._output.path.parent, os.O_RDONLY | os.O_CLOEXEC)
            # Which codecs are there should not turn out after the first images.
            self._codec, note = choose_codec(path, self._folder, self._draft)
            self.notes = (note,) if note else ()
        except BaseException:
            self._discard()
            raise

    @property
    def _draft(self) -> Path:
        """What is written to, until it is whole."""
        return self._output.path.with_name(f'video{self._path.suffix.lower()}')

    def _write(self, result: Result) -> None:
        stamp = self._written * NANOSECONDS if self._stills else result.stamp_ns
        image = draw(result.picture, result.poses, self._overlay, result.observation.target.id)
        if self._pacer is not None:
            self._add(self._pacer, stamp, image)
            return
        self._held.append((stamp, image))
        if len(self._held) == HELD:
            self._begin()

    def _begin(self) -> None:
        """Chooses the rate and writes the images that waited for it."""
        self._fps = choose_rate([stamp for stamp, _ in self._held], self._fps)
        self._pacer = Pacer(self._fps)
        height, width = self._held[0][1].shape[:2]
        # Its colours have half the resolution, so both sides must be even.
        self._writer = open_writer(self._folder, self._draft.name, self._codec.tag, self._fps,
                                   (width + width % 2, height + height % 2))
        if self._writer is None:
            raise SinkError(f'{self._path}: OpenCV cannot write {self._codec.name} of '
                            f'{width}x{height} px here')
        self._last = np.zeros((height + height % 2, width + width % 2, 3), np.uint8)
        for stamp, image in self._held:
            self._add(self._pacer, stamp, image)
        self._held.clear()

    def _add(self, pacer: Pacer, stamp_ns: int, image: NDArray[np.uint8]) -> None:
        if (steps := pacer.advance(stamp_ns)) and self._last is not None:
            for _ in range(steps - 1):
                self._writer.write(self._last)
            self._last = fit(image, *self._last.shape[1::-1])
            self._writer.write(self._last)
            self._frames += steps

    def _finish(self) -> None:
        if self._held:
            self._begin()
        if self._writer is None:
            raise SinkError(f'{self._path}: there was no image to draw')
        self._writer.release()
        written, is_webm = self._draft, self._draft.suffix == '.webm'
        with as_output_error(self._path):
            missing = abs(self._frames - count_frames(written))
            # WebM has no count, but a duration in milliseconds.
            slack = self._fps / 1000 if is_webm else 0
            if missing > slack or find_damage(written):
                raise SinkError(f'{self._path}: not all of {self._frames} images could be written; '
                                'is the disk full?')
            if is_webm:
                _remove_track_uid(written)
            written.replace(self._output.path)
        self._output.publish()

    def _discard(self) -> None:
        if self._writer is not None:
            self._writer.release()
        if self._folder >= 0:
            os.close(self._folder)
        self._output.discard()


def _remove_track_uid(path: Path) -> None:
    """Makes equal results give equal bytes."""
    with path.open('r+b') as file:
        head = file.read(HEAD_BYTES)
        _, _, rest = head.partition(TRACK_UID)
        if len(uid := rest[:UID_BYTES]) < UID_BYTES:
            return  # another version of FFmpeg may write none, or elsewhere
        file.seek(0)
        # It is in the tags as well.
        file.write(head.replace(uid, (1).to_bytes(UID_BYTES, 'big')))


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
