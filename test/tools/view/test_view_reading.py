"""What is read from bytes is what rclpy reads; and damaged messages."""
from dataclasses import fields

import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from support.poses import message, people

from movenet_ros.core.types import Poses
from movenet_ros.errors import ImageError
from movenet_ros.messages.pose_array import serialize
from movenet_ros.msg import PersonPose3D, PoseArray, PoseArray3D, Target
from movenet_ros.ros.conversions import from_pose_array, set_stamp
from movenet_ros.tools.view.reading import read_pose_array, read_positions, read_target
from movenet_ros.tools.view.record import PersonPosition, TargetView

STAMP = 12_000_000_034


@pytest.mark.parametrize('places', [(), [(10, 20)], [(1, 2), (30, 40), (5, 6)]])
def test_a_pose_array_is_read_as_rclpy_reads_it(places):
    raw = serialize(message(STAMP, people(*places), sequence=7))
    read, wanted = read_pose_array(raw), from_pose_array(deserialize_message(raw, PoseArray))
    for name in ('stamp_ns', 'frame_id', 'width', 'height', 'sequence', 'model'):
        assert getattr(read, name) == getattr(wanted, name)
    for field in fields(Poses):
        assert np.array_equal(getattr(read.poses, field.name), getattr(wanted.poses, field.name))


def test_positions_are_read_and_those_that_are_unknown_are_none():
    nan = float('nan')
    made = PoseArray3D(sequence=1, poses=[
        PersonPose3D(id=3, position=[1.0, 0.5, 2.0], distance=2.25),
        PersonPose3D(id=4, position=[nan, nan, nan], distance=nan)])
    set_stamp(made.header, STAMP)
    assert read_positions(serialize_message(made)) == (STAMP, (
        PersonPosition(3, (1.0, 0.5, 2.0), 2.25), PersonPosition(4, None, None)))


def test_the_target_is_read():
    made = Target(state=Target.HELD, criterion=5, unsure=True)
    made.pose.id = 9
    set_stamp(made.header, STAMP)
    assert read_target(serialize_message(made)) == (STAMP, TargetView(9, 'held', 'point'))
    made.state = 200
    with pytest.raises(ImageError, match='state 200'):
        read_target(serialize_message(made))


@pytest.mark.parametrize(('read', 'made'), [
    (read_pose_array, serialize(message(STAMP, people((1, 2), (3, 4))))),
    (read_positions, serialize_message(PoseArray3D(poses=[PersonPose3D(), PersonPose3D()])))])
def test_a_message_that_is_cut_off_is_damaged(read, made):
    read(made)
    for length in range(0, len(made) - 4, 7):
        with pytest.raises(ImageError):
            read(made[:length])
