"""Puts together by their stamps what belongs to one image: pixels, poses, positions, target.

The poses decide when an image is shown: those of an image that the node skips never come, and it
is left out. Nothing is sorted by stamps, so that a clock which is set back changes nothing.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from movenet_ros.messages.pose_array import PoseMessage
from movenet_ros.tools.view.page_image import PageImage
from movenet_ros.tools.view.record import PersonPosition, TargetView

Part = PageImage | PoseMessage | tuple[PersonPosition, ...] | TargetView

QUIET = 1.0
"""Without poses for so long [s], images are shown without them."""
PATIENCE = {PageImage: 0.15, tuple: 0.05, TargetView: 0.05}
"""How long poses wait for the other parts [s], if such parts have come lately."""
LATELY = 1.0  # s
LONGEST = 2.0
"""How long an image waits for its poses [s]: longer than a slow node takes."""
MOST_MESSAGE_BYTES = 12 * 2**20
"""Of the messages of images that wait: older ones are kept as the picture for the page ..."""
MOST_BYTES = 32 * 2**20
"""... and no more than this in all; the newest are kept."""


@dataclass(frozen=True, eq=False)
class PairedImage:
    """What is known of one image.

    Attributes:
        image: The image; None if it did not come.
        poses: The people in it; None if no poses come now.
        positions: Where they are; those of an image shortly before if its own are not there yet.
        target: Who is followed, in the same way.
    """

    image: PageImage | None
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
    def image(self) -> PageImage | None:
        image = self.parts.get(PageImage)
        return image if isinstance(image, PageImage) else None


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
        elif kind is PageImage:
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
                          for kind in (PageImage, PoseMessage, tuple, TargetView)))
        self._forget_before(stamp_ns)
        self._previous = stamp_ns, moment
        return moment

    def _forget_before(self, stamp_ns: int) -> None:
        """Lets go of an image that is shown, and of those that came before it."""
        has_image = self._waiting[stamp_ns].image is not None
        for other, waiting in list(self._waiting.items()):
            # Poses that come without an image say nothing of the images that wait for theirs.
            if has_image or waiting.image is None or PoseMessage in waiting.parts:
                del self._waiting[other]
            if other == stamp_ns:
                break

    def _without_poses(self) -> PairedImage | None:
        for stamp_ns in reversed(self._waiting):
            image = self._waiting[stamp_ns].image
            if image is not None:
                # It stays: its poses may still come.
                is_new, self._shown = stamp_ns != self._shown, stamp_ns
                return PairedImage(image, None) if is_new else None
        return None

    def _reuse_image(self, stamp_ns: int, waiting: _Waiting) -> None:
        """Poses with the stamp of those before, as of a clock that is paused, have their image."""
        if self._previous is not None and self._previous[0] == stamp_ns:
            image = self._previous[1].image
            if image is not None:
                waiting.parts.setdefault(PageImage, image)

    def _forget_old(self, now: float) -> None:
        """Makes the images that wait smaller, and lets go of the oldest; the newest stays."""
        messages = size = 0
        for number, (stamp_ns, waiting) in enumerate(reversed(list(self._waiting.items()))):
            if (image := waiting.image) is not None:
                messages += image.message_size
                if number and messages > MOST_MESSAGE_BYTES:
                    messages -= image.message_size
                    image.picture()
                size += image.size
            if number and (size > MOST_BYTES or now - waiting.since >= LONGEST):
                del self._waiting[stamp_ns]
