"""The topic of a camera's images: its names, its type, who publishes on it."""
from __future__ import annotations

from dataclasses import dataclass, replace

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.topic_endpoint_info import TopicEndpointInfo
from sensor_msgs.msg import CompressedImage, Image

from movenet_ros.images.calibration import camera_info_beside

TRANSPORTS: dict[str, type[Image] | type[CompressedImage]] = {
    'raw': Image, 'compressed': CompressedImage}
"""The message types that images come in, by the names of image_transport."""
SUFFIXES = {'raw': '', 'compressed': '/compressed'}
"""What image_transport adds to the name of a topic."""


@dataclass(frozen=True)
class ImageTopic:
    """The topic that a camera of a node is subscribed to.

    Attributes:
        node: The node.
        camera: Name of the camera; may be empty.
        transport: A key of `TRANSPORTS`.
        qos: What is asked for.
        is_overridden: Whether a parameter sets its reliability.
    """

    node: Node
    camera: str
    transport: str
    qos: QoSProfile
    is_overridden: bool

    @property
    def relative_name(self) -> str:
        """The name that is remapped, e.g. 'image'."""
        return image_topic_name(self.camera, self.transport)

    @property
    def name(self) -> str:
        """The full name."""
        return self.node.resolve_topic_name(self.relative_name)

    @property
    def message_type(self) -> str:
        """Type of the messages, e.g. 'sensor_msgs/msg/Image'."""
        return type_name(TRANSPORTS[self.transport])

    @property
    def publishers(self) -> list[TopicEndpointInfo]:
        """Who publishes on the topic, as far as discovery knows, compatible or not."""
        return list(self.node.get_publishers_info_by_topic(self.name))

    @property
    def with_other_transport(self) -> ImageTopic:
        """The same camera with the other transport."""
        other = next(name for name in TRANSPORTS if name != self.transport)
        return replace(self, transport=other)


def within(camera: str, topic: str) -> str:
    """The relative name of a camera's topic; a camera without a name adds nothing to it."""
    return f'{camera}/{topic}' if camera else topic


def image_topic_name(camera: str, transport: str) -> str:
    """The relative name of the topic with a camera's images, e.g. 'front/image/compressed'."""
    return add_suffix(within(camera, 'image'), transport)


def depth_topic_name(camera: str, transport: str) -> str:
    """The relative name of the topic with a camera's depth, e.g. 'front/depth/compressedDepth'."""
    topic = within(camera, 'depth')
    return topic if transport == 'raw' else f'{topic}/{transport}'


def camera_info_topic_name(node: Node, camera: str, transport: str) -> str:
    """The full name of the topic with a camera's calibration.

    By the convention of image_transport it is beside the images: `/front/camera_info` for
    `/front/image_raw`. A remapping of `camera_info` (or `NAME/camera_info`) comes before that.
    """
    own = within(camera, 'camera_info')
    remapped = node.resolve_topic_name(own)
    if remapped != node.resolve_topic_name(own, only_expand=True):
        return remapped
    return camera_info_beside(node.resolve_topic_name(image_topic_name(camera, transport)))


def add_suffix(topic: str, transport: str) -> str:
    """The name under which a transport publishes the images of a topic."""
    return topic + SUFFIXES[transport]


def remove_suffix(name: str, transport: str) -> str | None:
    """The topic whose images a transport publishes under this name; None if it names none so."""
    suffix = SUFFIXES[transport]
    return name.removesuffix(suffix) if name.endswith(suffix) else None


def type_name(kind: type) -> str:
    """The name that ROS has for one of the two message types."""
    return f'sensor_msgs/msg/{kind.__name__}'
