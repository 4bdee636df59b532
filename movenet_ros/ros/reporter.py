"""Tells on /diagnostics, in every state, how the node is doing."""
from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType

from movenet_ros.ros.conversions import to_diagnostics
from movenet_ros.ros.diagnostics import ERROR, OK, STALE, Report, Throttle
from movenet_ros.ros.image_input import within

if TYPE_CHECKING:
    from movenet_ros.ros.camera import Camera
    from movenet_ros.ros.node import MovenetNode

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
        """Publishes one status for each camera."""
        self._publish(self._reports())

    def _publish(self, reports: Sequence[Report]) -> None:
        node = self._node
        device = 'none' if node.equipment is None else node.equipment.networks.info.device
        self._publisher.publish(to_diagnostics(
            reports, device, node.get_clock().now().nanoseconds))

    def alarm(self, text: str) -> None:
        """Publishes an error of all cameras; from another thread, while the node's own is busy."""
        self._publish([Report(self._name(name), ERROR, text, self._constant())
                       for name in self._node.config.cameras])

    def _reports(self) -> list[Report]:
        node = self._node
        if node.session is not None:
            return [self._active(camera) for camera in node.session.cameras]
        level, message = OK, node.state_name
        if node.last_error:
            level, message = ERROR, f'{node.state_name}: {node.last_error}'
        return [Report(self._name(name), level, message, self._constant())
                for name in node.config.cameras]

    def _name(self, camera: str) -> str:
        return f'{self._node.get_fully_qualified_name().lstrip("/")}: {within(camera, "poses")}'

    def _active(self, camera: Camera) -> Report:
        now = time.monotonic()
        summary = camera.monitor.summary(now)
        level, message = summary.judge(self._node.config.diagnostics.image_timeout)
        if level == STALE:
            message += f': {camera.input.advice()}'
            if self._throttle.ready(f'silence of {camera.name}', now):
                self._node.get_logger().warning(message)
        values = [*self._constant(), ('topic', camera.input.topic),
                  ('publishers', str(len(camera.input.publishers))), *summary.values()]
        return Report(self._name(camera.name), level, message, values)

    def _constant(self) -> list[tuple[str, str]]:
        node = self._node
        values = [('state', node.state_name), ('configuration', node.config.digest())]
        if node.equipment is not None:
            info = node.equipment.networks.info
            values += [('model', info.model), ('engine', info.engine), ('device', info.device),
                       ('threads', str(info.threads)), ('engine chosen', info.reason)]
            if node.equipment.cost is not None:
                values += node.equipment.cost.values(node.config)
        return values
