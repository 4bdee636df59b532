"""One activation of the node: images in, PoseArrays out."""
from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from movenet_ros.config import Config
from movenet_ros.core.network import Network, NetworkInfo, Networks
from movenet_ros.core.pipeline import State, advance
from movenet_ros.core.types import NANOSECONDS, Picture, Poses
from movenet_ros.errors import ImageError
from movenet_ros.media.overlay import draw
from movenet_ros.ros.conversions import (
    PosesOfImage,
    read_picture,
    stamp_ns,
    to_image,
    to_pose_array,
)
from movenet_ros.ros.diagnostics import Monitor, Throttle
from movenet_ros.ros.image_input import ImageInput
from movenet_ros.ros.outputs import Outputs

LOG_PERIOD = 5.0


class Stopwatch:
    """Adds up time.

    Attributes:
        seconds: Time since this was last set to 0.
    """

    seconds = 0.0


class TimedNetwork:
    """A network whose runs a stopwatch times."""

    def __init__(self, network: Network, watch: Stopwatch) -> None:
        self._network, self._watch = network, watch

    @property
    def info(self) -> NetworkInfo:
        """What it is."""
        return self._network.info

    def infer(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Runs it."""
        started = time.perf_counter()
        try:
            return self._network.infer(pictures)
        finally:
            self._watch.seconds += time.perf_counter() - started

    def close(self) -> None:
        """Releases it."""
        self._network.close()


@dataclass(frozen=True)
class Equipment:
    """What a configured node has.

    Attributes:
        networks: The loaded networks.
        watch: Times them.
        outputs: The publishers.
    """

    networks: Networks
    watch: Stopwatch
    outputs: Outputs

    def close(self) -> None:
        """Releases everything."""
        self.outputs.close()
        self.networks.close()


def timed(networks: Networks) -> tuple[Networks, Stopwatch]:
    """The same networks, and what times them."""
    watch = Stopwatch()
    refine = networks.refine
    return Networks(TimedNetwork(networks.main, watch),
                    None if refine is None else TimedNetwork(refine, watch)), watch


class Session:
    """Works on the newest image, from an activation to its end.

    Attributes:
        input: Where the images come from.
        monitor: What has become of them.
    """

    def __init__(self, node: Node, equipment: Equipment, config: Callable[[], Config]) -> None:
        """Subscribes; everything starts afresh.

        Args:
            node: Who subscribes.
            equipment: What to work with.
            config: Gives the parameters that count now; asked for each image.
        """
        self._node, self._config = node, config
        self._networks, self._watch = equipment.networks, equipment.watch
        self._model, self._outputs = self._networks.info.model, equipment.outputs
        self._state = State()
        self._sequence = 0
        self._throttle = Throttle(LOG_PERIOD)
        self.monitor = Monitor(time.monotonic())
        self.input = ImageInput(node, config().transport, self._receive)

    def close(self) -> None:
        """Unsubscribes."""
        self.input.close()

    def _receive(self, message: Image | CompressedImage, missed: int) -> None:
        """Answers one image; whatever is wrong with it, the node lives on."""
        started = time.monotonic()
        age_ns = self._node.get_clock().now().nanoseconds - stamp_ns(message.header)
        self.monitor.dropped(missed)
        self.monitor.received(started, age_ns / NANOSECONDS)
        try:
            self._answer(message, started)
        except ImageError as error:
            self._refuse(error)
        except Exception as error:
            self.monitor.failed(repr(error))
            if self._throttle.ready(f'failed: {type(error).__name__}', started):
                self._node.get_logger().error(f'an image failed: {traceback.format_exc()}')

    def _answer(self, message: Image | CompressedImage, started: float) -> None:
        picture = read_picture(message)
        self._watch.seconds = 0.0
        self._state, poses = advance(
            self._state, picture, stamp_ns(message.header), self._networks, self._config())
        self._outputs.poses.publish(to_pose_array(PosesOfImage(
            message.header, picture.width, picture.height, self._sequence,
            self._model, poses)))
        self._sequence = (self._sequence + 1) % 2**32
        self.monitor.answered(self._watch.seconds, time.monotonic() - started)
        self._draw(message, picture, poses)

    def _draw(self, message: Image | CompressedImage, picture: Picture, poses: Poses) -> None:
        # After the poses are out, and only while somebody looks.
        if self._outputs.overlay.get_subscription_count():
            drawn = draw(picture, poses, self._config().overlay)
            self._outputs.overlay.publish(to_image(Picture(drawn, 'bgr'), message.header))

    def _refuse(self, error: ImageError) -> None:
        self.monitor.refused(error.cause, str(error))
        if self._throttle.ready(f'refused: {error.cause}', time.monotonic()):
            self._node.get_logger().warning(
                f'image from {self.input.topic} refused ({error.cause}): {error}')
