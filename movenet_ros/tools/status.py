"""Collects what the running nodes report on /diagnostics, and shows it."""
from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

from movenet_ros.errors import MovenetError, listed
from movenet_ros.ros.diagnostics.reporter import TOPIC
from movenet_ros.ros.signals import StopRequest
from movenet_ros.tools.discovery import what_to_check
from movenet_ros.tools.node_status import CameraStatus, NodeStatusInput
from movenet_ros.tools.reporting import Reporting
from movenet_ros.tools.spinning import spun_node
from movenet_ros.tools.status_table import StatusRow

POLL = 0.1  # s
REFRESH = 1.0  # s
FORGET = 600.0
"""A node that is silent for so long [s] is left out, unless it was the last one to report."""
DISCOVERY = 3.5
"""How long it may take until another process is found [s]."""
OTHERS = 1.3
"""How long after a first report to wait for those of other nodes [s]; most report every second."""


@dataclass(frozen=True)
class StatusOptions:
    """What to show.

    Attributes:
        node: Full name of the node; None for all.
        once: Whether to show it once, not until SIGINT or SIGTERM.
        wait: How long to wait for the first report [s].
    """

    node: str | None = None
    once: bool = False
    wait: float = 5.0


class LatestStatuses:
    """The newest reports of all nodes.

    Attributes:
        changed: Whether something came since this was last set to False.
        others: Nodes that are not asked for.
    """

    def __init__(self, node: str | None = None) -> None:
        """Nothing came yet.

        Args:
            node: The only node that is asked for; None for all.
        """
        self.changed = False
        self.others: set[str] = set()
        self._node = node
        self._nodes: dict[str, list[CameraStatus]] = {}
        self._reporting: dict[str, Reporting] = {}

    def update(self, statuses: Sequence[CameraStatus]) -> None:
        """A report came: a node reports all its cameras at once."""
        nodes: dict[str, list[CameraStatus]] = {}
        for status in statuses:
            nodes.setdefault(status.full_name, []).append(status)
        for name, cameras in nodes.items():
            if self._node not in (None, name):
                self.others.add(name)
                continue
            self._reporting[name] = Reporting.after(
                self._reporting.get(name), cameras[0].received)
            self._nodes[name] = cameras
            self.changed = True

    def rows(self, now: float) -> list[StatusRow]:
        """All cameras, those of a node together.

        Args:
            now: The time, by `time.monotonic` [s].
        """
        latest = max((reporting.last for reporting in self._reporting.values()), default=now)
        return [StatusRow(status, now - status.received, is_silent=reporting.is_silent(now))
                for name, reporting in sorted(self._reporting.items())
                if now - reporting.last <= FORGET or reporting.last == latest
                for status in self._nodes[name]]


def watch(options: StatusOptions, show: Callable[[Sequence[StatusRow]], None]) -> bool:
    """Shows what the nodes report, until it is asked to stop.

    Args:
        options: What to show.
        show: Called with all cameras, every second.

    Returns:
        Whether at last no camera had an error.

    Raises:
        MovenetError: No node has reported.
        KeyboardInterrupt: It was asked to stop before there was anything to show.
    """
    latest = LatestStatuses(options.node)
    with (StopRequest() as stop, spun_node('movenet_status') as (node, executor),
          closing(NodeStatusInput(node, latest.update))):
        started = time.monotonic()
        while not stop.requested and not latest.changed:
            if time.monotonic() > started + options.wait:
                raise MovenetError(_absence(node, options, latest))
            executor.spin_once(timeout_sec=POLL)
        if options.once and not options.node:
            _spin_until(max(started + DISCOVERY, time.monotonic() + OTHERS), executor, stop)
        if stop.requested:
            raise KeyboardInterrupt
        rows = latest.rows(time.monotonic())
        show(rows)
        while not options.once and not stop.requested:
            _spin_until_refresh(executor, stop, latest)
            rows = latest.rows(time.monotonic())
            show(rows)
    return not any(row.has_error for row in rows)


def _spin_until(end: float, executor: SingleThreadedExecutor, stop: StopRequest) -> None:
    while not stop.requested and time.monotonic() < end:
        executor.spin_once(timeout_sec=POLL)


def _spin_until_refresh(executor: SingleThreadedExecutor, stop: StopRequest,
                        latest: LatestStatuses) -> None:
    """Spins until something came, but no shorter than a part of a second, or for a second."""
    latest.changed, started = False, time.monotonic()
    while not stop.requested:
        waited = time.monotonic() - started
        if waited > REFRESH or (latest.changed and waited > REFRESH / 2):
            return
        executor.spin_once(timeout_sec=POLL)


def _absence(node: Node, options: StatusOptions, latest: LatestStatuses) -> str:
    who = f'the node {options.node}' if options.node else 'no node of this package'
    has = 'has not reported' if options.node else 'has reported'
    text = f'{who} {has} on {TOPIC} in {options.wait:g} s'
    if latest.others:
        return f'{text}; those that have: {listed(sorted(latest.others))}'
    return f'{text}: {what_to_check(node)}'
