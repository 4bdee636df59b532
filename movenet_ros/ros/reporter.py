"""Tells on /diagnostics, in every state, how the node is doing."""
from __future__ import annotations

import time
from typing import TYPE_CHECKING

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType

from movenet_ros.ros.conversions import to_diagnostics
from movenet_ros.ros.diagnostics import ERROR, OK, STALE, Report, Throttle

if TYPE_CHECKING:
    from movenet_ros.ros.node import MovenetNode
    from movenet_ros.ros.session import Session

TOPIC = '/diagnostics'
WARNING_PERIOD = 15.0


class Reporter:
    """A timer that reports on a node, and warns when no image comes."""

    def __init__(self, node: MovenetNode) -> None:
        """Starts reporting."""
        self._node = node
        self._throttle = Throttle(WARNING_PERIOD)
        self._publisher = node.create_publisher(DiagnosticArray, TOPIC, 10)
        # A steady clock: simulated time that stands still must not silence the report.
        self._clock = Clock(clock_type=ClockType.STEADY_TIME)
        self._start()

    def restart(self) -> None:
        """Takes over a new period."""
        self._node.destroy_timer(self._timer)
        self._start()

    def _start(self) -> None:
        period = self._node.config.diagnostics.period
        self._timer = self._node.create_timer(period, self.report, clock=self._clock)

    def report(self) -> None:
        """Publishes one report."""
        node = self._node
        report = self._idle() if node.session is None else self._active(node.session)
        name = f'{node.get_fully_qualified_name().lstrip("/")}: poses'
        device = 'none' if node.equipment is None else node.equipment.networks.info.device
        self._publisher.publish(
            to_diagnostics(report, name, device, node.get_clock().now().nanoseconds))

    def _idle(self) -> Report:
        node = self._node
        if node.last_error:
            return Report(ERROR, f'{node.state_name}: {node.last_error}', self._constant())
        return Report(OK, node.state_name, self._constant())

    def _active(self, session: Session) -> Report:
        now = time.monotonic()
        summary = session.monitor.summary(now)
        level, message = summary.judge(self._node.config.diagnostics.image_timeout)
        if level == STALE:
            message += f': {session.input.advice()}'
            if self._throttle.ready('silence', now):
                self._node.get_logger().warning(message)
        values = [*self._constant(), ('topic', session.input.topic),
                  ('publishers', str(len(session.input.publishers))), *summary.values()]
        return Report(level, message, values)

    def _constant(self) -> list[tuple[str, str]]:
        node = self._node
        values = [('state', node.state_name), ('configuration', node.config.digest())]
        if node.equipment is not None:
            info = node.equipment.networks.info
            values += [('model', info.model), ('engine', info.engine), ('device', info.device),
                       ('threads', str(info.threads))]
        return values
