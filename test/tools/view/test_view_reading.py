"""What is read from bytes is what rclpy reads; and damaged messages."""
import math

import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from support.poses import make_poses

from movenet_ros.errors import ImageError
from movenet_ros.messages.pose_array import PoseMessage, serialize
from movenet_ros.msg import PersonPose3D, PoseArray, PoseArray3D, Target
from movenet_ros.ros.conversions import from_pose_array
from movenet_ros.tools.view.reading import read_pose_array, read_positions, read_target
from movenet_ros.tools.view.record import PersonPosition, TargetView
