"""Keeps what is run here to itself: nobody else's nodes, and logs that can be thrown away."""
import os
import tempfile

from movenet_ros.ros_environment import INHERITED_MARK, isolated
from movenet_ros.share import large_image_profile


def isolate():
    """Sets the environment, also of processes started from here; returns the folder of the logs.

    ROS reads it when it starts: before any test imports rclpy.
    """
    logs = tempfile.mkdtemp(prefix='movenet_ros_test_logs_')
    # another domain for each run
    os.environ.update({**isolated(os.environ, 1 + os.getpid() % 100, logs),
                       **large_image_profile()})
    # It would be inherited by a Python of another virtual environment.
    os.environ.pop(INHERITED_MARK, None)
    return logs
