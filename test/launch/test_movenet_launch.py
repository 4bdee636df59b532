"""launch/movenet.launch.py: what its arguments become in the running node."""
import time
import unittest

import pytest
from support.paths import DATA, ROOT

pytest.importorskip('launch_testing.actions', reason='needs a ROS 2 installation with launch')

import launch_testing.actions
import launch_testing.asserts
import rclpy
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from lifecycle_msgs.msg import State
from lifecycle_msgs.srv import GetState
from rcl_interfaces.srv import GetParameters
from sensor_msgs.msg import Image

from movenet_ros.msg import PoseArray

LAUNCH_FILE = ROOT / 'launch' / 'movenet.launch.py'
TIMEOUT = 30.0  # s; discovery alone takes up to 3


@pytest.mark.launch_test
def generate_test_description():
    parameters = DATA / 'launch_parameters.yaml'
    return LaunchDescription([
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(LAUNCH_FILE)),
            launch_arguments={
                'namespace': 'robot', 'name': 'eyes', 'image': 'camera/image',
                'camera_info': 'camera/calibration', 'depth': 'camera/depth',
                'params_file': str(parameters), 'autostart': 'true', 'log_level': 'warn',
            }.items()),
        launch_testing.actions.ReadyToTest(),
    ])


class TestRunningNode(unittest.TestCase):
    def setUp(self):
        rclpy.init()
        self.node = rclpy.create_node('test')

    def tearDown(self):
        self.node.destroy_node()
        rclpy.shutdown()

    def wait_for(self, condition):
        end = time.monotonic() + TIMEOUT
        while not condition():
            assert time.monotonic() < end, 'timed out'
            rclpy.spin_once(self.node, timeout_sec=0.1)

    def call(self, kind, name, request):
        client = self.node.create_client(kind, name)
        assert client.wait_for_service(TIMEOUT), name
        future = client.call_async(request)
        self.wait_for(future.done)
        return future.result()

    def test_autostart_wins_over_the_parameter_file(self):
        self.wait_for(lambda: self.call(
            GetState, '/robot/eyes/get_state', GetState.Request(),
        ).current_state.id == State.PRIMARY_STATE_ACTIVE)

    def test_the_parameter_file_is_read(self):
        answer = self.call(GetParameters, '/robot/eyes/get_parameters',
                           GetParameters.Request(names=['threads']))
        assert answer.values[0].integer_value == 1

    def test_depth_is_switched_on_by_its_topic(self):
        answer = self.call(GetParameters, '/robot/eyes/get_parameters',
                           GetParameters.Request(names=['depth.transport']))
        assert answer.values[0].string_value == 'raw'
        for topic in ('/robot/camera/depth', '/robot/camera/calibration'):
            self.wait_for(lambda topic=topic: self.node.count_subscribers(topic))

    def test_images_are_processed(self):
        answers = []
        self.node.create_subscription(PoseArray, '/robot/eyes/poses', answers.append, 10)
        images = self.node.create_publisher(Image, '/robot/camera/image', 1)
        image = Image(width=64, height=48, encoding='mono8', step=64, data=bytes(64 * 48))

        def processed():
            image.header.stamp = self.node.get_clock().now().to_msg()
            images.publish(image)
            return answers

        self.wait_for(processed)
        assert (answers[0].width, answers[0].height) == (64, 48)


@launch_testing.post_shutdown_test()
class TestAfterwards(unittest.TestCase):
    def test_the_node_ends_cleanly(self, proc_info):
        launch_testing.asserts.assertExitCodes(proc_info)
