"""The topics of a running node, as the graph has them."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from movenet_ros.ros.subscription.image_topic import TRANSPORTS, type_name, within
from movenet_ros.tools.node_graph import node_graph

TYPES = {'poses': 'movenet_ros/msg/PoseArray', 'poses_3d': 'movenet_ros/msg/PoseArray3D',
         'target': 'movenet_ros/msg/Target'}
"""Of what a node publishes of each camera, by the names of the topics."""


@dataclass(frozen=True)
class NodeTopics:
    """What a node publishes.

    Attributes:
        owner: Full name of the node.
        published: The topics of each kind, a key of `TYPES`; empty if the node is not found.
    """

    owner: str
    published: Mapping[str, Sequence[str]]

    @property
    def cameras(self) -> tuple[str, ...]:
        """The cameras that have topics by their names."""
        prefix = f'{self.owner}/'
        return tuple(topic.removeprefix(prefix).removesuffix('poses').rstrip('/')
                     for topic in self.published.get('poses', ()) if self._is_own(topic, 'poses'))

    def name(self, camera: str, kind: str) -> str:
        """The full name of a camera's topic.

        Where it is remapped, it is recognised if it is the only one.
        """
        usual = f'{self.owner}/{within(camera, kind)}'
        topics = self.published.get(kind, ())
        is_remapped = len(topics) == 1 and not self._is_own(topics[0], kind)
        return topics[0] if is_remapped else usual

    def _is_own(self, topic: str, kind: str) -> bool:
        return topic.startswith(f'{self.owner}/') and topic.endswith(f'/{kind}')


def find_topics(node: Node, owner: str) -> NodeTopics | None:
    """What a node publishes; None if it is not found.

    Args:
        node: Who asks.
        owner: Full name of the node.
    """
    if (found := node_graph(node, owner)) is None:
        return None
    return NodeTopics(owner, {
        kind: sorted(topic for topic, types in found.published if wanted in types)
        for kind, wanted in TYPES.items()})


def image_type(node: Node, topic: str) -> type[Image] | type[CompressedImage] | None:
    """The type of the images on a topic; None if nobody publishes or subscribes to any."""
    types = {endpoint.topic_type for endpoint in (*node.get_publishers_info_by_topic(topic),
                                                  *node.get_subscriptions_info_by_topic(topic))}
    return next((kind for kind in TRANSPORTS.values() if type_name(kind) in types), None)
