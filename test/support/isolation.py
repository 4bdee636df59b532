"""Keeps what is run here to itself: nobody else's nodes, and logs that can be thrown away."""
import os
import tempfile

from movenet_ros.share import large_image_profile


def isolate():
    """Sets the environment, also of processes started from here; returns the folder of the logs.

    ROS reads it when it starts: before any test imports rclpy.
    """
    logs = tempfile.mkdtemp(prefix='movenet_ros_test_logs_')
    # This machine only, and another domain for each run (Linux allows 0-101).
    os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    os.environ['ROS_DOMAIN_ID'] = str(1 + os.getpid() % 100)
    os.environ['ROS_LOG_DIR'] = logs
    os.environ.update(large_image_profile())
    # A mark of the ROS wheels: "this Python has its library path". It would be inherited by a
    # Python of another virtual environment, which has not.
    os.environ.pop('_ROS_WHEELS_BOOTSTRAP_COMPLETE', None)
    return logs
