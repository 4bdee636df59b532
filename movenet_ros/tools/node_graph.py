"""The topics of a running node, as discovery knows them."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rclpy.node import Node, NodeNameNonExistentError

Topics: TypeAlias = Sequence[tuple[str, Sequence[str]]]
"""Full names, each with its types."""


@dataclass(frozen=True)
class NodeGraph:
    """The topics of a node.

    Attributes:
        published: What it publishes.
        subscribed: What it subscribes to.
    """

    published: Topics
    subscribed: Topics


def node_graph(node: Node, full_name: str) -> NodeGraph | None:
    """The topics of a node; None if it is not discovered yet, or no more.

    Args:
        node: Who asks.
        full_name: Of the node, e.g. `/robot1/movenet`.
    """
    namespace, _, name = full_name.rpartition('/')
    try:
        return NodeGraph(node.get_publisher_names_and_types_by_node(name, namespace or '/'),
                         node.get_subscriber_names_and_types_by_node(name, namespace or '/'))
    except NodeNameNonExistentError:
        return None
