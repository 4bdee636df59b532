"""Where the results go: the publishers."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rclpy.event_handler import PublisherEventCallbacks
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSDurabilityPolicy, QoSPolicyKind, QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions
from std_msgs.msg import Header

from movenet_ros.config import Config
from movenet_ros.core.network import NetworkInfo
from movenet_ros.msg import PoseArray, PoseInfo
from movenet_ros.ros.conversions import set_stamp, to_pose_info
from movenet_ros.ros.overlay_output import OverlayOutput
from movenet_ros.ros.publications.create import create_publications
from movenet_ros.ros.publications.publication import Publication
from movenet_ros.ros.publications.publisher_pool import PublisherPool
from movenet_ros.ros.qos_overrides import check_overrides, override_name
from movenet_ros.ros.subscription.image_topic import within

OVERRIDABLE = (QoSPolicyKind.DEPTH, QoSPolicyKind.RELIABILITY, QoSPolicyKind.DURABILITY)


@dataclass(frozen=True)
class CameraOutputs:
    """What is published of one camera.

    Attributes:
        poses: One PoseArray per processed image.
        overlay: The image with the people drawn on it.
        publications: What is observed beside the poses.
    """

    poses: Publisher[Any]
    overlay: OverlayOutput
    publications: tuple[Publication, ...]


class Outputs:
    """The publishers of a configured node. All are reliable, so that every subscriber fits.

    Attributes:
        cameras: Those of each camera, by its name.
        pose_info: What the poses mean, latched.
    """

    def __init__(self, node: Node, config: Config) -> None:
        """Creates those on `node` that the parameters ask for."""
        self._node = node
        self._publishers: list[Publisher[Any]] = []
        self._pool = PublisherPool(node)
        try:
            self.cameras = {name: self._of_camera(name, config) for name in config.cameras}
            self.pose_info = self._create(PoseInfo, '~/pose_info', QoSProfile(
                depth=1, durability=QoSDurabilityPolicy.TRANSIENT_LOCAL))
        except Exception:
            # An override that makes no sense: nothing may stay behind.
            self.close()
            raise

    def close(self) -> None:
        """Removes them."""
        for publisher in self._publishers:
            self._node.destroy_publisher(publisher)
        self._pool.close()

    def announce(self, info: NetworkInfo, configuration: str, now_ns: int) -> None:
        """Publishes what the poses mean from now on.

        Args:
            info: The network.
            configuration: Digest of the parameters.
            now_ns: The node's time [ns].
        """
        header = Header()
        set_stamp(header, now_ns)
        self.pose_info.publish(to_pose_info(header, info, configuration))

    def _of_camera(self, camera: str, config: Config) -> CameraOutputs:
        def create(kind: Any, topic: str, qos: QoSProfile) -> Publisher[Any]:
            name = topic if topic.startswith('/') else f'~/{within(camera, topic)}'
            return self._create(kind, name, qos)

        # A few poses are kept for a subscriber that is busy for a moment.
        return CameraOutputs(
            create(PoseArray, 'poses', QoSProfile(depth=10)),
            OverlayOutput(create),
            create_publications(create, self._pool, config))

    def _create(self, kind: Any, topic: str, qos: QoSProfile) -> Publisher[Any]:
        name = self._node.resolve_topic_name(topic)
        check_overrides(self._node, name, 'publisher', OVERRIDABLE)

        def incompatible(event: Any) -> None:
            policy = QoSPolicyKind(event.last_policy_kind)
            self._node.get_logger().warning(
                f'a subscriber on {name} asks for another {policy.name.lower()} than we offer and '
                'gets nothing: change it there, or set '
                f'{override_name(name, "publisher", policy)} here')

        publisher = self._node.create_publisher(
            kind, topic, qos, qos_overriding_options=QoSOverridingOptions(OVERRIDABLE),
            event_callbacks=PublisherEventCallbacks(
                incompatible_qos=incompatible, use_default_callbacks=False))
        self._publishers.append(publisher)
        return publisher
