"""Why a test may be skipped: docs/limits.md lists the same reasons. Any other fails the run."""
from __future__ import annotations

import re

EXPECTED = {
    r'a ROS 2 installation with launch': 'launch files',
    r"could not import '(cv_bridge|sensor_msgs\.msg)'|this cv_bridge": 'cv_bridge',
    r"could not import '(rosbags|catkin_pkg)": 'what needs an extra',
    r"could not import 'tf2_msgs\.msg'": 'tf2_msgs',
    r"could not import '(vision_msgs|hri_msgs|foxglove_msgs)\.msg":
        'vision_msgs, hri_msgs, foxglove_msgs',
    r'TensorFlow is not installed|MOVENET_MODELS_TARBALL': 'the import of models',
    r'the engine \w+ is not installed': 'engines',
    r'Keras|has no GPU here|with JAX every program is XLA': 'Keras',
    r'MOVENET_TFJS': 'the comparison with TensorFlow.js',
    r'shared/.* is not here': 'other clips and their reference results',
    r'network namespace|mount file systems|may not create namespaces|only root can':
        'what needs a network or mount namespace',
    r"could not import '(rclpy|movenet_ros\.msg)|the messages are not built here":
        'what compares with ROS itself',
    r"could not import '(distributed|fsspec|pyarrow|s3fs|moto|duckdb|pandas|polars)"
    r"|LiteRT is|ai_edge_litert|onnx is|Rerun is|pyarrow is|could not import 'rerun|matplotlib"
    r'|pycocotools|motmetrics|mypy':
        'what needs an extra',
    r'Chromium is not installed|selenium is not installed': 'the page in a browser',
    r'this OpenCV writes no GIF|Python 3\.10|MiB left, and this takes|no IPv6 here':
        'what some systems lack',
}
"""Patterns of reasons, each with its row in docs/limits.md."""


def is_expected(reason: str) -> bool:
    """Whether a test may be skipped for this reason."""
    return any(re.search(pattern, reason) for pattern in EXPECTED)
