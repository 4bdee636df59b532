"""Counts of what poses in metres are made of: a calibration and a depth image for each image.

Nothing here knows ROS or a clock.
"""
from __future__ import annotations

from collections import Counter


class DepthMonitor:
    """Counts, since an activation, which images had what, and why others had not.

    Attributes:
        has_depth: Whether depth is subscribed to.
    """

    def __init__(self, *, has_depth: bool) -> None:
        """Nothing is counted yet."""
        self.has_depth = has_depth
        self._calibrated = self._depth_received = self._with_depth = 0
        self._uncalibrated: Counter[str] = Counter()
        self._without_depth: Counter[str] = Counter()
        self._new, self._last = 0, ''

    def depth_received(self) -> None:
        """A depth image came, whatever it holds."""
        self._depth_received += 1

    def calibrated(self) -> None:
        """An image has a calibration."""
        self._calibrated += 1

    def uncalibrated(self, cause: str) -> None:
        """An image has none."""
        self._uncalibrated[cause] += 1

    def with_depth(self) -> None:
        """An image has depth."""
        self._with_depth += 1

    def without_depth(self, cause: str, text: str) -> None:
        """An image has none that can be used, though depth is subscribed to.

        Args:
            cause: A short identifier.
            text: Why it has no positions.
        """
        self._without_depth[cause] += 1
        self._new += 1
        self._last = text

    def warning(self) -> str:
        """What was wrong since the last call; empty if nothing was."""
        text = f'{self._new} images without positions: {self._last}' if self._new else ''
        self._new = 0
        return text

    def values(self) -> list[tuple[str, str]]:
        """Keys with their values."""
        values = [
            ('images with camera_info', str(self._calibrated)),
            *((f'images without camera_info: {cause}', str(n))
              for cause, n in sorted(self._uncalibrated.items()))]
        if self.has_depth:
            values += [
                ('depth images received', str(self._depth_received)),
                ('images with depth', str(self._with_depth)),
                *((f'images without depth: {cause}', str(n))
                  for cause, n in sorted(self._without_depth.items()))]
        return values
