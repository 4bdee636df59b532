"""Where the images come from: the subscription, and what to say when none comes."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import (
    QoSCompatibility,
    QoSDurabilityPolicy,
    QoSHistoryPolicy,
    QoSPolicyKind,
    QoSProfile,
    QoSReliabilityPolicy,
    qos_check_compatible,
)
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.topic_endpoint_info import TopicEndpointInfo
from sensor_msgs.msg import CompressedImage, Image

from movenet_ros.ros.diagnostics import SequenceGaps

if TYPE_CHECKING:
    # Jazzy passes it without having a name for it
    from rclpy.subscription import MessageInfo

TRANSPORTS = {'raw': ('image', Image), 'compressed': ('image/compressed', CompressedImage)}

# Only the newest image is worth anything, so history and depth cannot be overridden.
OVERRIDABLE = (QoSPolicyKind.RELIABILITY, QoSPolicyKind.DURABILITY)


class ImageInput:
    """A subscription to the newest image.

    Works in the executor's only thread, depth 1: while one image is worked on the
    middleware keeps the newest of those that come, and no other thread has to.
    Measured on two cores at 30 Hz, 640x480, lightning, from stamp to answer: p50 4.1 ms,
    p95 6.9 ms, 6.7 ms of CPU per image; with a receiving and a working thread and a
    mailbox between them 4.4, 7.8 and 6.8 ms. What the mailbox would add is a count of
    the images overtaken. The numbers of the messages give that too, and count those
    lost on the way as well.
    """

    def __init__(self, node: Node, camera: str, transport: str,
                 callback: Callable[[bytes, int], None]) -> None:
        """Subscribes.

        Args:
            node: Who subscribes.
            camera: Name of the camera; may be empty.
            transport: A key of `TRANSPORTS`.
            callback: Called with each message, serialized, and how many were missed before
                it. Serialized, because a message object would hold a copy of the pixels.
        """
        self._node, self._callback = node, callback
        last, self._type = TRANSPORTS[transport]
        self._wanted = within(camera, last)
        self._camera = camera
        self.topic = node.resolve_topic_name(self._wanted)
        self._gaps = SequenceGaps()
        self._qos = QoSProfile(
            history=QoSHistoryPolicy.KEEP_LAST, depth=1,
            reliability=QoSReliabilityPolicy.BEST_EFFORT,
            durability=QoSDurabilityPolicy.VOLATILE)
        # The profile is changed by the overrides in place.
        self._subscription = node.create_subscription(
            self._type, self._wanted, self._receive, self._qos,
            qos_overriding_options=QoSOverridingOptions(OVERRIDABLE), raw=True,
            event_callbacks=SubscriptionEventCallbacks(
                incompatible_qos=self._incompatible, use_default_callbacks=False))

    def close(self) -> None:
        """Unsubscribes."""
        self._node.destroy_subscription(self._subscription)

    @property
    def kind(self) -> str:
        """Type of the messages, e.g. 'sensor_msgs/msg/Image'."""
        return type_name(self._type)

    @property
    def qos(self) -> str:
        """The quality of service in words."""
        return _qos_words(self._qos)

    @property
    def publishers(self) -> list[TopicEndpointInfo]:
        """Who publishes on the topic, as far as discovery knows, compatible or not."""
        return list(self._node.get_publishers_info_by_topic(self.topic))

    def _receive(self, message: bytes, info: MessageInfo) -> None:
        self._callback(message, self._missed(info))

    def _missed(self, info: MessageInfo) -> int:
        publisher = info.get('publisher_gid')
        if publisher is None and self._node.count_publishers(self.topic) > 1:
            # Jazzy does not tell publishers apart: the numbers of several mean nothing.
            self._gaps = SequenceGaps()
            return 0
        gid = b'' if publisher is None else publisher['data']
        return self._gaps.count(gid, info['publication_sequence_number'])

    def _incompatible(self, event: Any) -> None:
        # Told before discovery knows whose publisher it is.
        policy = QoSPolicyKind(event.last_policy_kind).name.lower()
        self._node.get_logger().warning(
            f'a publisher on {self.topic} offers another {policy} than we ask for ({self.qos}): '
            f'no image will come from it. {self._remedy(policy)}')

    def _remedy(self, policy: str) -> str:
        return (f'Set qos_overrides.{self.topic}.subscription.{policy} to what is offered, '
                'or change the publisher')

    def _incompatibility(self) -> str:
        for endpoint in self.publishers:
            fits, why = qos_check_compatible(endpoint.qos_profile, self._qos)
            if fits == QoSCompatibility.ERROR:
                policy = 'durability' if 'durability' in why.lower() else 'reliability'
                return (
                    f'{_name(endpoint)} on {self.topic} offers '
                    f'{_qos_words(endpoint.qos_profile)}, we ask for {self.qos}: no image will '
                    f'come from it. {self._remedy(policy)}')
        return ''

    def advice(self) -> str:
        """What to check when no image comes."""
        publishers = self.publishers
        if not publishers:
            return f'nobody publishes on {self.topic}; {self._elsewhere()}'
        wrong = [p for p in publishers if p.topic_type != self.kind]
        if wrong:
            return (f'{_name(wrong[0])} publishes {wrong[0].topic_type} on {self.topic}, not '
                    f'{self.kind}: look at the parameter transport and at the '
                    'remapping of the topic')
        return self._incompatibility() or (
            f'{_name(publishers[0])} is matched on {self.topic}, yet nothing arrives: does it '
            'publish at all? Images above about 0.5 MB do not fit through the default shared '
            'memory of Fast DDS: start the PUBLISHER with the profile '
            'config/fastdds_large_images.xml of this package')

    def _elsewhere(self) -> str:
        wanted = self.kind
        overlay = self._node.resolve_topic_name(f'~/{within(self._camera, "overlay")}')
        topics = sorted(name for name, types in self._node.get_topic_names_and_types()
                        if wanted in types and name not in (self.topic, overlay))
        if topics:
            return (f'there is {wanted} on {", ".join(topics[:5])}: remap with '
                    f'-r {self._wanted}:={topics[0]}')
        return ('no such topic is in sight: is the camera running, with the same '
                'ROS_DOMAIN_ID and discovery range?')


def within(camera: str, topic: str) -> str:
    """The relative name of a camera's topic; a camera without a name adds nothing to it."""
    return f'{camera}/{topic}' if camera else topic


def type_name(kind: type) -> str:
    """The name that ROS has for one of the two message types."""
    return f'sensor_msgs/msg/{kind.__name__}'


def _name(endpoint: TopicEndpointInfo) -> str:
    return f'{endpoint.node_namespace.rstrip("/")}/{endpoint.node_name}'


def _qos_words(qos: QoSProfile) -> str:
    return (f'{qos.reliability.name.lower().replace("_", " ")}, '
            f'{qos.durability.name.lower().replace("_", " ")}')
