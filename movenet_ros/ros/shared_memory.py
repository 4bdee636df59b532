"""The shared memory that Fast DDS passes data through, as far as this machine shows it.

Each process has a segment in /dev/shm, and in it lies what it publishes; whoever reads maps it.
So there must be room for the segments, and publisher and reader must have the same /dev/shm.
Neither goes without saying in containers, and Fast DDS says little of it. A process that is
killed leaves its segment behind.

For as long as it lives, the owner of a segment holds a lock on a second file, which has the
same name with `_el` added.
"""
from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

from movenet_ros.fastdds_profile import (
    PROFILE_VARIABLES,
    SHARED_MEMORY,
    segment_size,
    shared_memory_space,
)

DEFAULT_SEGMENT = 2**19
"""Of Fast DDS without a profile [bytes]."""
MIB = 2**20
SETTLED = 5.0  # s
_LOCKS = ('fastdds_????????????????_el', 'fastrtps_????????????????_el')
"""Names of the second files; the other one is that of Fast DDS 2, which Jazzy has."""


def shortage(environment: Mapping[str, str] = os.environ, folder: Path = SHARED_MEMORY) -> str:
    """What is wrong if /dev/shm has no room for a segment of the size that is asked for.

    Args:
        environment: Names the profile with the size.
        folder: Where the segments lie.

    Returns:
        A sentence with the remedy; empty if there is room.
    """
    segment, source = _segment(environment)
    free, total = shared_memory_space(folder)
    if not total or free >= segment:
        return ''
    return (f'{folder} has {free / MIB:.1f} of {total / MIB:.0f} MiB left, and a segment of shared '
            f'memory takes {segment / MIB:.1f} MiB ({source}): images of whoever finds no room '
            'for theirs go through the network stack, and large ones are lost. Start the '
            'container with --ipc=host or a larger --shm-size')


def _segment(environment: Mapping[str, str]) -> tuple[int, str]:
    """Size of a segment [bytes], and who says so."""
    for name in filter(environment.get, PROFILE_VARIABLES):
        with suppress(OSError):
            if size := segment_size(environment[name]):
                return size, name
    return DEFAULT_SEGMENT, 'the default of Fast DDS'


def remove_abandoned(folder: Path = SHARED_MEMORY, settled: float = SETTLED) -> int:
    """Removes the segments that processes of this user have left behind when they were killed.

    Fast DDS leaves them until the next start of the machine: half a MiB each, or as much as
    the profile says.

    Args:
        folder: Where the segments lie.
        settled: Younger ones [s] are left alone: they may not be locked yet.

    Returns:
        How many were removed.
    """
    count = 0
    for lock in chain.from_iterable(map(folder.glob, _LOCKS)):
        # gone meanwhile, still held, or not ours to touch
        with suppress(OSError), _held(lock) as status:
            if (status.st_uid == os.geteuid()
                    and time.time() - status.st_mtime > settled):
                lock.with_name(lock.name.removesuffix('_el')).unlink(missing_ok=True)
                lock.unlink(missing_ok=True)
                count += 1
    return count


@contextmanager
def _held(lock: Path) -> Iterator[os.stat_result]:
    """Holds the lock of a segment, and gives the state of its file."""
    # no link is followed: in a folder that all may write to, it may lead anywhere
    descriptor = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield os.fstat(descriptor)
    finally:
        os.close(descriptor)
