"""The lifecycle node: what it holds in which state."""
from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import rclpy
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.task import Future

from movenet_ros.config import Config
from movenet_ros.config.no_effect import without_effect
from movenet_ros.errors import MovenetError
from movenet_ros.ros import shared_memory
from movenet_ros.ros.activation import Activation
from movenet_ros.ros.diagnostics.reporter import NodeStatus, Reporter
from movenet_ros.ros.executor import create_executor
from movenet_ros.ros.logger import PrintableLogger
from movenet_ros.ros.parameters import NodeParameters
from movenet_ros.ros.publications.optional_messages import topics_that_are_off
from movenet_ros.ros.publications.target_frame import missing_packages
from movenet_ros.ros.qos_overrides import PREFIX, given_overrides
from movenet_ros.ros.resources import Resources
from movenet_ros.ros.signals import StopRequest
from movenet_ros.ros.subscription.image_topic import (
    depth_topic_name,
    image_topic_name,
    within,
)

NAME = 'movenet'

EXIT_HANGS = 4
"""Exit code when a network hangs."""

PAUSE = 0.1  # s, after a failure, in case that it repeats itself


class MovenetNode(LifecycleNode):
    """Runs the chain on the newest image and publishes what it finds.

    | state        | holds                                              |
    |--------------|----------------------------------------------------|
    | unconfigured | parameters, /diagnostics                           |
    | inactive     | the resources too: networks and publishers         |
    | active       | an activation too: subscriptions, state             |
    | finalized    | as unconfigured                                    |

    Attributes:
        resources: While inactive or active.
        activation: While active.
        last_error: Why the last transition failed, or an empty text.

    Raises:
        ParameterError: A parameter was given a bad value at the start.
    """

    def __init__(self, **options: Any) -> None:
        # rclpy asks for it while it sets up the node
        self._printable_logger: PrintableLogger | None = None
        super().__init__(NAME, **options)
        self.resources: Resources | None = None
        self.activation: Activation | None = None
        self.last_error = ''
        self._settings = NodeParameters(
            self, is_configured=lambda: self.resources is not None, on_change=self._announce)
        if text := shared_memory.shortage():
            self.get_logger().warning(text)
        self._reporter = Reporter(self, self._status)

    def get_logger(self) -> PrintableLogger:
        """The node's logger, which makes what it logs printable."""
        if self._printable_logger is None:
            self._printable_logger = PrintableLogger(super().get_logger().name)
        return self._printable_logger

    @property
    def config(self) -> Config:
        """The parameters that count now."""
        return self._settings.config

    @property
    def state_name(self) -> str:
        """Name of the lifecycle state, e.g. `active`."""
        return str(self._state_machine.current_state[1])

    def _status(self) -> NodeStatus:
        activation = self.activation
        return NodeStatus(
            self.state_name, self.last_error, self.config, self.resources,
            None if activation is None else activation.cameras,
            0.0 if activation is None else activation.pause())

    def destroy_node(self) -> None:
        """Releases everything and destroys the node.

        rclpy alone would leave its lifecycle services registered, without anybody to answer them.
        """
        self._release()
        super().destroy_node()
        self._state_machine.destroy_when_not_in_use()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Loads and warms up the network, creates the publishers."""
        return self._attempt('configure', self._configure)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribes, with a fresh state."""
        return self._attempt('activate', self._activate)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribes."""
        return self._attempt('deactivate', self._deactivate)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Releases the network and the publishers."""
        return self._attempt('clean up', self._release)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Releases everything, from any state."""
        return self._attempt('shut down', self._release)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Releases everything, so that the node can be configured again."""
        return self._attempt('recover from an error', self._release)

    def _attempt(self, name: str, act: Callable[[], None]) -> TransitionCallbackReturn:
        # rclpy swallows what a transition raises; a failure leaves the node where it was.
        try:
            act()
        except Exception as error:
            expected = isinstance(error, MovenetError)
            self.last_error = f'cannot {name}: {error if expected else repr(error)}'
            details = '' if expected else f'\n{traceback.format_exc()}'
            self.get_logger().error(self.last_error + details)
            return TransitionCallbackReturn.FAILURE
        self.last_error = ''
        return TransitionCallbackReturn.SUCCESS

    def _configure(self) -> None:
        self.resources = Resources.load(self, self.config)
        self._reporter.restart()
        self.get_logger().info(
            f'configured: {self.resources}, warmed up in {self.resources.warm_up:.2f} s')
        if off := ', '.join(topics_that_are_off()):
            self.get_logger().info(f'off: {off}')
        for text in (*without_effect(self.config), *self._unused_remaps(),
                     *missing_packages(self.config)):
            self.get_logger().warning(text)

    def _activate(self) -> None:
        assert self.resources is not None
        self.activation = Activation(self, self.resources, lambda: self.config, self._alarm)
        self._announce()
        self._warn_of_unused_qos()
        for camera in self.activation.cameras:
            poses = self.resources.outputs.cameras[camera.name].poses.topic_name
            self.get_logger().info(
                f'active: {self.resources}, images from {camera.input.topic} '
                f'({camera.input.qos}), poses on {poses}')
            if camera.geometry.depth is not None:
                self.get_logger().info(
                    f'depth from {camera.geometry.depth.topic}, calibration from '
                    f'{camera.geometry.camera_info.topic}, positions on {poses}_3d')

    def _alarm(self, seconds: float) -> None:
        text = (f'a network has been running for {seconds:.1f} s, longer than '
                f'watchdog.timeout = {self.config.watchdog.timeout:g} s')
        self.get_logger().error(text)
        self._reporter.alarm(text)
        if self.config.watchdog.exit:
            self.get_logger().fatal('leaving, as the parameter watchdog.exit says')
            os._exit(EXIT_HANGS)

    def _deactivate(self) -> None:
        if self.activation is not None:
            self.activation.close()
        self.activation = None

    def _release(self) -> None:
        self._deactivate()
        if self.resources is not None:
            self.resources.close()
        self.resources = None

    def _announce(self) -> None:
        if self.activation is not None and self.resources is not None:
            self.resources.outputs.announce(
                self.resources.networks.info, self.config.digest(),
                self.get_clock().now().nanoseconds)

    def _unused_remaps(self) -> Iterator[str]:
        """What `image:=` of a launch file says, which names nothing where cameras have names."""
        yield from self._unused_remaps_of_depth()
        if '' in self.config.cameras:
            return
        transport = self.config.transport
        names: dict[str, Callable[[str], str]] = {
            image_topic_name('', transport): lambda camera: image_topic_name(camera, transport),
            **{topic: partial(within, topic=topic) for topic in ('camera_info', 'depth')}}
        for topic, name_of in names.items():
            remapped = self.resolve_topic_name(topic)
            if remapped != self.resolve_topic_name(topic, only_expand=True):
                topics = ', '.join(map(name_of, self.config.cameras))
                yield (f'no effect: {topic} remapped to {remapped} (only with an unnamed camera; '
                       f'here remap {topics})')

    def _unused_remaps_of_depth(self) -> Iterator[str]:
        transport = self.config.depth.transport
        if transport == 'raw':
            return
        for camera in self.config.cameras:
            topic = within(camera, 'depth')
            remapped = self.resolve_topic_name(topic)
            if remapped != self.resolve_topic_name(topic, only_expand=True):
                remedy = ('only with depth.transport raw' if transport == 'none' else
                          f'with depth.transport {transport} remap '
                          f'{depth_topic_name(camera, transport)}')
                yield f'no effect: {topic} remapped to {remapped} ({remedy})'

    def _warn_of_unused_qos(self) -> None:
        used = sorted(
            PREFIX + name for name in self.get_parameters_by_prefix(PREFIX.rstrip('.')))
        for name in sorted(given_overrides(self)):
            if name.startswith(PREFIX) and name not in used:
                self.get_logger().warning(
                    f'{name!r} was given but fits no topic; there are: {", ".join(used)}')


