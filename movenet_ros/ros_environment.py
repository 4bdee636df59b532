"""The environment of processes that keep to themselves: a ROS domain of their own, on this machine.

ROS reads it when it starts.
"""
from __future__ import annotations

import fcntl
import os
import random
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice
from pathlib import Path

INHERITED_MARK = '_ROS_WHEELS_BOOTSTRAP_COMPLETE'
"""Set by the ROS wheels: "this Python has its library path". A child may be another Python."""

# Linux allows 0 to 101; 0 is the default. Processes that start together begin anywhere.
_COUNT = 100
_DOMAINS = cycle(random.SystemRandom().sample(range(1, _COUNT + 1), _COUNT))


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


@contextmanager
def own_domain(environment: Mapping[str, str]) -> Iterator[int]:
    """A ROS domain that no other program has that asks here, for as long as the block lasts.

    It is not the user's, where a robot may be; and each block has another one than those before, of
    which something may still be ending. Where all are taken, it is one of them.

    Args:
        environment: Environment variables.
    """
    user = environment.get('ROS_DOMAIN_ID', '').strip().lstrip('0')
    others = (domain for domain in _DOMAINS if str(domain) != user)
    with ExitStack() as stack:
        free = (domain for domain in islice(others, _COUNT) if _reserve(domain, stack))
        yield next(free, None) or next(others)


def _reserve(domain: int, stack: ExitStack) -> bool:
    """Reserves a domain until the stack is closed; False where another program has it."""
    path = Path(tempfile.gettempdir(), f'movenet_ros_domain_{os.getuid()}_{domain}')
    with ExitStack() as attempt:
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            attempt.callback(os.close, lock)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        stack.push(attempt.pop_all())
        return True
