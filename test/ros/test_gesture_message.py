"""ROS reads the bytes of a GestureArray as it reads its own, and writes the same ones."""
import numpy as np
from rclpy.serialization import deserialize_message, serialize_message
from support.gestures import field_of, random_gestures

from movenet_ros.core.gestures.angles import JOINT_NAMES
from movenet_ros.core.gestures.gesture import Posture
from movenet_ros.messages.gesture_array import FLAGS, serialize_gestures
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.msg import GestureArray, PersonGestures


def test_ros_reads_our_bytes_and_writes_them():
    for count in (0, 1, 6):
        gestures = random_gestures(count)
        # No byte lies between the fields after a text of 3.
        raw = serialize_gestures(PublishedImage((1, 2), 'abc', 640, 480, 3, 'lightning'), gestures)
        message = deserialize_message(raw, GestureArray)
        assert serialize_message(message) == raw
        assert (message.header.frame_id, message.sequence) == ('abc', 3)
        for row, person in enumerate(message.people):
            assert person.id == gestures.id[row]
            assert [getattr(person, field_of(gesture)) for gesture in FLAGS] == (
                gestures.active[row, FLAGS].tolist())
            np.testing.assert_array_equal(person.right_arm_ray, gestures.ray[row, 1])
            np.testing.assert_array_equal(person.is_spatial, gestures.is_spatial[row])


def test_postures_and_joints_have_names():
    assert all(getattr(PersonGestures, posture.name) == posture for posture in Posture)
    assert [getattr(PersonGestures, name.upper()) for name in JOINT_NAMES] == list(range(8))
