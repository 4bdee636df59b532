"""Since when each of those is known that come and go.

Nothing here knows ROS or a clock; times come from the caller, in seconds.
"""
from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Generic, TypeVar

Key = TypeVar('Key', bound=Hashable)


class FirstSeen(Generic[Key]):
    """Remembers when each of those that are there was seen first."""

    def __init__(self) -> None:
        self._times: dict[Key, float] = {}

    def see(self, present: Collection[Key], now: float) -> None:
        """Notes who is there; who is not is forgotten, and new when seen again."""
        self._times = {key: self._times.get(key, now) for key in present}

    def longest(self, now: float) -> float:
        """How long the one that came first has been there; 0 where there is none."""
        return now - min(self._times.values(), default=now)
