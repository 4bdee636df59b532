"""Processes with a /dev/shm of their own, as in a container."""
import functools
import subprocess

import pytest


def with_own_shared_memory(size='50%'):
    """The words before those of a command that give it a /dev/shm of this size."""
    return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c',
            f'mount -t tmpfs -o size={size} tmpfs /dev/shm && exec "$@"', 'sh']


def require_own_shared_memory():
    """Skips a test where this user may not do that."""
    if not _is_possible():
        pytest.skip('this user may not create namespaces: unshare --user --mount')


@functools.cache
def _is_possible():
    try:
        done = subprocess.run([*with_own_shared_memory('1m'), 'true'], capture_output=True,
                              check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0
