"""Counts squats and push-ups of one person who is seen from the side, for training at home.

Publishes std_msgs/UInt32 on `squats` and `push_ups`, with each repetition. Time is that of the
images, so a recording gives the same counts.

    python3 count_repetitions.py --ros-args -r poses:=/movenet/poses
"""
from contextlib import suppress

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from std_msgs.msg import UInt32

from movenet_ros.gestures import PUSH_UP, SQUAT, Gesture, GestureState, Repetitions, update
from movenet_ros.msg import PoseArray
from movenet_ros.ros.conversions import from_pose_array


class Training:
    """Counts, image by image."""

    def __init__(self):
        self.gestures = GestureState()
        self.exercises = {'squats': Repetitions(SQUAT), 'push_ups': Repetitions(PUSH_UP)}

    def update(self, message):
        """The exercise of which another PoseArray completes a repetition, or None."""
        image = from_pose_array(message)
        self.gestures, found = update(self.gestures, image.poses, image.stamp_ns)
        if not len(found):
            return None
        # The first row is the person with the highest score. Arms also bend in a squat, so what
        # counts is whether the person lies.
        name = 'push_ups' if found.active[0, Gesture.LYING] else 'squats'
        before = self.exercises[name]
        self.exercises[name] = before.update(found, 0, image.stamp_ns)
        return name if self.exercises[name].count > before.count else None


class CountRepetitions(Node):
    """Subscribes to the poses, and publishes the counts."""

    def __init__(self):
        super().__init__('count_repetitions')
        self.training = Training()
        self.counts = {name: self.create_publisher(UInt32, name, 10)
                       for name in self.training.exercises}
        self.create_subscription(PoseArray, 'poses', self.on_poses, 10)

    def on_poses(self, message):
        """Publishes a count when it has risen."""
        if name := self.training.update(message):
            count = self.training.exercises[name].count
            self.get_logger().info(f'{name}: {count}')
            self.counts[name].publish(UInt32(data=count))


if __name__ == '__main__':
    rclpy.init()
    with suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(CountRepetitions())
