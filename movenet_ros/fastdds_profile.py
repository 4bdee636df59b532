"""Transport settings of the middleware, chosen before ROS starts.

Fast DDS passes data between processes of one machine through shared memory of about 0.5 MB. A
larger image is sent in fragments, and most of those that are sent with best effort are lost. A
program of this package that publishes images therefore asks for a larger segment
(config/fastdds_large_images.xml), unless its user has chosen transport settings already.
"""
from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from movenet_ros.errors import MovenetError
from movenet_ros.regular_files import read_regular_file
from movenet_ros.share import large_image_profile

SHARED_MEMORY = Path('/dev/shm')
DEFAULT_RMW = 'rmw_fastrtps'
# Any of these variables or files already chooses the transports of Fast DDS.
PROFILE_VARIABLES = ('FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE')
CHOSEN_BY_VARIABLE = (*PROFILE_VARIABLES, 'FASTDDS_BUILTIN_TRANSPORTS')
CHOSEN_BY_FILE = ('DEFAULT_FASTDDS_PROFILES.xml', 'DEFAULT_FASTRTPS_PROFILES.xml')
SEGMENT_SIZE = re.compile(rb'<segment_size>\s*(\d{1,18})\s*</segment_size>')
LARGEST_PROFILE = 2**20  # bytes
# What one participant takes beside the segment of the profile [bytes].
OVERHEAD = 2 << 20


def use_large_image_profile(processes: int = 1) -> bool:
    """Lets Fast DDS carry large images in this process, and in those it starts.

    To be called before `rclpy.init`. The whole segment is allocated at the start; where it does
    not fit into /dev/shm, the default transports are better, and stay. So they do where the
    profile cannot be read.

    Args:
        processes: For how many segments there has to be room: that of this process, and those
            of others that start later and need theirs more.

    Returns:
        Whether the profile is used because of this call.
    """
    if has_transport_settings(os.environ, Path.cwd()):
        return False
    try:
        [(variable, path)] = large_image_profile().items()
        needed = processes * (segment_size(path) + OVERHEAD)
    except (MovenetError, OSError):
        return False
    free, _ = shared_memory_space(SHARED_MEMORY)
    if free < needed:
        return False
    os.environ[variable] = path
    return True


def has_transport_settings(environment: Mapping[str, str], folder: Path) -> bool:
    """Whether a user has chosen transport settings, or a middleware other than Fast DDS.

    Args:
        environment: Environment variables.
        folder: The working folder, in which Fast DDS also searches for a profile.
    """
    return (not environment.get('RMW_IMPLEMENTATION', DEFAULT_RMW).startswith(DEFAULT_RMW)
            or any(environment.get(name) for name in CHOSEN_BY_VARIABLE)
            or any((folder / name).is_file() for name in CHOSEN_BY_FILE))


def shared_memory_space(folder: Path) -> tuple[int, int]:
    """What is free of /dev/shm, and all of it [bytes]; 0 where there is none."""
    try:
        status = os.statvfs(folder)
    except OSError:
        return 0, 0
    return status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize


def segment_size(profile: str | Path) -> int:
    """The largest segment that a profile asks for [bytes]; 0 where it asks for none.

    Raises:
        OSError: The file cannot be read.
    """
    return max(map(int, SEGMENT_SIZE.findall(read_regular_file(profile, LARGEST_PROFILE))),
               default=0)
