"""One of the node's cameras: calibration and depth of its images, after their poses are published.

    add -> (waits for depth) -> observe

Every image comes out once, in order, with what belongs to it; only the 2-D poses do not wait.
"""
from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from typing import TypeAlias

from rclpy.node import Node

from movenet_ros.config import Config
from movenet_ros.core.observation import ObservedImage
from movenet_ros.errors import ImageError
from movenet_ros.images.calibration import NONE
from movenet_ros.images.geometry_inputs import UNPAIRED, GeometryInputs, LocatedImage, Problem
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.diagnostics.depth_monitor import DepthMonitor
from movenet_ros.ros.diagnostics.monitor import Throttle
from movenet_ros.ros.subscription.camera_info_input import CameraInfoInput
from movenet_ros.ros.subscription.depth_input import DepthInput
from movenet_ros.ros.subscription.image_topic import camera_info_topic_name, within

WARNING_PERIOD = 60.0  # s
GRACE = 5.0
"""Publishers may take so long to be discovered, and to begin [s]; nothing is logged before."""
SUBSCRIBERS_PERIOD = 1.0
"""How often subscribers are counted at most [s], which takes ROS 0.1 ms for each topic."""
NOT_PAIRED = frozenset(outcome.value for outcome in UNPAIRED)
"""Causes for which the depth topic is worth a look."""

Observe: TypeAlias = Callable[[PublishedImage, ObservedImage, Config], None]
Image: TypeAlias = tuple[PublishedImage, Config]


class CameraGeometry:
    """Calibration and depth of one camera's images, from an activation to its end.

    Attributes:
        camera_info: The subscription to calibrations.
        depth: That to depth; None if there is none.
        monitor: Counts which images had what.
    """

    def __init__(self, node: Node, camera: str, config: Config, image_topic: str,
                 observe: Observe) -> None:
        """Subscribes.

        Args:
            node: Who subscribes.
            camera: Name of the camera; may be empty.
            config: All parameters.
            image_topic: Full name of the topic of the images.
            observe: Called with each image, when all is there that belongs to it.

        Raises:
            ParameterError: An override of the quality of service means nothing.
        """
        self._node, self._image_topic, self._observe = node, image_topic, observe
        self._started = time.monotonic()
        self._throttle = Throttle(WARNING_PERIOD)
        self._subscribers_throttle = Throttle(SUBSCRIBERS_PERIOD)
        self._topics = [node.resolve_topic_name(f'~/{within(camera, topic)}')
                        for topic in ('poses_3d', 'target_pose')]
        transport = config.depth.transport
        self.depth = None if transport == 'none' else DepthInput(
            node, camera, transport, self._add_depth)
        self._inputs: GeometryInputs[Image] = GeometryInputs(
            image_topic, None if self.depth is None else self.depth.kind)
        self.camera_info = CameraInfoInput(
            node, camera, camera_info_topic_name(node, camera, config.transport),
            self._inputs.add_camera_info)
        self.monitor = DepthMonitor(has_depth=self.depth is not None)

    def close(self) -> None:
        """Gives out the images that still wait, and unsubscribes."""
        self._give_out(self._inputs.rest())
        self.camera_info.close()
        if self.depth is not None:
            self.depth.close()

    def add(self, published: PublishedImage, image: ObservedImage, config: Config) -> None:
        """Takes an image whose poses are published.

        What fails is logged, and nothing is raised.

        Args:
            published: As it was published.
            image: The image.
            config: All parameters.
        """
        try:
            self._give_out(self._inputs.add_image((published, config), image))
        except Exception as error:
            self._log_failure(error)
        if self.depth is not None:
            # Its depth came while the networks ran; or else it is given out later.
            self.depth.poll()

    def _add_depth(self, raw: bytes) -> None:
        self.monitor.depth_received()
        try:
            self._give_out(self._inputs.add_depth(raw))
        except ImageError as error:
            self._warn_of(Problem(error.cause, str(error)), 'a depth image is dropped')
        except Exception as error:
            self._log_failure(error)

    def _log_failure(self, error: Exception) -> None:
        if self._throttle.ready(type(error).__name__, time.monotonic()):
            details = ''.join(traceback.format_exception(error))
            self._node.get_logger().error(
                f'positions for images from {self._image_topic} failed (their poses are '
                f'published): {details}')

    def _give_out(self, images: Sequence[LocatedImage[Image]]) -> None:
        for located in images:
            self._count(located)
            published, config = located.token
            self._observe(published, located.image, config)

    def _count(self, located: LocatedImage[Image]) -> None:
        if located.uncalibrated:
            self._count_uncalibrated(located.uncalibrated)
        else:
            self.monitor.calibrated()
        if located.without_depth:
            reason = located.uncalibrated or located.without_depth
            self.monitor.without_depth(located.without_depth.cause, reason.text)
            if not located.uncalibrated:
                self._warn_of(located.without_depth, 'no positions')
        elif located.image.depth is not None:
            self.monitor.with_depth()

    def _count_uncalibrated(self, problem: Problem) -> None:
        self.monitor.uncalibrated(problem.cause)
        if not self._subscribers_throttle.ready(problem.cause, time.monotonic()):
            return
        # Whoever wants poses in pixels alone needs no calibration.
        wanted = [topic for topic in self._topics if self._node.count_subscribers(topic)]
        if wanted or self.depth is not None:
            self._warn_of(problem, f'nothing on {", ".join(wanted or self._topics)}')

    def _warn_of(self, problem: Problem, consequence: str) -> None:
        now = time.monotonic()
        if now - self._started > GRACE and self._throttle.ready(problem.cause, now):
            self._node.get_logger().warning(
                f'{consequence} for images from {self._image_topic} ({problem.cause}): '
                f'{problem.text}{self._advice(problem.cause)}')

    def _advice(self, cause: str) -> str:
        if cause == NONE:
            return f'; {self.camera_info.advice()}'
        if self.depth is not None and cause in NOT_PAIRED:
            lag = None if cause == 'none_near' else self._inputs.depth_lag
            return f'; {self.depth.advice(lag)}'
        return ''
