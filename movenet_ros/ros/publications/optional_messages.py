"""Packages of messages that are used where they are installed."""
from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from movenet_ros.errors import ParameterError
from movenet_ros.ros.publications.annotations import has_known_fields

TOPICS = {'visualization_msgs': '~/markers', 'vision_msgs': '~/detections, ~/detections_3d',
          'foxglove_msgs': '~/annotations'}
"""What is published wherever the package is installed."""


def find_messages(package: str) -> ModuleType | None:
    """The messages of a ROS package, e.g. `vision_msgs`; None if it is not installed."""
    try:
        return import_module(f'{package}.msg')
    except ImportError:
        return None


def require_messages(package: str, parameter: str) -> ModuleType:
    """The messages of a ROS package that a boolean parameter asks for.

    Raises:
        ParameterError: It is not installed.
    """
    messages = find_messages(package)
    if messages is None:
        raise ParameterError(parameter, True, f'needs the package {package}, which is not '
                             'installed (it is not on PyPI: install it from a ROS distribution, '
                             f'or set {parameter} to false)')
    return messages


def topics_that_are_off() -> Iterator[str]:
    """Which topics there are not, and why."""
    for package, topics in TOPICS.items():
        if find_messages(package) is None:
            yield f'{topics} (no package {package})'
    foxglove_msgs = find_messages('foxglove_msgs')
    if foxglove_msgs and not has_known_fields(foxglove_msgs):
        yield '~/annotations (the fields of this foxglove_msgs are unknown)'
