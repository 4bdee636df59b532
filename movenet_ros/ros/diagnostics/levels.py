"""The levels of diagnostic_msgs/DiagnosticStatus."""
from __future__ import annotations

from enum import IntEnum


class Level(IntEnum):
    """How bad it is; usable without ROS."""

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3
    """Nothing is known, as it reports no more."""
