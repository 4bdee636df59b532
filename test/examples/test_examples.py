"""What all examples have in common."""
import ast

import pytest
from support.examples import EXAMPLES
from support.paths import ROOT

from movenet_ros.config import Config
from movenet_ros.config.no_effect import without_effect

PROGRAMS = sorted(path.stem for path in EXAMPLES.glob('*.py') if '_test' not in f'_{path.stem}'
                  and '.launch' not in path.name)

NODES = [name for name in PROGRAMS
         if 'import rclpy' in (EXAMPLES / f'{name}.py').read_text(encoding='utf-8')]


def launch_parameters():
    tree = ast.parse((EXAMPLES / 'example.launch.py').read_text(encoding='utf-8'))
    value, = (node.value for node in tree.body
              if isinstance(node, ast.Assign) and node.targets[0].id == 'PARAMETERS')
    return ast.literal_eval(value)


def test_the_launch_file_starts_each_node():
    assert sorted(launch_parameters()) == NODES


@pytest.mark.parametrize('name', NODES)
def test_the_parameters_it_sets_are_there_and_go_together(name):
    config = Config().replace(launch_parameters()[name])
    config.check_together()
    assert list(without_effect(config)) == []


@pytest.mark.parametrize('name', PROGRAMS)
def test_each_is_short_documented_and_installed(name):
    assert len((EXAMPLES / f'{name}.py').read_text(encoding='utf-8').splitlines()) < 80
    assert f'{name}.py' in (ROOT / 'docs' / 'examples.md').read_text(encoding='utf-8')
    assert 'examples' in (ROOT / 'CMakeLists.txt').read_text(encoding='utf-8')
