"""examples/stop_when_hand_raised.py over DDS, with the poses of a sample clip."""
import pytest
from rclpy.qos import QoSProfile
from std_msgs.msg import Bool
from support.examples import running
from support.paths import DATA

from movenet_ros.cli import main
from movenet_ros.msg import PoseArray
from movenet_ros.testing import read_pose_arrays


@pytest.fixture(scope='module')
def poses(tmp_path_factory):
    """Of every image of the clip: the hand is up from image 29 to 74."""
    path = tmp_path_factory.mktemp('poses') / 'poses.mcap'
    assert main(['process', str(DATA / 'one_person.mp4'), '--quiet', '--output', str(path)]) == 0
    return read_pose_arrays(path)


def without_people(message):
    return PoseArray(header=message.header)


@pytest.fixture
def decide(own_peer):
    """What the example says to poses, one after the other."""
    peer = own_peer
    publisher = peer.node.create_publisher(PoseArray, '/movenet/poses', QoSProfile(depth=10))
    with (running('stop_when_hand_raised', '-r', 'poses:=/movenet/poses'),
          peer.listening('/stop', Bool, 1000) as answers):
        def show(message):
            answers.clear()
            publisher.publish(message)
            peer.until(lambda: answers, 'a decision')
            return answers[0].data

        # Until each side knows of the other, messages are lost.
        peer.until(lambda: publisher.publish(PoseArray()) or answers, 'the example')
        peer.spin(0.5)
        yield show


def test_it_stops_half_a_second_after_the_hand_is_up(decide, poses):
    stopped = [decide(message) for message in poses]
    assert 29 + 15 <= stopped.index(True) <= 29 + 15 + 3
    assert stopped[44:90] == [True] * 46
    assert stopped[-1] is False


def test_it_remains_stopped_while_the_person_is_missed(decide, poses):
    for message in poses[:60]:
        decide(message)
    assert [decide(without_people(message)) for message in poses[60:80]] == [
        True] * 14 + [False] * 6


def test_a_recording_that_loops_starts_again(decide, poses):
    for message in poses[:60]:
        decide(message)
    assert [decide(message) for message in poses[:40]] == [False] * 40