def spin(node: MovenetNode, stop: StopRequest) -> None:
    """Runs a node until a stop is asked for, and shuts everything down.

    Args:
        node: The node; configured and activated first, if its parameters say so. If
            that fails the node stays up, unconfigured, as under a lifecycle manager:
            it says why, and can be configured after a parameter has been corrected.
        stop: Asks for the stop.
    """
    # One thread: the cheapest executor, and no two callbacks ever meet.
    executor = create_executor()
    executor.add_node(node)
    stopped: Future[None] = Future()
    stop.call(lambda: stopped.set_result(None))
    if node.config.autostart and not stop.requested:
        configured = node.trigger_configure() == TransitionCallbackReturn.SUCCESS
        if configured and not stop.requested:
            node.trigger_activate()
    elif not stop.requested:
        node.get_logger().info('unconfigured: waiting for a lifecycle manager; to start without '
                               'one, set the parameter autostart')
    while rclpy.ok() and not stopped.done():
        try:
            executor.spin_until_future_complete(stopped)
        except Exception:
            # Whatever a callback raises ends the spinning, but must not end the node.
            node.get_logger().error(f'a callback failed: {traceback.format_exc()}')
            stop.wait(PAUSE)
    executor.shutdown()
    node.destroy_node()
    rclpy.try_shutdown()
