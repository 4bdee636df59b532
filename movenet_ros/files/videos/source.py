"""A video file as a source, read by OpenCV."""
from __future__ import annotations

import statistics
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.errors import ImageError, SourceError, counted
from movenet_ros.files.file_kind import file_kind
from movenet_ros.files.source import DEFAULT_FPS, Frame, Source, sensible_fps
from movenet_ros.files.videos.containers import find_damage, frame_count, gif_images
from movenet_ros.files.videos.frame_times import FrameTimes
from movenet_ros.files.videos.interlacing import check_converted
from movenet_ros.files.videos.opencv_video import REMEDY, open_capture
from movenet_ros.files.wanted import Wanted, always
from movenet_ros.images.content_kind import FileKind

# Counted frames that may be missing without an error.
COUNT_TOLERANCE = 2
COUNT_TOLERANCE_SHARE = 0.02
# After so many images in a row that cannot be decoded no more are expected.
MAX_GAP = 250
# Frames whose times are checked when the file is opened.
PROBED = 20
LARGEST_COUNT = 10 ** 9
# Every so many rows and columns of a frame are compared with the frame before.
SAMPLED = 8


class VideoSource(Source):
    """A clip whose frames are stamped with their own times, the first one with 0.

    A clip that a telephone recorded turned is turned upright, as OpenCV does by itself.
    """

    kind = 'video'

    def __init__(self, path: Path, *, fps: float | None = None) -> None:
        """Opens the file and reads the times of the first frames.

        Args:
            path: The clip.
            fps: Stamps frame i with `i / fps` instead [Hz]; None: its own time.

        Raises:
            SourceError: It cannot be read as a video, or is interlaced.
        """
        import cv2
        self._path = path
        self._own_times = fps is None
        with open_capture(path) as capture:
            own = float(capture.get(cv2.CAP_PROP_FPS))
            times = list(islice(_times(capture), PROBED))
            if not times:
                raise _undecodable(path, int(capture.get(cv2.CAP_PROP_FOURCC)))
            count = int(min(LARGEST_COUNT, capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        check_converted(path)
        self._first_time = times[0]
        self._nominal = fps or (own if sensible_fps(own) else DEFAULT_FPS)
        self._counted = frame_count(path)
        self._attempts = count if self._counted.exact and count > 0 else None
        if not self._counted.exact and not sensible_fps(own):
            count = 0  # it is duration times rate
        total = max(1, round(count * self._counted.shown_share))
        kind = file_kind(path)
        self._is_gif = kind is FileKind.GIF
        # For a stream of JPEGs FFmpeg makes times up.
        self._timed = (len(times) == 1 or len(set(times)) > 1) and kind is not FileKind.JPEG
        super().__init__(
            str(path), total=total if 0 < count < LARGEST_COUNT else None,
            fps=fps or _rate(times, self._nominal), estimated=not self._counted.exact,
            notes=_notes(path, fps, self._timed, self._nominal))

    def frames(self) -> Generator[Frame, None, None]:
        """All frames; one that cannot be decoded, between others that can, is its own error.

        Decoders hide smaller damage: they fill a frame in from those around it.

        Raises:
            SourceError: The file is cut off or damaged, after the last frame that can be read.
        """
        times, count, end = FrameTimes(self._nominal), 0, 0.0
        with closing(self._read()) as read:
            for broken, time, pixels in read:
                stamps = (times.stamps(time, broken) if self._own_times else
                          [round(index * NANOSECONDS / self._nominal)
                           for index in range(count, count + broken + 1)])
                for stamp in stamps[:-1]:
                    yield Frame(stamp, '', _reject)
                yield Frame(stamps[-1], '', partial(_decode, pixels))
                count, end = count + len(stamps), stamps[-1] / NANOSECONDS + 1 / self.fps
        for stamp in times.rest():
            yield Frame(stamp, '', _reject)
            count += 1
        self._check_the_end(count, end)
        if self._is_gif and (images := gif_images(self._path)) > count:
            self.add_note(f'{self._path}: holds {images} pictures, only the first {count} read, as '
                          'FFmpeg drops those that are shown for no time')
        if times.missing and self._timed:
            self.add_note(f'{self._path}: {times.missing} of {count} frames have no time, or none '
                       'later than that of the frame before; each is stamped '
                       f'{1 / self._nominal:.4g} s after it')

    def frames_from(self, seconds: float,
                    is_wanted: Wanted = always) -> Generator[Frame, None, None]:
        """See `Source.frames_from`; where frames have times, those before are not decoded."""
        import cv2
        if seconds <= 0 or not (self._own_times and self._timed):
            yield from super().frames_from(seconds, is_wanted)
            return
        failed = 0
        with open_capture(self._path) as capture:
            capture.set(cv2.CAP_PROP_POS_MSEC, (self._first_time + seconds) * 1000)
            while failed <= MAX_GAP:
                good, pixels = capture.read()
                failed = 0 if good else failed + 1
                if good:
                    time = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000 - self._first_time
                    yield Frame(round(max(0.0, time) * NANOSECONDS), '', partial(_decode, pixels))

    def _check_the_end(self, count: int, end: float) -> None:
        """Raises SourceError if frames are missing at the end.

        Args:
            count: Frames that were read.
            end: Time after the first frame at which the last one ends [s].
        """
        damage = find_damage(self._path)
        problem = f'the file is damaged or was cut off{": " + damage if damage else ""}'
        if not self._counted.exact or not self.total:
            if damage:
                raise SourceError(f'{self._path}: decoding stops after '
                                  f'{counted(count, "image")}; {problem}')
            return
        # Of a file that is whole, decoders leave out a few images after a cut.
        share = 0.0 if damage else COUNT_TOLERANCE_SHARE
        enough = count >= self.total - max(COUNT_TOLERANCE, self.total * share)
        shown, slack = self._counted.shown_s, COUNT_TOLERANCE / self._nominal
        if not enough and not (shown and end >= shown * (1 - share) - slack):
            raise SourceError(f'{self._path}: decoding stops after {count} of {self.total} images; '
                              f'{problem}')

    def _read(self) -> Generator[tuple[int, float, Any], None, None]:
        """How many frames before each cannot be decoded; its time in the file [s]; its pixels."""
        import cv2
        done = broken = good_frames = 0
        end = self._attempts
        repeats = _RepeatCheck(self._path)
        with open_capture(self._path) as capture:
            # At the end every read fails, too.
            while broken <= MAX_GAP and (end is None or done + broken < end or not broken):
                good, pixels = capture.read()
                if not good:
                    broken += 1
                    continue
                repeats.check(good_frames, pixels)
                good_frames += 1
                # a fresh array each time, so it may be kept
                yield broken, capture.get(cv2.CAP_PROP_POS_MSEC) / 1000, pixels
                done, broken = done + broken + 1, 0


class _RepeatCheck:
    """Checks frames that repeat the one before, as interlaced ones among others seem to do.

    Each check decodes the video up to there, so the next one is made after twice as many frames.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sample: NDArray[np.uint8] | None = None
        self._next = 1

    def check(self, index: int, pixels: NDArray[np.uint8]) -> None:
        """Raises SourceError if the frame, which is the `index`-th, was not converted."""
        before, self._sample = self._sample, pixels[::SAMPLED, ::SAMPLED].copy()
        if index < self._next or before is None or not np.array_equal(before, self._sample):
            return
        self._next = 2 * index
        check_converted(self._path, index)


def _times(capture: Any) -> Iterator[float]:
    """Presentation times of the frames, without converting their pixels [s]."""
    import cv2
    failed = 0
    while failed <= MAX_GAP:
        if capture.grab():
            failed = 0
            yield capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        else:
            failed += 1


def _rate(times: list[float], nominal: float) -> float:
    """The usual rate of the first frames; the nominal one if that is what they have [Hz]."""
    clock = FrameTimes(nominal)
    stamps = [clock.stamps(time)[0] for time in times]
    if len(stamps) < 2:
        return nominal
    gap = statistics.median(after - before for before, after in pairwise(stamps)) / NANOSECONDS
    rate = 1 / gap
    return nominal if abs(gap - 1 / nominal) < 1e-3 or not sensible_fps(rate) else rate


def _notes(path: Path, fps: float | None, timed: bool, nominal: float) -> tuple[str, ...]:
    if fps is None and not timed:
        return (f'{path}: its frames have no times; taken as {nominal:g} images per second '
                '(another rate: --fps)',)
    if fps is not None and timed:
        return (f"{path}: the frames' own times are replaced by {fps:g} images per second",)
    return ()


def _undecodable(path: Path, fourcc: int) -> SourceError:
    """Why no frame at all can be read, although the container can."""
    if damage := find_damage(path):
        return SourceError(f'{path}: no image can be decoded; the file is damaged or was cut off: '
                           f'{damage}')
    codec = fourcc.to_bytes(4, 'little', signed=False).decode('ascii', 'replace').strip('\0 ')
    return SourceError(f'{path}: no image can be decoded: OpenCV has no decoder for its codec, '
                       f'{codec}, or the file is damaged; {REMEDY}')


def _decode(pixels: NDArray[np.uint8], _: int) -> Picture:
    return Picture(pixels, 'bgr')


def _reject(_: int) -> Picture:
    raise ImageError('the frame cannot be decoded', cause='damaged')
