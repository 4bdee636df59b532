"""A process that plays a recording to a node, one image at a time, and passes on the answers.

On stdout a line of JSON for each image, {"poses": the serialized PoseArray in base64} or
{"left_out": cause}; {"problem": text}, or {"unreadable": text} for the recording, and exit code 1
when it cannot go on.
"""
from __future__ import annotations

import argparse
import base64
import json
import sys
import time
from collections.abc import Callable
from itertools import islice
from typing import Any

import rclpy
from rcl_interfaces.srv import GetParameters
from rclpy.client import Client
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSDurabilityPolicy, QoSProfile
from rclpy.serialization import deserialize_message

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import ImageError, MovenetError, SourceError, listed
from movenet_ros.fastdds_profile import use_large_image_profile
from movenet_ros.files.bags.source import BagSource
from movenet_ros.files.source import Source
from movenet_ros.files.sources import open_source
from movenet_ros.images.cdr import read_picture
from movenet_ros.msg import PoseArray, PoseInfo
from movenet_ros.ros.conversions import stamp_ns
from movenet_ros.ros.subscription.image_topic import TRANSPORTS, image_topic_name, within
from movenet_ros.tools.planned_images import Message, PlannedImage, planned_images

POLL = 0.05
NODE = 'movenet'


class NoAnswer(MovenetError):
    """The node did not do, or not in time, what was waited for."""


class StepPlayer:
    """Publishes an image, and the next one when it is processed."""

    def __init__(self, node: Node, camera: str, timeout: float) -> None:
        """Connects to the node.

        Args:
            node: The ROS node that publishes and subscribes.
            camera: Name of the node's camera; may be empty.
            timeout: How long to wait for anything [s].
        """
        self._node, self._camera, self._timeout = node, camera, timeout
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(node)
        self._answers: dict[int, bytes] = {}
        self._announced = False
        quiet = SubscriptionEventCallbacks(use_default_callbacks=False)
        self._publishers: dict[str, Publisher[Any]] = {
            transport: node.create_publisher(
                kind, f'/{image_topic_name(camera, transport)}', QoSProfile(depth=10),
                event_callbacks=PublisherEventCallbacks(use_default_callbacks=False))
            for transport, kind in TRANSPORTS.items()}
        node.create_subscription(
            PoseArray, f'/{NODE}/{within(camera, "poses")}', self._keep, QoSProfile(depth=1000),
            raw=True, event_callbacks=quiet)
        # Subscribed last. Subscriptions are announced in their order, so a node that has sent the
        # latched message knows of the one above, too, and no answer to it will be lost.
        node.create_subscription(
            PoseInfo, f'/{NODE}/pose_info', self._announce,
            QoSProfile(depth=1, durability=QoSDurabilityPolicy.TRANSIENT_LOCAL),
            event_callbacks=quiet)

    def close(self) -> None:
        """Disconnects."""
        self._executor.shutdown()

    def _keep(self, serialized: bytes) -> None:
        message = deserialize_message(serialized, PoseArray)
        self._answers[stamp_ns(message.header)] = serialized

    def _announce(self, message: PoseInfo) -> None:
        self._announced = True

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + self._timeout
        while not condition():
            if time.monotonic() > end:
                raise NoAnswer(f'{what} within {self._timeout:g} s')
            self._executor.spin_once(timeout_sec=POLL)

    def meet(self) -> str:
        """Waits until the node is active and connected; returns the transport it listens to.

        Raises:
            NoAnswer: It is not in time, or has no such camera.
        """
        what = 'the node was not active and subscribed to images'
        parameters: Client[Any, Any] = self._node.create_client(
            GetParameters, f'/{NODE}/get_parameters')
        self._until(lambda: self._announced and parameters.service_is_ready(), what)
        request = parameters.call_async(GetParameters.Request(names=['cameras']))
        self._until(request.done, what)
        answer: Any = request.result()
        cameras = list(answer.values[0].string_array_value)
        if self._camera not in cameras:
            raise NoAnswer(f"the node has no camera '{self._camera}': " + (
                'its only one has no name, leave out `camera`' if cameras == [''] else
                f'choose one of its cameras with `camera`: {listed(cameras)}'))
        self._until(lambda: bool(self._matched()), what)
        return self._matched()[0]

    def _matched(self) -> list[str]:
        return [transport for transport, publisher in self._publishers.items()
                if publisher.get_subscription_count()]

    def show(self, image: PlannedImage, message: Message, transport: str) -> bytes:
        """Publishes an image and waits for its answer, which is returned serialized.

        Args:
            image: Which one.
            message: Its message.
            transport: Where to publish it.

        Raises:
            NoAnswer: None came in time.
        """
        # an earlier image may have had the same stamp
        self._answers.pop(image.stamp_ns, None)
        self._publishers[transport].publish(message)
        self._until(lambda: image.stamp_ns in self._answers,
                    f'image {image.index} (stamp {image.stamp_ns / NANOSECONDS:.9f} s) '
                    'was not processed')
        return self._answers.pop(image.stamp_ns)


def readable_message(source: Source, image: PlannedImage) -> Message:
    """The message of an image.

    Raises:
        ImageError: It cannot be read, or the node would not be able to.
    """
    message = image.make(None, '')
    if isinstance(message, bytes) and isinstance(source, BagSource):
        read_picture(message, source.msgtype)
    return message


def play(arguments: argparse.Namespace, send: Callable[[dict[str, str]], None]) -> None:
    """Plays.

    Args:
        arguments: Of the command line.
        send: Takes a line for stdout.

    Raises:
        MovenetError: It cannot be read, or the node does not answer.
    """
    with open_source(arguments.path, topic=arguments.topic) as source:
        rclpy.init(args=[])
        node = rclpy.create_node('movenet_test_player', start_parameter_services=False)
        player = StepPlayer(node, arguments.camera, arguments.timeout)
        try:
            transport = player.meet()
            for image in islice(planned_images(source, transport), arguments.images):
                try:
                    message = readable_message(source, image)
                except ImageError as error:
                    send({'left_out': str(error)})
                    continue
                send({'poses': base64.b64encode(player.show(image, message, transport)).decode()})
        finally:
            player.close()
            node.destroy_node()
            rclpy.try_shutdown()


def main() -> int:
    """The entry point."""
    parser = argparse.ArgumentParser()
    parser.add_argument('path')
    parser.add_argument('--topic')
    parser.add_argument('--camera', default='')
    parser.add_argument('--images', type=int)
    parser.add_argument('--timeout', type=float, default=30.0)
    use_large_image_profile()

    def send(line: dict[str, str]) -> None:
        print(json.dumps(line), flush=True)

    try:
        play(parser.parse_args(), send)
    except SourceError as error:
        send({'unreadable': str(error)})
        return 1
    except MovenetError as error:
        send({'problem': str(error)})
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
