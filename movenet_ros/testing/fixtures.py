"""Fixtures for pytest; a test asks for them with `pytest_plugins = [__name__]`."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from movenet_ros.config.parameter import Value
from movenet_ros.testing.node import MovenetTestNode


@pytest.fixture
def movenet_node() -> Iterator[Callable[..., MovenetTestNode]]:
    """Starts nodes, `movenet_node(parameters, params_file=...)`, that end with the test.

    Each is in a process and a ROS domain of its own, on this machine only, and active.
    """
    with ExitStack() as stack:
        def start(parameters: Mapping[str, Value] | None = None, *,
                  params_file: str | Path | None = None) -> MovenetTestNode:
            return stack.enter_context(MovenetTestNode(parameters, params_file=params_file))

        yield start
