"""Turns the robot towards the target and follows it; stops when the target is not seen.

Publishes geometry_msgs/Twist on `cmd_vel`. The camera looks ahead. The node movenet has to have a
target, and to know where it is: from depth, or from the camera's height above the floor.

    python3 follow_target.py --ros-args -r target_pose:=/movenet/target_pose
"""
import math
from contextlib import suppress

import rclpy
from geometry_msgs.msg import PoseStamped, Twist
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node

DISTANCE = 1.2  # m, that is kept from the target
TIMEOUT = 0.5  # s, for the next position of the target
PERIOD = 0.1  # s, between two commands

TURN_RATE, FASTEST_TURN = 1.5, 1.0  # rad/s for each rad, rad/s
SPEED_RATE, FASTEST = 0.8, 0.6  # m/s for each m, m/s
AHEAD = math.radians(30)  # the robot drives only towards a target in front of it


def towards(position):
    """The velocity towards a position in the optical frame: x to the right, z forward [m]."""
    bearing = math.atan2(-position.x, position.z)  # of a robot, left is positive
    twist = Twist()
    twist.angular.z = max(-FASTEST_TURN, min(TURN_RATE * bearing, FASTEST_TURN))
    if abs(bearing) < AHEAD:
        # Never backwards: there the camera sees nothing.
        too_far = math.hypot(position.x, position.z) - DISTANCE
        twist.linear.x = max(0.0, min(SPEED_RATE * too_far, FASTEST))
    return twist


class FollowTarget(Node):
    """Subscribes to the target's position, and tells the robot where to go."""

    def __init__(self):
        super().__init__('follow_target')
        self.twist, self.seen = Twist(), None
        self.command = self.create_publisher(Twist, 'cmd_vel', 1)
        self.create_subscription(PoseStamped, 'target_pose', self.on_pose, 1)
        self.create_timer(PERIOD, self.on_timer)

    def on_pose(self, message):
        """Published only in images in which the target is."""
        self.twist, self.seen = towards(message.pose.position), self.get_clock().now()

    def on_timer(self):
        """Publishes a command, also while nothing comes: then the robot has to stand."""
        if self.seen is not None:
            unseen = (self.get_clock().now() - self.seen).nanoseconds / 1e9
            if not 0 <= unseen < TIMEOUT:
                self.twist, self.seen = Twist(), None
        self.command.publish(self.twist)


if __name__ == '__main__':
    rclpy.init()
    with suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(FollowTarget())
