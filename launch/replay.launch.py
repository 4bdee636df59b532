"""Plays a clip or a bag as a camera, and starts the MoveNet node on it.

Ends when the clip does, unless it is played in a loop. The node starts by itself
(autostart), as there is nothing else to wait for. Its other arguments, which
movenet.launch.py declares, can be given here too.
"""
from pathlib import Path

from launch import LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    ExecuteProcess,
    IncludeLaunchDescription,
    OpaqueFunction,
    Shutdown,
)
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.substitutions import ExecutableInPackage

HERE = Path(__file__).resolve().parent

ARGUMENTS = [
    DeclareLaunchArgument('input', description='Video file, folder of pictures, or bag.'),
    DeclareLaunchArgument(
        'rate', default_value='1.0', description='How many times as fast as recorded.'),
    DeclareLaunchArgument(
        'loop', default_value='false', choices=['true', 'false'],
        description='Whether to start again at the end.'),
    DeclareLaunchArgument(
        'image', default_value='/image',
        description='Topic of the images; absolute, so that camera and node agree on it when '
                    'the node has a namespace.'),
]


def start_camera(context):
    def value(name):
        return LaunchConfiguration(name).perform(context)

    loop = ['--loop'] if value('loop') == 'true' else []
    # not a Node action: that would add ROS arguments, and `movenet replay` takes none
    return [ExecuteProcess(
        cmd=[ExecutableInPackage(package='movenet_ros', executable='movenet'),
             'replay', value('input'), '--topic', value('image'), '--rate', value('rate'), *loop],
        output='screen', on_exit=Shutdown(reason='the replay has ended'))]


def generate_launch_description():
    return LaunchDescription([
        *ARGUMENTS,
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(HERE / 'movenet.launch.py')),
            launch_arguments={'autostart': 'true'}.items()),
        OpaqueFunction(function=start_camera),
    ])
