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

from movenet_ros.share import large_image_profile

SHARED_MEMORY = Path('/dev/shm')
DEFAULT_RMW = 'rmw_fastrtps'
# Any of these variables or files already chooses the transports of Fast DDS.
CHOSEN_BY_VARIABLE = ('FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE',
                      'FASTDDS_BUILTIN_TRANSPORTS')
CHOSEN_BY_FILE = ('DEFAULT_FASTDDS_PROFILES.xml', 'DEFAULT_FASTRTPS_PROFILES.xml')
SEGMENT_SIZE = re.compile(r'<segment_size>\s*(\d+)\s*</segment_size>')
# What one participant takes beside the segment of the profile [bytes].
OVERHEAD = 2 << 20
# The node leaves room in /dev/shm for its cameras, which need it more.
NODE_SHARE = 4


def use_large_image_profile() -> bool:
    """Lets Fast DDS carry large images in this process, and in those it starts.

    To be called before `rclpy.init`. The whole segment is allocated at the start; where it does
    not fit into /dev/shm, the default transports are better, and stay.

    Returns:
        Whether the profile is used because of this call.
    """
    return _use(large_image_profile(), share=1)


def use_overlay_profile() -> bool:
    """Lets Fast DDS carry the overlays of a node, with a smaller segment than a camera needs.

    To be called before `rclpy.init`.

    Returns:
        Whether the profile is used because of this call.
    """
    return _use({name: str(Path(path).with_name('fastdds_node.xml'))
                 for name, path in large_image_profile().items()}, share=NODE_SHARE)


def _use(profile: Mapping[str, str], share: int) -> bool:
    """Sets the variable of a profile, if its segment takes at most one `share` of what is free."""
    if has_transport_settings(os.environ, Path.cwd()):
        return False
    if free_shared_memory() < share * (_segment_size(profile) + OVERHEAD):
        return False
    os.environ.update(profile)
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


def free_shared_memory() -> int:
    """What is free of /dev/shm [bytes]; 0 where there is none."""
    try:
        status = os.statvfs(SHARED_MEMORY)
    except OSError:
        return 0
    return status.f_bavail * status.f_frsize


def _segment_size(profile: Mapping[str, str]) -> int:
    """The segment size in a profile file [bytes]."""
    text = Path(next(iter(profile.values()))).read_text(encoding='utf-8')
    found = SEGMENT_SIZE.search(text)
    return int(found[1]) if found else 0
