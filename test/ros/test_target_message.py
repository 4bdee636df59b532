"""ROS reads the bytes of a Target as it reads its own."""
import numpy as np
from rclpy.serialization import deserialize_message, serialize_message
from support.sinks import random_poses

from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.core.target.target import Origin, Status, Target
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.messages.target import CRITERIA, serialize_target
from movenet_ros.msg import Target as Message
from movenet_ros.ros.publications.target_frame import frame_name
from movenet_ros.srv import SelectTarget

IMAGE = PublishedImage((1, 2), 'ab', 640, 480, 3, 'lightning')


def test_ros_reads_our_bytes():
    poses = random_poses(3).take([1])
    number = int(poses.id[0])
    raw = serialize_target(IMAGE, Target(
        Status.HELD, number, None, poses, 0.5, Origin.REIDENTIFIED, 0.75, True,
        Selection(Criterion.POINT, x=3.0, y=4.0)))
    message = deserialize_message(raw, Message)
    assert len(serialize_message(message)) == len(raw)
    assert (message.header.frame_id, message.header.stamp.sec, message.sequence) == ('ab', 1, 3)
    assert (message.state, message.origin, message.unsure, message.criterion) == (
        Message.HELD, Message.REIDENTIFIED, True, SelectTarget.Request.POINT)
    assert (message.time_unseen, message.confidence) == (0.5, 0.75)
    assert message.pose.id == number
    np.testing.assert_array_equal([k.x for k in message.pose.keypoints], poses.xy[0, :, 0])


def test_nobody_is_a_message_too():
    raw = serialize_target(IMAGE, Target())
    message = deserialize_message(raw, Message)
    assert len(serialize_message(message)) == len(raw)
    assert (message.state, message.pose.id, message.criterion) == (Message.NONE, 0, 0)


def test_the_constants_are_those_of_the_messages():
    assert {s.name: s.value for s in Status} == {
        s.name: getattr(Message, s.name) for s in Status}
    assert (Message.ORIGIN_NONE, Message.SELECTED, Message.REIDENTIFIED) == (
        Origin.NONE, Origin.SELECTED, Origin.REIDENTIFIED)
    for index, criterion in enumerate(CRITERIA):
        assert getattr(SelectTarget.Request, criterion.name) == index


def test_the_name_of_the_frame():
    assert frame_name('/movenet/target') == 'movenet_target'
    assert frame_name('/robot1/movenet/front/target') == 'robot1_movenet_front_target'
