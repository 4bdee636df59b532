"""Starts the node movenet, set up as an example needs it, and the example.

    ros2 launch movenet_ros example.launch.py example:=follow_target \\
        image:=/camera/image_raw depth:=/camera/aligned_depth/image_raw
"""
import sys
from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, ExecuteProcess, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

HERE = Path(__file__).resolve().parent

# Of the node, by the name of the example.
PARAMETERS = {
    'stop_when_hand_raised': {'model': 'multipose', 'multipose.long_side': 320},
    'count_repetitions': {'model': 'thunder'},
    'follow_target': {'model': 'multipose', 'target.select': 'nearest', 'depth.transport': 'raw'},
}
TOPICS = {'image': 'Images.', 'depth': 'Depth that is registered to them, for follow_target.'}


def start(context):
    def value(name):
        return LaunchConfiguration(name).perform(context)

    example = value('example')
    node = Node(
        package='movenet_ros', executable='movenet', arguments=['run'], name='movenet',
        parameters=[{'autostart': True, **PARAMETERS[example]}],
        remappings=[(topic, value(topic)) for topic in TOPICS], output='screen')
    program = ExecuteProcess(
        cmd=[sys.executable, str(HERE / f'{example}.py'), '--ros-args',
             '-r', 'poses:=movenet/poses', '-r', 'target_pose:=movenet/target_pose'],
        output='screen')
    return [node, program]


def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument('example', choices=list(PARAMETERS), description='Which one.'),
        *(DeclareLaunchArgument(topic, default_value=topic, description=text)
          for topic, text in TOPICS.items()),
        OpaqueFunction(function=start)])
