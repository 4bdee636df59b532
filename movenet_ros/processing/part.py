"""Which images of a recording are processed."""
from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import ParameterError
from movenet_ros.files.source import Frame, Source


@dataclass(frozen=True)
class Part:
    """Part of a recording; `Part()` is all of it.

    Attributes:
        start: Leaves out what is before [s since the beginning].
        end: Leaves out what is not before [s since the beginning]; None for no end.
        every: Takes every n-th of the other images, beginning with the first.

    Raises:
        ParameterError: A value is not allowed.
    """

    start: float = 0.0
    end: float | None = None
    every: int = 1

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start) and self.start >= 0):
            raise ParameterError('start', self.start, 'must be a time of at least 0 s')
        if self.end is not None and not self.end > self.start:
            raise ParameterError('end', self.end, f'must be later than the start, {self.start:g} s')
        if self.every < 1:
            raise ParameterError('every', self.every, 'must be at least 1')

    @property
    def is_whole(self) -> bool:
        """Whether it is all of a recording."""
        return self == Part()

    def frames(self, source: Source) -> Iterator[Frame]:
        """The frames of this part.

        Args:
            source: The recording.

        Raises:
            ParameterError: It holds stills, and there is a start or an end.
            SourceError: As `Source.frames`.
        """
        for name, value in (('start', self.start), ('end', self.end)):
            if source.stills and value:
                raise ParameterError(name, value, f'{source.name} holds pictures, which have no '
                                     'times; leave it out, or give their rate')
        return iter(source) if self.is_whole else islice(self._within(source), 0, None, self.every)

    def _within(self, source: Source) -> Iterator[Frame]:
        # Seeking is exact to a millisecond only, so without a start it is avoided.
        frames = source.frames_from(self.start) if self.start else source.frames()
        with closing(frames):
            for frame in frames:
                elapsed = source.elapsed_ns(frame) / NANOSECONDS
                if self.end is not None and elapsed >= self.end:
                    return
                if elapsed >= self.start:
                    yield frame

    def total(self, source: Source) -> int | None:
        """About how many frames it has, where the recording says so."""
        if source.total is None or self.is_whole:
            return source.total
        end = source.duration if self.end is None else min(self.end, source.duration)
        within = source.total if source.stills else max(0.0, end - self.start) * source.fps
        return math.ceil(min(within, source.total) / self.every)
