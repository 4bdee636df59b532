"""Keeps what is run here apart: from other nodes, and with logs that can be removed."""
import os
import tempfile
from contextlib import ExitStack
from importlib.util import find_spec

from movenet_ros.ros_environment import INHERITED_MARK, isolated, own_domain
from movenet_ros.share import large_image_profile

_HELD = ExitStack()
"""The ROS domain, for as long as this process lives."""


def isolate():
    """Sets the environment, also of processes started from here; returns the folder of the logs.

    ROS reads it when it starts: before any test imports rclpy.
    """
    logs = tempfile.mkdtemp(prefix='movenet_ros_test_logs_')
    profile = large_image_profile() if find_spec('rclpy') else {}
    domain = _HELD.enter_context(own_domain(os.environ))
    os.environ.update({**isolated(os.environ, domain, logs), **profile})
    # It would be inherited by a Python of another virtual environment.
    os.environ.pop(INHERITED_MARK, None)
    return logs
