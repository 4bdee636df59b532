"""examples/follow_target.py: the velocity towards a target, and over DDS, also when it is lost."""
import math

import pytest
from geometry_msgs.msg import Point, PoseStamped, Twist
from rclpy.qos import QoSProfile
from support.examples import load, running

EXAMPLE = load('follow_target')


def command(x, z):
    twist = EXAMPLE.towards(Point(x=x, z=z))
    return twist.linear.x, twist.angular.z


def test_a_target_ahead_is_approached_until_the_distance_is_kept():
    assert command(0.0, 5.0) == (EXAMPLE.FASTEST, 0.0)
    assert command(0.0, EXAMPLE.DISTANCE + 0.1) == pytest.approx((0.08, 0.0))
    assert command(0.0, EXAMPLE.DISTANCE) == (0.0, 0.0)
    assert command(0.0, 0.5) == (0.0, 0.0)


@pytest.mark.parametrize(('x', 'sign'), [(1.0, -1), (-1.0, 1)])
def test_the_robot_turns_to_the_side_of_the_target(x, sign):
    speed, turn = command(x, 4.0)
    assert math.copysign(1, turn) == sign and 0.3 < abs(turn) < 0.4
    assert speed == EXAMPLE.FASTEST


def test_a_target_at_the_side_is_turned_to_first():
    assert command(3.0, 2.0) == (0.0, -EXAMPLE.FASTEST_TURN)


def test_it_drives_while_the_target_is_seen_and_stops_when_it_is_lost(own_peer):
    peer = own_peer
    publisher = peer.node.create_publisher(PoseStamped, '/movenet/target_pose', QoSProfile(depth=1))
    message = PoseStamped()
    message.pose.position.x, message.pose.position.z = 0.4, 3.0
    with (running('follow_target', '-r', 'target_pose:=/movenet/target_pose'),
          peer.listening('/cmd_vel', Twist, 1000) as commands):
        peer.until(lambda: commands, 'a command')
        assert commands[0] == Twist()
        peer.until(lambda: publisher.publish(message) or commands[-1].linear.x > 0, 'to drive')
        assert commands[-1] == EXAMPLE.towards(message.pose.position)
        peer.until(lambda: commands[-1] == Twist(), 'to stop')
        commands.clear()
        peer.until(lambda: len(commands) > 3, 'further commands')
        assert all(twist == Twist() for twist in commands)
