"""Finds what belongs to an image in a stream that is nearly in the images' order."""
from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from movenet_ros.core.types import NANOSECONDS

Item = TypeVar('Item')

AHEAD = 2 * NANOSECONDS
"""How far beyond the stamp of an image it is searched for [ns]."""
MOST_HELD = 600


class StampedStream(Generic[Item]):
    """Items with stamps, of which a few are kept that were read before they were asked for."""

    def __init__(self, items: Iterable[tuple[int, Item]], tolerance_ns: int = 0) -> None:
        """Reads nothing yet.

        Args:
            items: Each with its stamp [ns].
            tolerance_ns: By how much two stamps of one image may differ [ns].
        """
        self._items = iter(items)
        self._tolerance = tolerance_ns
        self._held: deque[tuple[int, Item]] = deque()
        self._is_at_end = False

    def find(self, stamp_ns: int) -> tuple[Item | None, list[tuple[int, Item]]]:
        """The item of a stamp.

        Args:
            stamp_ns: Of the image [ns].

        Returns:
            None if there is none; and the items before it that nobody has asked for.
        """
        passed = self._passed(stamp_ns)
        while True:
            for index, (stamp, item) in enumerate(self._held):
                if abs(stamp - stamp_ns) <= self._tolerance:
                    passed += [self._held.popleft() for _ in range(index)]
                    self._held.popleft()
                    return item, passed
            # One that is far ahead does not end the search: stamps may have been set back since.
            if self.follows(stamp_ns, AHEAD) or len(self._held) == MOST_HELD or not self._read():
                return None, passed

    def follows(self, stamp_ns: int, within_ns: int) -> bool:
        """Whether an item that was read is later than a stamp, by at most `within_ns` [ns]."""
        return any(0 < stamp - stamp_ns <= within_ns for stamp, _ in self._held)

    @property
    def is_at_end(self) -> bool:
        """Whether all items have been read, and none is kept."""
        return self._is_at_end and not self._held

    def rest(self) -> Iterator[tuple[int, Item]]:
        """The items that are left."""
        while self._held or self._read():
            yield self._held.popleft()

    def _passed(self, stamp_ns: int) -> list[tuple[int, Item]]:
        passed = []
        while self._held and self._held[0][0] < stamp_ns - AHEAD:
            passed.append(self._held.popleft())
        return passed

    def _read(self) -> bool:
        item = next(self._items, None)
        if item is None:
            self._is_at_end = True
            return False
        self._held.append(item)
        return True
