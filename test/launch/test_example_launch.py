"""examples/example.launch.py starts the node and the example."""
import runpy

import pytest
from support.examples import EXAMPLES

pytest.importorskip('launch_ros.actions', reason='needs a ROS 2 installation with launch')

from launch import LaunchContext

FILE = runpy.run_path(str(EXAMPLES / 'example.launch.py'))


@pytest.mark.parametrize('example', FILE['PARAMETERS'])
def test_the_node_and_the_program_are_started(example):
    context = LaunchContext()
    context.launch_configurations.update(example=example, image='/camera/image_raw', depth='depth')
    node, program = FILE['start'](context)
    assert node.node_executable == 'movenet'
    assert any(f'{example}.py' in part.text for word in program.cmd for part in word)
