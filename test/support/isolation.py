"""Keeps what is run here apart: from other nodes, and with logs that can be removed."""
import fcntl
import os
import tempfile
from importlib.util import find_spec

from movenet_ros.ros_environment import INHERITED_MARK, isolated
from movenet_ros.share import large_image_profile

DOMAINS = range(1, 101)
_held = []
"""Locks, for as long as this process lives."""


def isolate():
    """Sets the environment, also of processes started from here; returns the folder of the logs.

    ROS reads it when it starts: before any test imports rclpy.
    """
    logs = tempfile.mkdtemp(prefix='movenet_ros_test_logs_')
    profile = large_image_profile() if find_spec('rclpy') else {}
    os.environ.update({**isolated(os.environ, free_domain(), logs), **profile})
    # It would be inherited by a Python of another virtual environment.
    os.environ.pop(INHERITED_MARK, None)
    return logs


def free_domain():
    """A ROS domain that no other run of tests of this user has; it is ours until the end."""
    folder = tempfile.gettempdir()
    first = os.getpid() % len(DOMAINS)
    for domain in (*DOMAINS[first:], *DOMAINS[:first]):
        lock = os.open(f'{folder}/movenet_ros_test_domain_{os.getuid()}_{domain}',
                       os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        _held.append(lock)
        return domain
    raise RuntimeError(f'{len(DOMAINS)} runs of tests are going on')
