"""What became of the latest images of a camera, and which share of them is worth a warning.

Nothing here knows ROS or a clock; times come from the caller, in seconds.
"""
from __future__ import annotations

from collections import deque
from typing import NamedTuple

from movenet_ros.ros.diagnostics.busy_time import BusyTime
from movenet_ros.ros.subscription.arrivals import Missed

WINDOW = 10.0  # s
LEAST_LOST = 3
"""Fewer lost images in a window are no reason for a warning, whatever their share."""
TOLERATED_LOSS = 0.03
"""Share of the images in a window that may be lost without a warning."""

LEAST_SKIPPED = 5
"""As few skipped images in a window are no reason for a warning, whatever their share."""
HARDLY_BUSY = 0.5
"""A node that is busy for a larger share of the time may skip images for want of time alone."""
TOLERATED_SKIPS = 0.1
"""Of images that come evenly some are overtaken only while the node is busy for longer than is
between two; by how much the share of the skipped ones may exceed that of such time."""


class Bursts(NamedTuple):
    """Images that were skipped although the node had time for them.

    Attributes:
        skipped: Their share of the images in the window, 0 to 1.
        busy: Share of the same time that the node worked on images, 0 to 1.
    """

    skipped: float
    busy: float


class _Note(NamedTuple):
    time: float
    published: int
    lost: int
    skipped: int


class RecentImages:
    """The images of one camera in the last `WINDOW` seconds."""

    def __init__(self, busy: BusyTime) -> None:
        """None yet.

        Args:
            busy: When the node worked on images of any camera.
        """
        self._busy = busy
        self._notes: deque[_Note] = deque()
        self._published = self._lost = self._skipped = 0

    def note(self, now: float, missed: Missed, arrived: int = 0) -> None:
        """Counts images from `now`.

        Args:
            now: The time.
            missed: How many are not worked on.
            arrived: How many came beside them.
        """
        published = arrived + missed.skipped + missed.lost
        self._add(_Note(now, published, missed.lost, missed.skipped - missed.away))

    def overtaken(self, now: float) -> None:
        """One that had arrived is skipped after all."""
        self._add(_Note(now, published=0, lost=0, skipped=1))

    def loss(self, now: float) -> float:
        """Share of the images that were lost, 0 to 1; 0 where it is too small to warn of."""
        self._prune(now)
        share = self._lost / max(1, self._published)
        return share if self._lost >= LEAST_LOST and share > TOLERATED_LOSS else 0.0

    def bursts(self, now: float) -> Bursts | None:
        """Images that were skipped, but not for want of time; None where they are too few.

        What piled up while the process was paused does not count.
        """
        self._prune(now)
        if self._skipped < LEAST_SKIPPED:
            return None
        # Not until now: while no images come, none can be skipped.
        start, end = self._notes[0].time, self._notes[-1].time
        busy = self._busy.share(start, end)
        published = max(1, self._published)
        explained = self._busy.share(start, end, beyond=(end - start) / published)
        share = self._skipped / published
        is_much = busy < HARDLY_BUSY and share > explained + TOLERATED_SKIPS
        return Bursts(share, busy) if is_much else None

    def _add(self, note: _Note) -> None:
        self._notes.append(note)
        self._count(note, 1)
        self._prune(note.time)

    def _prune(self, now: float) -> None:
        while self._notes and now - self._notes[0].time > WINDOW:
            self._count(self._notes.popleft(), -1)

    def _count(self, note: _Note, times: int) -> None:
        self._published += times * note.published
        self._lost += times * note.lost
        self._skipped += times * note.skipped
