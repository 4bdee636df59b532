"""The package that reads and writes bags: no distribution has it, so it may be missing."""
from __future__ import annotations

from movenet_ros.errors import MovenetError


def require_rosbags() -> None:
    """Checks that bags can be read and written.

    Raises:
        MovenetError: The package rosbags cannot be imported.
    """
    try:
        import rosbags.rosbag2  # noqa: F401
    except ImportError as error:
        raise MovenetError(
            f'a bag needs the package rosbags ({error}): pip install rosbags') from error
