"""examples/count_repetitions.py, with a drawn person: what it counts, and over DDS."""
import math

import pytest
from rclpy.qos import QoSProfile
from std_msgs.msg import UInt32
from support.examples import load, running
from support.poses import message
from support.skeleton_3d import DOWN, FORWARD, person, poses_of

from movenet_ros.core.types import NANOSECONDS, Poses
from movenet_ros.messages.pose_array import serialize
from movenet_ros.msg import PoseArray
from movenet_ros.testing.recordings import deserialize

RATE = 10  # Hz
SIDE = math.pi / 2  # of the person, instead of the front


def bent(degrees, along=DOWN, aside=FORWARD):
    """Directions of the two parts of a limb with this angle at its joint."""
    half = math.radians(180 - degrees) / 2
    return (math.cos(half) * along + math.sin(half) * aside,
            math.cos(half) * along - math.sin(half) * aside)


def squatting(degrees):
    """A person whose knees are at this angle; the arms bend too."""
    arm = bent(degrees)
    return person(arm, arm, bent(degrees), yaw=SIDE)


def pushing(degrees):
    """A person who lies, with stretched legs and this angle at the elbows."""
    arm = bent(degrees, FORWARD, DOWN)
    return person(arm, arm, yaw=SIDE, roll=math.pi / 2)


def cycle(degrees_of_bent, *, stretched=175, seconds=2.0):
    """Angles of a joint during one repetition."""
    middle, half = (stretched + degrees_of_bent) / 2, (stretched - degrees_of_bent) / 2
    steps = round(seconds * RATE)
    return [middle + half * math.cos(2 * math.pi * step / steps) for step in range(steps)]


SQUAT = [poses_of(squatting(angle)) for angle in cycle(70)]
HALF_SQUAT = [poses_of(squatting(angle)) for angle in cycle(130)]
PUSH_UP = [poses_of(pushing(angle)) for angle in cycle(80)]
STAND, LIE = [poses_of(person(yaw=SIDE))] * 12, [poses_of(pushing(175))] * 12
NOBODY = [Poses.empty()]


class Stream:
    """Numbers images as a camera does."""

    def __init__(self):
        self.images = 0

    def messages(self, poses):
        for people in poses:
            self.images += 1
            stamp = self.images * NANOSECONDS // RATE
            yield deserialize(serialize(message(stamp, people)))


@pytest.fixture
def exercise():
    """The counts of squats and push-ups after some poses."""
    training, stream = load('count_repetitions').Training(), Stream()

    def show(poses):
        for item in stream.messages(poses):
            training.update(item)
        return tuple(counter.count for counter in training.exercises.values())

    return show


def test_squats_and_push_ups_are_counted(exercise):
    assert exercise(STAND + SQUAT * 3 + STAND) == (3, 0)
    assert exercise(LIE + PUSH_UP * 2 + LIE) == (3, 2)
    assert exercise(STAND + SQUAT + STAND) == (4, 2)


def test_half_a_squat_is_none(exercise):
    assert exercise(STAND + HALF_SQUAT * 3 + STAND) == (0, 0)


def test_images_without_anybody_change_nothing(exercise):
    assert exercise(STAND + SQUAT[:10] + NOBODY * 2 + SQUAT[10:] + STAND) == (1, 0)


def test_each_repetition_is_published(own_peer):
    peer, stream = own_peer, Stream()
    publisher = peer.node.create_publisher(PoseArray, '/movenet/poses', QoSProfile(depth=10))
    with (running('count_repetitions', '-r', 'poses:=/movenet/poses'),
          peer.listening('/squats', UInt32, 1000) as squats):
        def show(poses):
            for item in stream.messages(poses):
                publisher.publish(item)
                peer.spin(0.01)

        # Until each side knows of the other, messages are lost.
        peer.until(lambda: show(STAND + SQUAT) or squats, 'a squat')
        for _ in range(3):
            before = len(squats)
            show(STAND + SQUAT + STAND[:3])
            peer.until(lambda before=before: len(squats) > before, 'a count')
        assert [count.data for count in squats] == list(range(1, len(squats) + 1))
