"""launch/movenet.launch.py: arguments that cannot be right end in one clear line."""
import runpy

import pytest
from support.paths import ROOT

pytest.importorskip('launch_ros.actions', reason='needs a ROS 2 installation with launch')

from launch import LaunchContext

FILE = runpy.run_path(str(ROOT / 'launch' / 'movenet.launch.py'))


def start(**arguments):
    context = LaunchContext()
    for argument in FILE['ARGUMENTS']:
        argument.execute(context)
    context.launch_configurations.update(arguments)
    return FILE['start_node'](context)


def test_the_defaults_are_allowed():
    assert len(start()) == 1


@pytest.mark.parametrize(('name', 'value'), [
    ('namespace', '/'), ('namespace', 'robot1'), ('namespace', '/robot1/left'), ('name', 'eyes2'),
    ('image', '/camera/image_raw'), ('image', '~/image'), ('depth', '/camera/depth/image_raw'),
    ('camera_info', 'camera_info')])
def test_names_of_ros_are_allowed(name, value):
    assert len(start(**{name: value})) == 1


@pytest.mark.parametrize(('name', 'value', 'words'), [
    ('namespace', '//x', 'a namespace'), ('namespace', 'a b', 'a namespace'),
    ('name', 'a-b', 'letters, digits and _'), ('name', '', 'letters, digits and _'),
    ('image', '', 'a topic'), ('image', '/camera/', 'a topic'), ('image', '2/image', 'a topic'),
    ('depth', '/camera/', 'a topic'), ('camera_info', 'a b', 'a topic')])
def test_others_are_rejected_by_their_name(name, value, words):
    with pytest.raises(ValueError, match=f'{name}:={value!r} is not allowed: it must be .*{words}'):
        start(**{name: value})


def test_a_file_that_is_not_there():
    with pytest.raises(FileNotFoundError, match='params_file: there is no file /nowhere'):
        start(params_file='/nowhere')
