"""Reports on /diagnostics, in every state, how the node is doing."""
from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node

from movenet_ros.config import Config
from movenet_ros.ros.camera import Camera
from movenet_ros.ros.camera_geometry import CameraGeometry
from movenet_ros.ros.conversions import to_diagnostics
from movenet_ros.ros.diagnostics.levels import Level
from movenet_ros.ros.diagnostics.monitor import (
    Cause,
    Report,
    Summary,
    Throttle,
    loss_text,
)
from movenet_ros.ros.resources import Resources
from movenet_ros.ros.subscription.image_topic import image_topic_name, within

TOPIC = '/diagnostics'
WARNING_PERIOD = 15.0  # s
BURSTS_PERIOD = 30.0  # s
LONG_PAUSE = 1.0
"""After a pause of the process that was longer than this [s], silence counts from its end."""


@dataclass(frozen=True)
class NodeStatus:
    """What is reported of a node.

    Attributes:
        state: Name of its lifecycle state, e.g. `active`.
        error: Why the last transition failed; empty if it did not.
        config: The parameters that count now.
        resources: Its networks and publishers; None while unconfigured.
        cameras: Its cameras; None while it is not active.
        pause: How long the process was paused until just now [s].
    """

    state: str
    error: str
    config: Config
    resources: Resources | None
    cameras: Sequence[Camera] | None
    pause: float


class Reporter:
    """A timer that reports on a node, and warns when no image comes."""

    def __init__(self, node: Node, status: Callable[[], NodeStatus]) -> None:
        """Starts reporting.

        Args:
            node: Publishes the reports.
            status: Gives what to report; called from the executor's thread, and from that which
                calls `alarm`.
        """
        self._node, self._status = node, status
        self._throttle = Throttle(WARNING_PERIOD)
        self._bursts_throttle = Throttle(BURSTS_PERIOD)
        self._publisher = node.create_publisher(DiagnosticArray, TOPIC, 10)
        # A steady clock: simulated time that is paused must not silence the report.
        self._clock = Clock(clock_type=ClockType.STEADY_TIME)
        self._start()

    def restart(self) -> None:
        """Uses another period from now on, that of the parameters."""
        self._node.destroy_timer(self._timer)
        self._start()

    def _start(self) -> None:
        period = self._status().config.diagnostics.period
        self._timer = self._node.create_timer(period, self.report, clock=self._clock)

    def report(self) -> None:
        """Publishes one status for each camera."""
        status = self._status()
        if status.cameras is not None:
            self._publish([self._active(status, camera) for camera in status.cameras])
            return
        level, message = Level.OK, status.state
        if status.error:
            level, message = Level.ERROR, f'{status.state}: {status.error}'
        self._publish([self._passive(status, name, level, message)
                       for name in status.config.cameras])

    def alarm(self, text: str) -> None:
        """Publishes an error of all cameras; from another thread, while the node's own is busy."""
        status = self._status()
        self._publish([self._passive(status, name, Level.ERROR, text)
                       for name in status.config.cameras])

    def _publish(self, reports: Sequence[Report]) -> None:
        self._publisher.publish(to_diagnostics(
            reports, self._node.get_clock().now().nanoseconds))

    def _passive(self, status: NodeStatus, camera: str, level: Level, message: str) -> Report:
        topic = self._node.resolve_topic_name(
            image_topic_name(camera, status.config.transport))
        return Report(self._name(camera), level, message, topic, _constant(status))

    def _name(self, camera: str) -> str:
        """Begins with the name of the node and a colon, as the names of diagnostic_updater do.

        That is what `startswith` of a diagnostic_aggregator's analyzer is compared with, e.g.
        `movenet: front/poses`. The namespace follows, as all nodes share one topic:
        `movenet: front/poses (/robot1)`.
        """
        namespace = self._node.get_namespace()
        where = '' if namespace == '/' else f' ({namespace})'
        return f'{self._node.get_name()}: {within(camera, "poses")}{where}'

    def _active(self, status: NodeStatus, camera: Camera) -> Report:
        now = time.monotonic()
        if status.pause > LONG_PAUSE:
            camera.monitor.unavailable(now)
        summary = camera.monitor.summary(now)
        level, message = self._judge(
            camera, summary, now, status.config.diagnostics.image_timeout)
        if (warning := camera.geometry.monitor.warning()) and level == Level.OK:
            level, message = Level.WARN, f'{message}; {warning}'
        values = [*_constant(status), ('topic', camera.input.topic),
                  ('publishers', str(len(camera.input.publishers))), *summary.values(),
                  *_geometry(camera.geometry)]
        return Report(self._name(camera.name), level, message, camera.input.topic, values)

    def _judge(self, camera: Camera, summary: Summary, now: float,
               timeout: float) -> tuple[Level, str]:
        """Level and message, with what to do where images do not arrive."""
        level, message, cause = summary.judge(timeout)
        if cause is Cause.SILENT:
            if appeared := camera.input.just_appeared(timeout):
                return Level.WARN, f'{message}: {appeared}'
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


def _geometry(geometry: CameraGeometry) -> list[tuple[str, str]]:
    topics = [('camera_info topic', geometry.camera_info.topic)]
    if geometry.depth is not None:
        topics += [('depth topic', geometry.depth.topic)]
    return topics + geometry.monitor.values()


def _constant(status: NodeStatus) -> list[tuple[str, str]]:
    values = [('state', status.state), ('configuration', status.config.digest())]
    if status.resources is not None:
        info = status.resources.networks.info
        values += [('model', info.model), ('engine', info.engine), ('device', info.device),
                   ('precision', info.precision), ('threads', str(info.threads)),
                   ('engine chosen', info.reason)]
        if status.resources.cost is not None:
            values += status.resources.cost.values(status.config)
    return values
