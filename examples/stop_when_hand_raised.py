"""Stops the robot while somebody holds up a hand, from half a second on.

Publishes std_msgs/Bool on `stop` for every image: what a lock of twist_mux takes, or the node
that drives. Time is that of the images, so a recording gives the same decisions.

    python3 stop_when_hand_raised.py --ros-args -r poses:=/movenet/poses
"""
from contextlib import suppress

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from std_msgs.msg import Bool

from movenet_ros.gestures import Gesture, GestureSettings, GestureState, update
from movenet_ros.msg import PoseArray
from movenet_ros.ros.conversions import from_pose_array

HANDS = [Gesture.LEFT_HAND_RAISED, Gesture.RIGHT_HAND_RAISED]
SETTINGS = GestureSettings(begin=0.5)  # s, for which a hand has to be up
RELEASE = 0.5  # s, without a raised hand: a person may be missed in some images


class HandStop:
    """Decides whether to stop, image by image."""

    def __init__(self):
        self.gestures = GestureState()
        self.raised_ns = None  # stamp of the last image with a raised hand

    def update(self, message):
        """Whether to stop after another PoseArray."""
        image = from_pose_array(message)
        self.gestures, found = update(self.gestures, image.poses, image.stamp_ns,
                                      settings=SETTINGS)
        if found.active[:, HANDS].any():
            self.raised_ns = image.stamp_ns
        # The difference is negative when a recording starts again.
        return (self.raised_ns is not None
                and 0 <= image.stamp_ns - self.raised_ns < RELEASE * 1e9)


class StopWhenHandRaised(Node):
    """Subscribes to the poses, and tells the robot when to stop."""

    def __init__(self):
        super().__init__('stop_when_hand_raised')
        self.hand_stop = HandStop()
        self.stop = self.create_publisher(Bool, 'stop', 10)
        self.create_subscription(PoseArray, 'poses', self.on_poses, 10)

    def on_poses(self, message):
        """Publishes a decision for every image."""
        self.stop.publish(Bool(data=self.hand_stop.update(message)))


if __name__ == '__main__':
    rclpy.init()
    with suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(StopWhenHandRaised())
