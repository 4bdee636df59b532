"""One of the node's cameras: the way of its images, from the subscription to the poses.

    subscription -> _receive -> scheduler -> process -> _publish -> _finish_processed
                                                        (poses)     (all that follows from them)

The methods are in this order. All that follows is in `camera_geometry`, which waits for the depth
of the image, then in `observer`, and at last in `publications`. Every image is counted once:
processed, rejected or failed; or, where it never gets to `process`, skipped or lost.
"""
from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from rclpy.node import Node

from movenet_ros.config import Config
from movenet_ros.core.inference import Inference
from movenet_ros.core.network import Networks
from movenet_ros.core.observation import ObservedImage
from movenet_ros.core.pipeline import process_image
from movenet_ros.core.state import State
from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.core.types import NANOSECONDS, Picture, Poses
from movenet_ros.errors import ImageError
from movenet_ros.images.cdr import read_image
from movenet_ros.images.image_warnings import ImageHistory, image_traits, image_warnings
from movenet_ros.messages.pose_array import PoseMessage, serialize
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.camera_geometry import CameraGeometry
from movenet_ros.ros.diagnostics.busy_time import BusyTime
from movenet_ros.ros.diagnostics.monitor import Monitor, Throttle, loss_text
from movenet_ros.ros.observer import Observer
from movenet_ros.ros.outputs import CameraOutputs
from movenet_ros.ros.scheduling.scheduler import Finish, ReceivedImage, Scheduler
from movenet_ros.ros.subscription.arrivals import Missed
from movenet_ros.ros.subscription.image_input import ImageInput
from movenet_ros.ros.target_service import TargetService

LOG_PERIOD = 5.0  # s
LOSS_PERIOD = 30.0  # s
WARNING_PERIOD = 60.0  # s; a camera that is set up wrongly has the same with every image


