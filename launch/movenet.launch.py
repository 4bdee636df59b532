"""Starts the MoveNet node.

Nothing here has a default of its own: an argument that is not given is not passed on,
and the node's own default, or the parameter file's value, holds.
"""
import re
from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

ARGUMENTS = [
    DeclareLaunchArgument(
        'namespace', default_value='', description='Namespace of the node and its topics.'),
    DeclareLaunchArgument(
        'name', default_value='movenet',
        description='Name of the node; the poses are published on <namespace>/<name>/poses.'),
    DeclareLaunchArgument(
        'image', default_value='image',
        description='Topic of the images. For compressed images, their topic without '
                    '/compressed; and set the parameter transport. Where the parameter cameras '
                    'names several, this has no effect: remap NAME/image.'),
    DeclareLaunchArgument(
        'camera_info', default_value='',
        description='Topic of the calibration; if empty, camera_info beside the images.'),
    DeclareLaunchArgument(
        'depth', default_value='',
        description='Topic of depth images that are registered to the images, for positions in '
                    'metres; if empty, there are none. For compressed depth, the topic without '
                    '/compressedDepth.'),
    DeclareLaunchArgument(
        'depth_transport', default_value='', choices=['', 'none', 'raw', 'compressedDepth'],
        description='How depth comes; if empty, raw where depth is given, and otherwise as the '
                    'parameter depth.transport says.'),
    DeclareLaunchArgument(
        'params_file', default_value='',
        description='File of parameters, in the form of config/movenet.yaml.'),
    DeclareLaunchArgument(
        'autostart', default_value='', choices=['', 'true', 'false'],
        description='Whether the node configures and activates itself; if empty, its '
                    'parameter of that name decides.'),
    DeclareLaunchArgument(
        'log_level', default_value='info', choices=['debug', 'info', 'warn', 'error', 'fatal'],
        description='Least severe messages that are logged.'),
]

TOPIC = r'(~/|/)?[A-Za-z_]\w*(/[A-Za-z_]\w*)*'
ALLOWED = {
    'namespace': (r'/?|/?[A-Za-z_]\w*(/[A-Za-z_]\w*)*', 'empty or a namespace, like /robot1'),
    'name': (r'[A-Za-z_]\w*', 'the name of a node, of letters, digits and _'),
    'image': (TOPIC, 'a topic, like /camera/image_raw'),
    'camera_info': (f'|{TOPIC}', 'empty or a topic, like /camera/camera_info'),
    'depth': (f'|{TOPIC}', 'empty or a topic, like /camera/depth/image_raw'),
}


def start_node(context):
    def value(name):
        return LaunchConfiguration(name).perform(context)

    for name, (pattern, words) in ALLOWED.items():
        if not re.fullmatch(pattern, value(name), re.ASCII):
            # ROS would not name the argument
            raise ValueError(f'{name}:={value(name)!r} is not allowed: it must be {words}')
    parameters = []
    if value('params_file'):
        if not Path(value('params_file')).is_file():
            # launch itself only warns, and the node would run on defaults
            raise FileNotFoundError(f'params_file: there is no file {value("params_file")}')
        parameters.append(value('params_file'))
    if value('autostart'):
        # after the file, so that the argument wins
        parameters.append({'autostart': value('autostart') == 'true'})
    depth_transport = value('depth_transport') or ('raw' if value('depth') else '')
    if depth_transport:
        parameters.append({'depth.transport': depth_transport})
    return [Node(
        package='movenet_ros', executable='movenet', arguments=['run'],
        namespace=value('namespace'), name=value('name'), parameters=parameters,
        remappings=remappings(value('image'), value('camera_info'), value('depth')),
        ros_arguments=['--log-level', value('log_level')], output='screen')]


def remappings(image, camera_info, depth):
    found = [('image', image), ('image/compressed', f'{image}/compressed')]
    if camera_info:
        found.append(('camera_info', camera_info))
    if depth:
        found += [('depth', depth), ('depth/compressedDepth', f'{depth}/compressedDepth')]
    return found


def generate_launch_description():
    return LaunchDescription([*ARGUMENTS, OpaqueFunction(function=start_node)])
