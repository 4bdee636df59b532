"""What `movenet --version` prints."""
from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version

from movenet_ros.share import package_version

RUNS_ON = ('rclpy', 'ai-edge-litert', 'openvino', 'keras', 'tensorflow', 'numpy',
           'opencv-python-headless', 'opencv-python')


def lines() -> list[str]:
    """The version of the package, and those of ROS and the libraries that it runs on."""
    found = ((name, _version(name)) for name in RUNS_ON)
    parts = [f'ROS_DISTRO {os.environ.get("ROS_DISTRO", "not set")}',
             f'Python {platform.python_version()}',
             *(f'{name} {number}' for name, number in found if number)]
    return [f'movenet_ros {package_version()}', ', '.join(parts)]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ''
