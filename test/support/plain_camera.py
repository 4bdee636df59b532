"""A camera as a user writes it first: rclpy, default transport, nothing configured.

As a program, `python -m support.plain_camera TOPIC WIDTH HEIGHT RATE COUNT RELIABILITY`: waits for
a subscriber, publishes COUNT images of noise and ends.
"""
import os
import subprocess
import sys
import time
from array import array

from support.paths import TESTS

FOLDER = TESTS
SETTLING = 0.5  # s; a subscriber may be known here before it knows of us
PROFILES = ('FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE')


def without_profile():
    """The environment of a process that uses the default transport."""
    return {name: value for name, value in os.environ.items() if name not in PROFILES}


def start(topic, size, rate, count, reliability='reliable', within=()):
    """Starts one in a process of its own, on the default transport; `within` another command."""
    arguments = [topic, *map(str, (*size, rate, count)), reliability]
    return subprocess.Popen([*within, sys.executable, '-m', 'support.plain_camera', *arguments],
                            cwd=FOLDER, env=without_profile())


def main(topic, width, height, rate, count, reliability):
    """The program."""
    import rclpy
    from rclpy.qos import QoSProfile, QoSReliabilityPolicy
    from sensor_msgs.msg import Image
    rclpy.init()
    node = rclpy.create_node('plain_camera')
    publisher = node.create_publisher(Image, topic, QoSProfile(
        depth=10, reliability=QoSReliabilityPolicy[reliability.upper()]))
    message = Image(width=width, height=height, encoding='bgr8', step=3 * width)
    message.data = array('B', os.urandom(3 * width * height))
    while not publisher.get_subscription_count():
        time.sleep(0.01)
    time.sleep(SETTLING)
    started = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, started + number / rate - time.monotonic()))
        message.header.stamp = node.get_clock().now().to_msg()
        message.header.frame_id = f'{number}'
        publisher.publish(message)
    # What is sent again has to come from here.
    time.sleep(1.0)
    node.destroy_node()
    rclpy.shutdown()


if __name__ == '__main__':
    main(sys.argv[1], *map(int, sys.argv[2:6]), sys.argv[6])