class Camera:
    """One camera, from an activation to its end.

    Attributes:
        name: As in the parameter `cameras`; may be empty.
        input: The subscription.
        geometry: Calibration and depth of its images.
        monitor: Counts and times of its images.
    """

    def __init__(self, node: Node, name: str, networks: Networks, outputs: CameraOutputs,
                 scheduler: Scheduler, config: Callable[[], Config], *,
                 pause: Callable[[], float], busy: BusyTime) -> None:
        """Subscribes, with a fresh state.

        Args:
            node: Who subscribes.
            name: As in the parameter `cameras`.
            networks: Those of the configuration.
            outputs: Its publishers.
            scheduler: Decides when each image is processed.
            config: Gives the parameters that count now; called for each image.
            pause: Tells how long the process was paused until just now [s]; 0 if it was not.
            busy: When images of any camera are processed.

        Raises:
            ParameterError: An override of the quality of service means nothing.
        """
        self._node, self._networks, self._outputs = node, networks, outputs
        self._scheduler, self._config = scheduler, config
        self.name = name
        self._state = State()
        self._sequence = 0
        self._throttle, self._warning_throttle = Throttle(LOG_PERIOD), Throttle(WARNING_PERIOD)
        self._loss_throttle = Throttle(LOSS_PERIOD)
        self._history = ImageHistory()
        self.monitor = Monitor(time.monotonic(), busy)
        self._point: tuple[float, float] | None = None
        with ExitStack() as opened:
            self.input = ImageInput(node, name, config().transport, on_image=self._receive,
                                    on_missed=self._count_missed, pause=pause)
            opened.callback(self.input.close)
            self._observer = Observer(node, self.input.topic, outputs.publications)
            self.geometry = CameraGeometry(node, name, config(), self.input.topic,
                                           self._observer.observe)
            opened.callback(self.geometry.close)
            opened.callback(TargetService(node, name, self._select).close)
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Unsubscribes."""
        self._opened.close()

    def _select(self, selection: Selection) -> None:
        """Follows another target from the next image on; a single-person network reads it there."""
        self._observer.select(selection)
        is_point = selection.criterion is Criterion.POINT
        self._point = (selection.x, selection.y) if is_point else None

    def _receive(self, serialized: bytes, missed: Missed) -> None:
        received = time.monotonic()
        self._count_missed(missed, arrived=1)
        try:
            message = read_image(serialized, self.input.kind)
        except ImageError as error:
            self.monitor.received(received)
            self._reject(error)
            return
        clock_ns = self._node.get_clock().now().nanoseconds
        self.monitor.received(received, (clock_ns - message.stamp_ns) / NANOSECONDS)
        self._scheduler.submit(self, ReceivedImage(message, received, clock_ns))

    def skip(self) -> None:
        """Counts an image that is replaced by a newer one, see `ImageProcessor`."""
        self.monitor.overtaken(time.monotonic())

    def process(self, image: ReceivedImage) -> Inference[Finish]:
        """Processes an image and publishes its poses.

        Whatever is wrong with it is counted and logged; nothing is raised.

        Args:
            image: The image.

        Returns:
            What is left to do when the poses of other cameras are published too.
        """
        config = self._config()
        try:
            picture = image.message.picture(config.white_level)
        except ImageError as error:
            self._reject(error)
            return partial(self._finish, image)
        except Exception as error:
            self._fail(error)
            return partial(self._finish, image)
        point, self._point = self._point, None
        try:
            self._state, poses = yield from process_image(
                self._state, picture, image.message.stamp_ns, self._networks, config, self.name,
                point)
            published = self._publish(image, picture, poses)
        except Exception as error:
            self._fail(error)
            return partial(self._finish, image)
        return partial(self._finish_processed, image, published, picture, poses, config,
                       time.monotonic())

    def _publish(self, image: ReceivedImage, picture: Picture, poses: Poses) -> PublishedImage:
        message = PoseMessage(
            image.message.stamp, image.message.frame_id, picture.width, picture.height,
            self._sequence, self._networks.info.model, poses)
        # As bytes: filling and serializing a message object takes several times as long.
        self._outputs.poses.publish(serialize(message))
        self._sequence = (self._sequence + 1) % 2**32
        return message.image

    def _finish_processed(self, image: ReceivedImage, published: PublishedImage,
                          picture: Picture, poses: Poses, config: Config, published_at: float,
                          inference: float) -> None:
        self.monitor.processed(inference, published_at - image.received)
        self.monitor.unavailable(published_at)
        self.geometry.add(published, ObservedImage(
            image.message.stamp_ns, image.message.frame_id, picture, poses,
            rotation=config.rotation(self.name)), config)
        try:
            self._warn(image, picture, config)
            self._outputs.overlay.publish(published, picture, poses, config.overlay,
                                          self._observer.target)
        except Exception as error:
            # Its poses are out: it stays processed.
            self._log_failure(f'the overlay of an image from {self.input.topic}', error)
        self._finish(image, inference)

    def _finish(self, image: ReceivedImage, _: float) -> None:
        self.monitor.worked(image.received, time.monotonic())

    def _warn(self, image: ReceivedImage, picture: Picture, config: Config) -> None:
        """Counts and logs what is wrong with an image that was processed all the same."""
        traits = image_traits(image.message, picture)
        for cause, text in image_warnings(
                self._history, traits, image.clock_ns, config.max_lateness):
            self.monitor.warned(cause)
            if self._warning_throttle.ready(cause, time.monotonic()):
                self._node.get_logger().warning(
                    f'image from {self.input.topic} processed, with a warning ({cause}): {text}')
        self._history = self._history.with_image(traits, config.max_lateness)

    def _reject(self, error: ImageError) -> None:
        self.monitor.rejected(error.cause, str(error))
        if self._throttle.ready(f'rejected: {error.cause}', time.monotonic()):
            self._node.get_logger().warning(
                f'image from {self.input.topic} rejected ({error.cause}): {error}')

    def _fail(self, error: Exception) -> None:
        """Counts and logs that something other than the image is wrong."""
        now = time.monotonic()
        self.monitor.failed(repr(error))
        self.monitor.unavailable(now)
        self._log_failure(f'an image from {self.input.topic}', error)

    def _log_failure(self, what: str, error: Exception) -> None:
        if self._throttle.ready(f'failed: {type(error).__name__}', time.monotonic()):
            details = ''.join(traceback.format_exception(error))
            self._node.get_logger().error(f'{what} failed: {details}')

    def _count_missed(self, missed: Missed, arrived: int = 0) -> None:
        now = time.monotonic()
        self.monitor.missed(now, missed, arrived)
        if missed.lost and (share := self.monitor.loss(now)) and self._loss_throttle.ready(
                'lost', now):
            self._node.get_logger().warning(
                f'{loss_text(share)} on {self.input.topic}. {self.input.loss_advice()}')
