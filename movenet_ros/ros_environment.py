"""The environment of processes that keep to themselves: a ROS domain of their own, on this machine.

ROS reads it when it starts.
"""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

INHERITED_MARK = '_ROS_WHEELS_BOOTSTRAP_COMPLETE'
"""Set by the ROS wheels: "this Python has its library path". A child may be another Python."""


def isolated(environment: Mapping[str, str], domain: int, logs: str | Path) -> dict[str, str]:
    """A copy of an environment with which processes hear only one another.

    Args:
        environment: Environment variables.
        domain: The ROS domain; Linux allows 0 to 101.
        logs: The folder for their log files. What they log on stderr comes line by line.
    """
    return {**{name: value for name, value in environment.items() if name != INHERITED_MARK},
            'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST', 'ROS_DOMAIN_ID': str(domain),
            'ROS_LOG_DIR': str(logs), 'RCUTILS_LOGGING_BUFFERED_STREAM': '0'}
