"""When each frame of a video was taken, from the times in its container."""
from __future__ import annotations

from movenet_ros.core.types import NANOSECONDS

# Containers round times: Matroska, WebM and FLV to 1 ms, QuickTime often to 1/600 s.
ROUNDING = 1e-3  # s
# Above this rate [Hz] every time is within the rounding of some multiple of the period, nearly.
MAX_GRID_FPS = 250.0
RESOLUTION = 1e-7  # s


class FrameTimes:
    """Turns presentation times into stamps that begin at 0 and never go back.

    As long as the times are multiples of the period, give or take the container's rounding, the
    stamps are these multiples exactly. From the first one on that is not, they are the times
    themselves. A frame without a time that is later than the one before (raw streams have none,
    and the last B-frames of an AVI lose theirs) is stamped one period after it.

    Attributes:
        missing: How many frames so far had no usable time.
    """

    def __init__(self, fps: float) -> None:
        """Begins at the first frame.

        Args:
            fps: The nominal rate, whose inverse is the period [Hz].
        """
        self.missing = 0
        self._fps = fps
        self._period = 1.0 / fps
        self._on_grid = fps <= MAX_GRID_FPS
        self._origin: float | None = None
        self._pending = 0
        # Of the last frame: in periods, which are exact, and in seconds.
        self._step, self._time = -1.0, -self._period

    def stamps(self, time: float, skipped: int = 0) -> list[int]:
        """The stamps of a frame and of those before it that could not be decoded.

        A decoder that works on several frames at once fails early: as many of the skipped frames
        as do not fit into the gap before this frame are taken for later ones.

        Args:
            time: Presentation time of the frame, from any origin [s]; 0 or less than that of
                the frame before where the container has none.
            skipped: How many attempts to decode a frame failed since the last one.

        Returns:
            Stamps [ns], the frame's own last.
        """
        self._pending += skipped
        if self._origin is None:
            before = min(skipped, max(0, round(time * self._fps)))
            self._origin = time - before * self._period
        relative = time - self._origin
        if relative <= self._time + RESOLUTION:
            self.missing += 1
            relative = self._time + (self._pending + 1) * self._period
        before = min(self._pending, max(0, round((relative - self._time) * self._fps) - 1))
        self._pending -= before
        return self._advance(relative, before + 1)

    def rest(self) -> list[int]:
        """The stamps of frames after the last one of which it is known that decoding failed."""
        count, self._pending = self._pending, 0
        return self._advance(self._time + count * self._period, count) if count else []

    def _advance(self, time: float, count: int) -> list[int]:
        """The stamps [ns] of `count` frames, evenly spread, the last one at `time` [s]."""
        step = round(time * self._fps)
        self._on_grid &= (abs(time - step * self._period) <= ROUNDING + RESOLUTION
                          and step > self._step)
        first, first_step = self._time, self._step
        self._time, self._step = time, float(step)
        if self._on_grid:
            self._time = step * self._period
            return [round((first_step + (step - first_step) * part / count)
                          * NANOSECONDS / self._fps) for part in range(1, count + 1)]
        return [round((first + (time - first) * part / count) * NANOSECONDS)
                for part in range(1, count + 1)]
