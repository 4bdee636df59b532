"""Tells on /diagnostics, in every state, how the node is doing."""
from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType

from movenet_ros.ros.conversions import to_diagnostics
from movenet_ros.ros.diagnostics import (
    ERROR,
    OK,
    WARN,
    Cause,
    Report,
    Summary,
    Throttle,
    loss_text,
)
from movenet_ros.ros.image_topic import image_topic_name, within

if TYPE_CHECKING:
    from movenet_ros.ros.camera import Camera
    from movenet_ros.ros.node import MovenetNode

TOPIC = '/diagnostics'
WARNING_PERIOD = 15.0
BURSTS_PERIOD = 30.0
LONG_PAUSE = 1.0
"""After a pause of the process that was longer than this [s], silence counts from its end."""


class Reporter:
    """A timer that reports on a node, and warns when no image comes."""

    def __init__(self, node: MovenetNode) -> None:
        """Starts reporting."""
        self._node = node
        self._throttle = Throttle(WARNING_PERIOD)
        self._bursts_throttle = Throttle(BURSTS_PERIOD)
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
        self._publisher.publish(to_diagnostics(
            reports, self._node.get_clock().now().nanoseconds))

    def alarm(self, text: str) -> None:
        """Publishes an error of all cameras; from another thread, while the node's own is busy."""
        self._publish([self._passive(name, ERROR, text) for name in self._node.config.cameras])

    def _reports(self) -> list[Report]:
        node = self._node
        if node.session is not None:
            pause = node.session.pause()
            return [self._active(camera, pause) for camera in node.session.cameras]
        level, message = OK, node.state_name
        if node.last_error:
            level, message = ERROR, f'{node.state_name}: {node.last_error}'
        return [self._passive(name, level, message) for name in node.config.cameras]

    def _passive(self, camera: str, level: int, message: str) -> Report:
        return Report(self._name(camera), level, message, self._topic(camera), self._constant())

    def _name(self, camera: str) -> str:
        """Begins with the name of the node and a colon, as the names of diagnostic_updater do.

        That is what `startswith` of a diagnostic_aggregator's analyzer is compared with, e.g.
        `movenet: front/poses`. The namespace follows, as all nodes share one topic:
        `movenet: front/poses (/robot1)`.
        """
        namespace = self._node.get_namespace()
        where = '' if namespace == '/' else f' ({namespace})'
        return f'{self._node.get_name()}: {within(camera, "poses")}{where}'

    def _topic(self, camera: str) -> str:
        return self._node.resolve_topic_name(
            image_topic_name(camera, self._node.config.transport))

    def _active(self, camera: Camera, pause: float) -> Report:
        now = time.monotonic()
        if pause > LONG_PAUSE:
            camera.monitor.unavailable(now)
        summary = camera.monitor.summary(now)
        level, message = self._judge(camera, summary, now)
        values = [*self._constant(), ('topic', camera.input.topic),
                  ('publishers', str(len(camera.input.publishers))), *summary.values()]
        return Report(self._name(camera.name), level, message, camera.input.topic, values)

    def _judge(self, camera: Camera, summary: Summary, now: float) -> tuple[int, str]:
        """Level and message, with what to do where images do not arrive."""
        timeout = self._node.config.diagnostics.image_timeout
        level, message, cause = summary.judge(timeout)
        if cause is Cause.SILENT:
            if appeared := camera.input.just_appeared(timeout):
                return WARN, f'{message}: {appeared}'
            message += f': {camera.input.advice()}'
            if summary.loss and camera.input.publishers:
                message += f'. {loss_text(summary.loss)}. {camera.input.loss_advice()}'
            if self._throttle.ready(f'silence of {camera.name}', now):
                self._node.get_logger().warning(message)
        elif cause is Cause.LOST:
            message += f'. {camera.input.loss_advice()}'
        elif cause is Cause.BURSTS:
            message += f'. {camera.input.bursts_advice()}'
            if self._bursts_throttle.ready(camera.name, now):
                self._node.get_logger().warning(f'{camera.input.topic}: {message}')
        return level, message

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
