"""Where a camera's calibration comes from, however it is published."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import QoSDurabilityPolicy, QoSProfile, QoSReliabilityPolicy
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo

from movenet_ros.images.camera_info import CAMERA_INFO
from movenet_ros.ros.subscription.adaptive_subscription import ADAPT_PERIOD
from movenet_ros.ros.subscription.image_advice import MOST_TOPICS, endpoint_name
from movenet_ros.ros.subscription.image_topic import within

WITH_EACH_IMAGE = QoSProfile(depth=5, reliability=QoSReliabilityPolicy.BEST_EFFORT)
LATCHED = QoSProfile(depth=1, reliability=QoSReliabilityPolicy.RELIABLE,
                     durability=QoSDurabilityPolicy.TRANSIENT_LOCAL)


class CameraInfoInput:
    """A subscription to a camera_info topic that fits the publishers that there are.

    Most drivers publish a camera_info with each image, reliable or best effort; some only one,
    latched. Who asks for latched messages is not sent others, and the driver logs a warning; who
    does not, is not sent what was published before. So latched messages are asked for where every
    publisher offers them.

    Attributes:
        topic: The full name of the topic.
    """

    def __init__(self, node: Node, camera: str, topic: str,
                 on_camera_info: Callable[[bytes], None]) -> None:
        """Subscribes.

        Args:
            node: Who subscribes.
            camera: Name of the camera; may be empty.
            topic: The full name of the topic, see `camera_info_topic_name`.
            on_camera_info: Called with each message, serialized.
        """
        self._node, self.topic, self._on_camera_info = node, topic, on_camera_info
        self._relative_name = within(camera, 'camera_info')
        self._is_latched = self._offers_latched()
        self._subscription = self._subscribe()
        # A steady clock: simulated time may be paused.
        self._timer = node.create_timer(
            ADAPT_PERIOD, self._adapt, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def close(self) -> None:
        """Unsubscribes."""
        self._node.destroy_timer(self._timer)
        self._node.destroy_subscription(self._subscription)

    def advice(self) -> str:
        """What to do where no camera_info comes."""
        publishers = self._node.get_publishers_info_by_topic(self.topic)
        if publishers:
            return (f'{endpoint_name(publishers[0])} publishes {publishers[0].topic_type} on '
                    f'{self.topic}')
        others = sorted(
            name for name, types in self._node.get_topic_names_and_types()
            if CAMERA_INFO in types and self._node.count_publishers(name))
        listed = f'there is one on {", ".join(others[:MOST_TOPICS])}: ' if others else ''
        example = others[0] if others else 'TOPIC'
        return (f'no publisher on {self.topic}; {listed}remap with '
                f'-r {self._relative_name}:={example}')

    def _subscribe(self) -> Subscription[Any]:
        return self._node.create_subscription(
            CameraInfo, self.topic, self._on_camera_info,
            LATCHED if self._is_latched else WITH_EACH_IMAGE, raw=True,
            # It will fit soon, see `_adapt`.
            event_callbacks=SubscriptionEventCallbacks(use_default_callbacks=False))

    def _offers_latched(self) -> bool:
        publishers = self._node.get_publishers_info_by_topic(self.topic)
        return bool(publishers) and all(
            p.qos_profile.durability == LATCHED.durability
            and p.qos_profile.reliability == LATCHED.reliability for p in publishers)

    def _adapt(self) -> None:
        if self._is_latched != (is_latched := self._offers_latched()):
            self._node.destroy_subscription(self._subscription)
            self._is_latched = is_latched
            self._subscription = self._subscribe()
