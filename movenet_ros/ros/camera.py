"""One of the node's cameras: its images, what the chain remembers of them, its counts."""
from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from rclpy.node import Node

from movenet_ros.config import Config
from movenet_ros.core.looks import Looking
from movenet_ros.core.network import Networks
from movenet_ros.core.pipeline import State, chain
from movenet_ros.core.types import NANOSECONDS, Picture, Poses
from movenet_ros.errors import ImageError
from movenet_ros.media.cdr import ImageMessage, read_image
from movenet_ros.media.image_warnings import ImageHistory, image_traits, image_warnings
from movenet_ros.media.overlay import draw
from movenet_ros.media.pose_array import PoseMessage, serialize
from movenet_ros.ros.arrivals import Missed
from movenet_ros.ros.busy_time import BusyTime
from movenet_ros.ros.conversions import to_header, to_image
from movenet_ros.ros.diagnostics import Monitor, Throttle, loss_text
from movenet_ros.ros.image_input import ImageInput
from movenet_ros.ros.outputs import CameraOutputs

LOG_PERIOD = 5.0
LOSS_PERIOD = 30.0
WARNING_PERIOD = 60.0  # s; a camera that is set up wrongly has the same with every image


@dataclass(frozen=True, eq=False)
class Shot:
    """An image of a camera that is to be answered.

    Attributes:
        camera: Whose.
        message: As it came.
        started: When it came, on a steady clock [s].
    """

    camera: Camera
    message: ImageMessage
    started: float


class Camera:
    """One camera, from an activation to its end.

    Attributes:
        name: As in the parameter `cameras`; may be empty.
        input: Where the images come from.
        monitor: What has become of them.
    """

    def __init__(self, node: Node, name: str, transport: str, outputs: CameraOutputs,
                 answer: Callable[[Shot], None], pause: Callable[[], float],
                 busy: BusyTime) -> None:
        """Subscribes; everything starts afresh.

        Args:
            node: Who subscribes.
            name: As in the parameter `cameras`.
            transport: As in the parameter.
            outputs: Its publishers.
            answer: Called with each image that comes.
            pause: Tells how long the process was paused until just now [s]; 0 if it was not.
            busy: When images of any camera are worked on.
        """
        self._node, self._outputs, self._answer = node, outputs, answer
        self.name = name
        self._state = State()
        self._sequence = 0
        self._throttle, self._warning_throttle = Throttle(LOG_PERIOD), Throttle(WARNING_PERIOD)
        self._loss_throttle = Throttle(LOSS_PERIOD)
        self._history = ImageHistory()
        self.monitor = Monitor(time.monotonic(), busy)
        self.input = ImageInput(node, name, transport, on_image=self._receive,
                                on_missed=self._miss, pause=pause)

    def close(self) -> None:
        """Unsubscribes."""
        self.input.close()

    def read(self, shot: Shot, config: Config) -> Picture | None:
        """The picture of an image; None, counted and told, where it has none of use."""
        try:
            return shot.message.picture(config.white_level)
        except ImageError as error:
            self._refuse(error)
        except Exception as error:
            self.fail(error)
        self.finish(shot)
        return None

    def chain(self, shot: Shot, picture: Picture, networks: Networks,
              config: Config) -> Looking[tuple[State, Poses]]:
        """The chain on one image, see `core.pipeline.chain`."""
        return chain(self._state, picture, shot.message.stamp_ns, networks, config)

    def publish(self, shot: Shot, picture: Picture, result: tuple[State, Poses], model: str,
                inference: float) -> None:
        """Publishes the poses of an image and goes on from there.

        Args:
            shot: The image.
            picture: Its picture.
            result: What the chain gave.
            model: Of the networks.
            inference: How long they took [s].
        """
        self._state, poses = result
        # As bytes: filling and serializing a message object takes several times as long.
        self._outputs.poses.publish(serialize(PoseMessage(
            shot.message.stamp, shot.message.frame_id, picture.width, picture.height,
            self._sequence, model, poses)))
        self._sequence = (self._sequence + 1) % 2**32
        now = time.monotonic()
        self.monitor.answered(inference, now - shot.started)
        self.monitor.unavailable(now)

    def warn(self, shot: Shot, picture: Picture, config: Config) -> None:
        """Counts and reports what is wrong with an image that was processed all the same."""
        image = image_traits(shot.message, picture)
        clock_ns = self._node.get_clock().now().nanoseconds
        for cause, text in image_warnings(
                self._history, image, clock_ns, config.max_lateness):
            self.monitor.warned(cause)
            if self._warning_throttle.ready(cause, time.monotonic()):
                self._node.get_logger().warning(
                    f'image from {self.input.topic} processed, with a warning ({cause}): {text}')
        self._history = self._history.with_image(image, config.max_lateness)

    def draw(self, shot: Shot, picture: Picture, poses: Poses, config: Config) -> None:
        """Publishes the overlay, if somebody looks."""
        if self._outputs.overlay.get_subscription_count():
            drawn = draw(picture, poses, config.overlay)
            header = to_header(shot.message.stamp, shot.message.frame_id)
            self._outputs.overlay.publish(to_image(Picture(drawn, 'bgr'), header))

    def finish(self, shot: Shot) -> None:
        """An image takes no more time, whatever came of it."""
        self.monitor.worked(shot.started, time.monotonic())

    def fail(self, error: Exception) -> None:
        """Counts and tells that something other than the image was wrong."""
        now = time.monotonic()
        self.monitor.failed(repr(error))
        self.monitor.unavailable(now)
        if self._throttle.ready(f'failed: {type(error).__name__}', now):
            details = ''.join(traceback.format_exception(error))
            self._node.get_logger().error(f'an image from {self.input.topic} failed: {details}')

    def _miss(self, missed: Missed, arrived: int = 0) -> None:
        now = time.monotonic()
        self.monitor.missed(now, missed, arrived)
        if missed.lost and (share := self.monitor.loss(now)) and self._loss_throttle.ready(
                'lost', now):
            self._node.get_logger().warning(
                f'{loss_text(share)} on {self.input.topic}. {self.input.loss_advice()}')

    def _receive(self, serialized: bytes, missed: Missed) -> None:
        started = time.monotonic()
        self._miss(missed, arrived=1)
        try:
            message = read_image(serialized, self.input.kind)
        except ImageError as error:
            self.monitor.received(started)
            self._refuse(error)
            return
        age_ns = self._node.get_clock().now().nanoseconds - message.stamp_ns
        self.monitor.received(started, age_ns / NANOSECONDS)
        self._answer(Shot(self, message, started))

    def _refuse(self, error: ImageError) -> None:
        self.monitor.refused(error.cause, str(error))
        if self._throttle.ready(f'refused: {error.cause}', time.monotonic()):
            self._node.get_logger().warning(
                f'image from {self.input.topic} refused ({error.cause}): {error}')
