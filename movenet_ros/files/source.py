"""The base of all inputs: a source of stamped frames, which are decoded on demand."""
from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.errors import ParameterError
from movenet_ros.files.wanted import Wanted, always
from movenet_ros.images.cdr import ImageMessage
from movenet_ros.images.encodings import WHITE_LEVEL

PathLike: TypeAlias = str | Path
MIN_FPS, MAX_FPS = 0.1, 1000.0
DEFAULT_FPS = 30.0
"""Rate of what has no times of its own [Hz]."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One image of a source.

    Attributes:
        stamp_ns: When it was taken [ns]: the header's stamp in a bag, from 0 on elsewhere.
        frame_id: The camera's frame in a bag, empty elsewhere.
        decode: Gives the picture, from the 16-bit value that is white.
        receive_ns: When the recorder received it [ns]; None where nothing was received.
        message: The image as it was sent; None where it was no message.
    """

    stamp_ns: int
    frame_id: str
    decode: Callable[[int], Picture] = field(repr=False)
    receive_ns: int | None = None
    message: ImageMessage | None = field(default=None, repr=False)

    def picture(self, white_level: int = WHITE_LEVEL) -> Picture:
        """Decodes the picture.

        Args:
            white_level: Of 16-bit samples, see `encodings.to_8_bits`.

        Raises:
            ImageError: This one cannot be used; the next one may be.
        """
        return self.decode(white_level)


class Source(ABC):
    """Frames of a file, in order. Every iteration begins at the first one.

    Leaving its context closes what iterations that were not finished hold open.

    Attributes:
        name: What was opened, as the user named it.
        kind: 'video', 'pictures' or 'bag'.
        total: How many frames there should be, where the file says so.
        estimated: Whether `total` is an estimate, as in containers that do not count frames.
        fps: The usual number of frames per second [Hz]; of a bag, its mean.
        stills: Whether the frames are pictures that have nothing to do with one another.
        notes: What the user should know of how the file is read; some of it may be known only
            after the last frame.
    """

    kind: str

    def __init__(self, name: str, *, total: int | None, fps: float, estimated: bool = False,
                 stills: bool = False, notes: tuple[str, ...] = ()) -> None:
        self.name = name
        self.total = total
        self.estimated = estimated
        self.fps = fps
        self.stills = stills
        self.notes = notes
        self._open: list[Generator[Frame, None, None]] = []

    @abstractmethod
    def frames(self) -> Generator[Frame, None, None]:
        """A generator of all frames.

        Raises:
            SourceError: Reading breaks off; what can be read has been yielded before.
        """

    @property
    def duration(self) -> float:
        """Time from its beginning to its end [s]; 0 where it is unknown."""
        return (self.total or 0) / self.fps

    def frames_from(self, seconds: float,
                    is_wanted: Wanted = always) -> Generator[Frame, None, None]:
        """The frames from a time on; some before it may come first.

        After the beginning, the stamps of a video may be those of `frames` only to a
        millisecond, and damage may not be noticed.

        Args:
            seconds: Since the beginning [s].
            is_wanted: Ends the search for the first of them.

        Raises:
            SourceError: As `frames`.
        """
        for frame in self.frames():
            if not is_wanted():
                return
            if frame.stamp_ns >= seconds * NANOSECONDS:
                yield frame

    def elapsed_ns(self, frame: Frame) -> int:
        """Time of a frame since the beginning, as `frames_from` counts it [ns]."""
        return frame.stamp_ns

    def add_note(self, text: str) -> None:
        """Adds a note, once, however often the frames are read."""
        if text not in self.notes:
            self.notes += (text,)

    def __iter__(self) -> Iterator[Frame]:
        frames = self.frames()
        self._open.append(frames)
        return frames

    def __enter__(self) -> Source:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        for frames in self._open:
            frames.close()
        self._open.clear()


def check_fps(fps: float | None) -> None:
    """Checks that a rate that was asked for [Hz], if any, is one of a camera.

    Raises:
        ParameterError: It is not a rate.
    """
    if fps is not None and not sensible_fps(fps):
        raise ParameterError('fps', fps, f'must be {MIN_FPS:g} to {MAX_FPS:g} images per second')


def sensible_fps(fps: float) -> bool:
    """Whether a rate [Hz] can be one of a camera: files that do not know theirs say 0 or 90000."""
    return math.isfinite(fps) and MIN_FPS <= fps <= MAX_FPS
