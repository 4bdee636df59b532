"""How fast the node is over DDS, in processes of its own.

Nothing that is imported here imports rclpy: it is in the modules that run as processes.
"""
from __future__ import annotations

from movenet_ros.measure.speed.node.cameras import measure_cameras
from movenet_ros.measure.speed.node.node_rows import measure_node
from movenet_ros.measure.speed.node.options import NodeOptions
from movenet_ros.measure.speed.node.start import measure_start

__all__ = ['NodeOptions', 'measure_cameras', 'measure_node', 'measure_start']
