"""Puts together by their stamps what belongs to one image: pixels, poses, positions, target.

The poses decide when an image is shown: those of an image that the node skips never come, and it
is left out. Nothing is sorted by stamps, so that a clock which is set back changes nothing.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from movenet_ros.images.cdr import ImageMessage
from movenet_ros.messages.pose_array import PoseMessage
from movenet_ros.tools.view.record import PersonPosition, TargetView

Part = ImageMessage | PoseMessage | tuple[PersonPosition, ...] | TargetView

QUIET = 1.0
"""Without poses for so long [s], images are shown without them."""
PATIENCE = {ImageMessage: 0.15, tuple: 0.05, TargetView: 0.05}
"""How long poses wait for the other parts [s], if such parts have come lately."""
LATELY = 1.0  # s
LONGEST = 2.0
"""How long an image waits for its poses [s]: longer than a slow node takes."""
MOST_BYTES = 64 * 1024 * 1024
"""Of the images that wait."""


@dataclass(frozen=True, eq=False)
class PairedImage:
    """What is known of one image.

    Attributes:
        image: Its message; None if it did not come.
        poses: The people in it; None if no poses come now.
        positions: Where they are; those of an image shortly before if its own are not there yet.
        target: Who is followed, in the same way.
    """

    image: ImageMessage | None
    poses: PoseMessage | None
    positions: Sequence[PersonPosition] | None = None
    target: TargetView | None = None


@dataclass(eq=False)
class _Waiting:
    """The parts of an image that have come, by their types."""

    since: float
    parts: dict[type, Part] = field(default_factory=dict)
    poses_since: float = 0.0

    @property
    def size(self) -> int:
        image = self.parts.get(ImageMessage)
        return len(image.data) if isinstance(image, ImageMessage) else 0


class Pairing:
    """Collects parts until those of an image are complete, or no more are waited for.

    All times are of `time.monotonic` [s].
    """

    def __init__(self) -> None:
        self._waiting: dict[int, _Waiting] = {}  # by stamp, in the order in which they came
        self._latest: dict[type, tuple[float, Part]] = {}
        self._shown: int | None = None  # stamp of the newest image that was shown without poses
        self._previous: tuple[int, PairedImage] | None = None

    def add(self, stamp_ns: int, part: Part, now: float) -> None:
        """A part of the image with this stamp has come."""
        kind = type(part)
        self._latest[kind] = now, part
        waiting = self._waiting.get(stamp_ns)
        if waiting is None or kind in waiting.parts:
            # The second of its kind: the stamp is used again.
            self._waiting.pop(stamp_ns, None)
            waiting = self._waiting[stamp_ns] = _Waiting(now)
        waiting.parts[kind] = part
        if kind is PoseMessage:
            waiting.poses_since = now
            self._reuse_image(stamp_ns, waiting)
        elif kind is ImageMessage:
            self._forget_old(now)

    def take(self, now: float) -> PairedImage | None:
        """The newest image that is to be shown now; None if there is none."""
        for stamp_ns in reversed(self._waiting):
            if self._is_due(self._waiting[stamp_ns], now):
                return self._complete(stamp_ns, now)
        if self._came_lately(PoseMessage, now, QUIET):
            return None
        return self._without_poses()

    def due_in(self, now: float) -> float | None:
        """For how long poses wait at most, from now on [s]; None if none wait."""
        ends = [waiting.poses_since + max(PATIENCE.values()) for waiting in self._waiting.values()
                if PoseMessage in waiting.parts]
        return max(0.0, min(ends) - now) if ends else None

    def _is_due(self, waiting: _Waiting, now: float) -> bool:
        return PoseMessage in waiting.parts and all(
            kind in waiting.parts or now - waiting.poses_since >= patience
            or not self._came_lately(kind, now, LATELY) for kind, patience in PATIENCE.items())

    def _came_lately(self, kind: type, now: float, seconds: float) -> bool:
        return kind in self._latest and now - self._latest[kind][0] < seconds

    def _complete(self, stamp_ns: int, now: float) -> PairedImage:
        parts = dict(self._waiting[stamp_ns].parts)
        for kind in (tuple, TargetView):
            if kind not in parts and self._came_lately(kind, now, LATELY):
                parts[kind] = self._latest[kind][1]
        moment = PairedImage(*(parts.get(kind)  # type: ignore[arg-type]
                          for kind in (ImageMessage, PoseMessage, tuple, TargetView)))
        for other in list(self._waiting):
            del self._waiting[other]
            if other == stamp_ns:
                break
        self._previous = stamp_ns, moment
        return moment

    def _without_poses(self) -> PairedImage | None:
        for stamp_ns in reversed(self._waiting):
            image = self._waiting[stamp_ns].parts.get(ImageMessage)
            if isinstance(image, ImageMessage):
                # It stays: its poses may still come.
                is_new, self._shown = stamp_ns != self._shown, stamp_ns
                return PairedImage(image, None) if is_new else None
        return None

    def _reuse_image(self, stamp_ns: int, waiting: _Waiting) -> None:
        """Poses with the stamp of those before, as of a clock that is paused, have their image."""
        if self._previous is not None and self._previous[0] == stamp_ns:
            image = self._previous[1].image
            if image is not None:
                waiting.parts.setdefault(ImageMessage, image)

    def _forget_old(self, now: float) -> None:
        size = sum(waiting.size for waiting in self._waiting.values())
        for stamp_ns, waiting in list(self._waiting.items())[:-1]:
            if size <= MOST_BYTES and now - waiting.since < LONGEST:
                break
            size -= waiting.size
            del self._waiting[stamp_ns]
