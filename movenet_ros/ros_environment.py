"""The environment of processes that keep to themselves: a ROS domain of their own, on this machine.

ROS reads it when it starts.
"""
from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path

INHERITED_MARK = '_ROS_WHEELS_BOOTSTRAP_COMPLETE'
"""Set by the ROS wheels: "this Python has its library path". A child may be another Python."""

# Linux allows 0 to 101; 0 is the default. Processes that start together begin anywhere.
_DOMAINS = cycle(random.SystemRandom().sample(range(1, 101), 100))


def isolated(environment: Mapping[str, str], domain: int, logs: str | Path) -> dict[str, str]:
    """A copy of an environment with which processes discover only one another.

    Args:
        environment: Environment variables.
        domain: The ROS domain; Linux allows 0 to 101.
        logs: The folder for their log files. What they log on stderr comes line by line.
    """
    return {**{name: value for name, value in environment.items() if name != INHERITED_MARK},
            'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST', 'ROS_DOMAIN_ID': str(domain),
            'ROS_LOG_DIR': str(logs), 'RCUTILS_LOGGING_BUFFERED_STREAM': '0'}


def unused_domain(environment: Mapping[str, str]) -> int:
    """A ROS domain that is not the user's, where a robot may be; each call gives another one.

    Args:
        environment: Environment variables.
    """
    own = environment.get('ROS_DOMAIN_ID', '').strip()
    return next(domain for domain in _DOMAINS if own.lstrip('0') != str(domain))
