"""Configuration of Sphinx, which builds these pages: see `make docs`."""
from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

project = 'movenet_ros'
copyright = '2026 the movenet_ros authors'
version = release = ElementTree.parse(ROOT / 'package.xml').getroot().findtext('version')

extensions = ['myst_parser', 'sphinx.ext.autodoc', 'sphinx.ext.napoleon']
exclude_patterns = ['_build']
html_theme = 'furo'
html_title = 'movenet_ros'

myst_heading_anchors = 3

napoleon_google_docstring = True
napoleon_numpy_docstring = False
autoclass_content = 'both'
autodoc_typehints = 'none'
autodoc_member_order = 'bysource'
# Neither ROS nor OpenCV need be installed to build the pages.
autodoc_mock_imports = [
    'builtin_interfaces', 'cv2', 'diagnostic_msgs', 'geometry_msgs', 'lifecycle_msgs',
    'movenet_ros.msg', 'movenet_ros.srv', 'pytest', 'rcl_interfaces', 'rclpy', 'rosbags',
    'sensor_msgs', 'std_msgs', 'tf2_msgs', 'yaml']
# Docstrings write code in single backticks.
default_role = 'code'
