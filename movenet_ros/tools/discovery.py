"""What to check where a node is not found."""
from __future__ import annotations

import os

from rclpy.node import Node

from movenet_ros.errors import listed

SETTINGS = ('ROS_DOMAIN_ID', 'ROS_AUTOMATIC_DISCOVERY_RANGE', 'ROS_LOCALHOST_ONLY',
            'RMW_IMPLEMENTATION')


def what_to_check(node: Node) -> str:
    """What decides whether nodes find each other, as it is here, and which others are found."""
    settings = [f'{name}={value}' for name in SETTINGS if (value := os.environ.get(name))]
    if 'ROS_DOMAIN_ID' not in os.environ:
        settings.insert(0, 'ROS_DOMAIN_ID is not set, so 0')
    own = node.get_fully_qualified_name()
    others = sorted({f'{namespace.rstrip("/")}/{name}' for name, namespace in
                     node.get_node_names_and_namespaces()} - {own})
    return (f'is it running, with the same domain, discovery range and middleware '
            f'({", ".join(settings)})? Nodes that are found here: {listed(others) or "none"}')
