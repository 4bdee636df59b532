"""ROS reads the bytes of a PoseArray3D as it reads its own."""
import numpy as np
from rclpy.serialization import deserialize_message, serialize_message
from support.poses_3d import random_poses_3d
from support.sinks import random_poses

from movenet_ros.core.geometry.poses_3d import Reason
from movenet_ros.messages.pose_array_3d import serialize_3d
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.msg import Keypoint, Keypoint3D, PoseArray3D


def test_ros_reads_our_bytes():
    for count in (0, 1, 6):
        poses, poses_3d = random_poses(count), random_poses_3d(count)
        raw = serialize_3d(PublishedImage((1, 2), 'ab', 640, 480, 3, 'lightning'), poses, poses_3d)
        message = deserialize_message(raw, PoseArray3D)
        # ROS leaves what it finds between the fields.
        assert len(serialize_message(message)) == len(raw)
        assert deserialize_message(serialize_message(message), PoseArray3D).header == message.header
        for row, person in enumerate(message.poses):
            assert person.id == poses.id[row]
            np.testing.assert_array_equal(person.position, poses_3d.position[row])
            np.testing.assert_array_equal(np.float32([person.near, person.far]),
                                          poses_3d.extent[row])
            ankle = person.keypoints[Keypoint.RIGHT_ANKLE]
            np.testing.assert_array_equal(ankle.position, poses_3d.keypoint_position[row, 16])
            np.testing.assert_array_equal(ankle.ray, poses_3d.keypoint_ray[row, 16])
            assert ankle.reason == poses_3d.keypoint_reason[row, 16]
            assert ankle.visible == poses.visible[row, 16]


def test_the_reasons_have_names():
    assert (Keypoint3D.OK, Keypoint3D.NO_DEPTH_IMAGE) == (Reason.OK, Reason.NO_DEPTH_IMAGE)
