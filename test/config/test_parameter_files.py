"""Parameter files, and the documents made from the declarations."""
import os
import re

import pytest
import yaml
from support.paths import ROOT

from movenet_ros.config import Config
from movenet_ros.config import files as parameter_files
from movenet_ros.errors import ParameterError, SourceError

LAUGHS = 'a0: &a0 [x]\n' + ''.join(
    f'a{n}: &a{n} [{", ".join([f"*a{n - 1}"] * 10)}]\n' for n in range(1, 10))


def write(tmp_path, text):
    path = tmp_path / 'p.yaml'
    path.write_text(text)
    return path


@pytest.mark.parametrize('path', ['config/movenet.yaml', 'docs/parameters.md'])
def test_generated_files_are_fresh(path):
    expected = parameter_files.documents(ROOT)[ROOT / path]
    assert (ROOT / path).read_text(encoding='utf-8') == expected, 'run `make generate`'


def test_the_shipped_file_holds_every_default(tmp_path):
    values = parameter_files.read(write(tmp_path, parameter_files.yaml_text()))
    assert list(values) == list(Config().values())
    assert Config().replace(values) == Config()


def test_groups_and_dotted_names_mean_the_same(tmp_path):
    nested = write(tmp_path, 'movenet: {ros__parameters: {filter: {beta: 1.5}}}')
    assert parameter_files.read(nested) == {'filter.beta': 1.5}
    dotted = write(tmp_path, 'movenet: {ros__parameters: {filter.beta: 1.5}}')
    assert parameter_files.read(dotted) == {'filter.beta': 1.5}


def test_of_several_sections_the_later_one_wins_as_in_ros(tmp_path):
    both = write(tmp_path, """
movenet: {ros__parameters: {threads: 3}}
/**: {ros__parameters: {threads: 1, model: thunder}}
other: {ros__parameters: {threads: 9}}""")
    assert parameter_files.read(both) == {'threads': 1, 'model': 'thunder'}
    reading = parameter_files.read_for('/movenet', both)
    assert str(reading) == 'for the node /movenet: movenet, /**; skipped: other'


@pytest.mark.parametrize(('node', 'values'), [
    ('/movenet', {'threads': 1}), ('/robot/movenet', {'threads': 2}),
    ('/robot/eyes', {'threads': 2})])
def test_a_file_is_read_for_one_node(tmp_path, node, values):
    path = write(tmp_path, 'movenet: {ros__parameters: {threads: 1}}\n'
                           '/robot/*: {ros__parameters: {threads: 2}}')
    assert parameter_files.read(path, node) == values


def test_a_file_for_another_node_names_its_sections(tmp_path):
    names = ['camera', *(f'/robot/n{number}' for number in range(9))]
    path = write(tmp_path, '\n'.join(f'{name}: {{ros__parameters: {{a: 1}}}}' for name in names))
    with pytest.raises(SourceError, match='ignores it for the node /movenet; its sections: camera, '
                                          '/robot/n0, /robot/n1, /robot/n2, /robot/n3 and 5 more'):
        parameter_files.read(path)
    assert 'ignores it for the node /x/y' in parameter_files.ignored(path, '/x/y')
    assert parameter_files.ignored(path, '/camera') == ''


def test_every_one_of_several_files_must_be_for_the_node(tmp_path):
    paths = [tmp_path / name for name in 'abc']
    for path, section in zip(paths, ('/movenet', '/other', '/movenet'), strict=True):
        path.write_text(f'{section}: {{ros__parameters: {{{path.name}: 1}}}}')
    with pytest.raises(SourceError, match='b: ROS ignores it for the node /movenet; its sections: '
                                          '/other'):
        parameter_files.read_for('/movenet', *paths)
    reading = parameter_files.read_for('/movenet', paths[0], paths[2])
    assert reading.values == {'a': 1, 'c': 1} and reading.applied == ('/movenet',)


def test_a_dump_of_another_node_is_read_for_that_one(tmp_path):
    path = write(tmp_path, '/robot1/eyes: {ros__parameters: {threads: 3, use_sim_time: false}}\n'
                           'camera: {ros__parameters: {fps: 30}}')
    reading = parameter_files.read_any(path)
    assert (reading.node, reading.values) == ('/robot1/eyes', {'threads': 3})
    assert reading.skipped == ('camera',)


def test_a_dump_of_every_value_gives_it_back(tmp_path):
    """As `ros2 param dump` writes it: groups of groups, in PyYAML's own style."""
    config = Config().replace({'model': 'multipose', 'refine': 'thunder', 'cameras': ['a', 'b']})
    groups = {}
    for name, value in config.values().items():
        *above, last = name.split('.')
        group = groups
        for part in above:
            group = group.setdefault(part, {})
        group[last] = list(value) if isinstance(value, tuple) else value
    groups['qos_overrides'] = {'/image': {'subscription': {'reliability': 'reliable'}}}
    path = write(tmp_path, yaml.dump({'/robot1/eyes': {'ros__parameters': groups}},
                                     default_flow_style=False))
    assert Config().replace(parameter_files.read(path, '/robot1/eyes')) == config


def test_of_several_other_nodes_none_is_chosen(tmp_path):
    path = write(tmp_path, '/a: {ros__parameters: {threads: 3}}\n'
                           '/b: {ros__parameters: {threads: 1}}')
    with pytest.raises(SourceError, match='ignores it for the node /movenet; its sections: /a, /b'):
        parameter_files.read_any(path)


def test_parameters_that_ros_gives_every_node_are_left_out(tmp_path):
    path = write(tmp_path, '/**: {ros__parameters: {use_sim_time: true, threads: 1, '
                           'qos_overrides: {/image: {subscription: {depth: 2}}}}}')
    assert parameter_files.read(path) == {'threads': 1}


@pytest.mark.parametrize(('text', 'words'), [
    ('a: [', 'ROS cannot read it'), ('- 1', 'ROS cannot read it'), ('', 'its sections: none'),
    ('camera: {ros__parameters: {a: 1}}', 'its sections: camera'),
    ('movenet: {threads: 1}', 'a value before ros__parameters, in line 1'),
    pytest.param('{' * 5000, 'nest', id='brackets'),
    pytest.param('/**: &a {ros__parameters: {b: *a}}', r'an alias \(\*a\)', id='contains itself'),
    pytest.param(LAUGHS, 'ROS cannot read it', id='ten lines for 10**9 values')])
def test_files_that_are_no_parameter_files(tmp_path, text, words):
    with pytest.raises(SourceError, match=words):
        parameter_files.read(write(tmp_path, text))


def test_what_is_not_a_regular_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / 'fifo')
    for path in (tmp_path / 'fifo', tmp_path, '/dev/zero'):
        with pytest.raises(SourceError, match=r'not a regular file|Is a directory'):
            parameter_files.read(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SourceError, match=r'nowhere\.yaml: cannot be read: No such file'):
        parameter_files.read(tmp_path / 'nowhere.yaml')


def test_assignments():
    assert parameter_files.parse_assignments(['threads=3', 'models_dir=a=b']) == {
        'threads': 3, 'models_dir': 'a=b'}


@pytest.mark.parametrize('text', ['threads', 'threads=', 'thread=3', '=3'])
def test_assignments_that_are_none(text):
    with pytest.raises(ParameterError):
        parameter_files.parse_assignments([text])


def test_an_assignment_without_a_value_is_shown_as_it_was_given():
    with pytest.raises(ParameterError, match=r"parameter '--param' = 'model': must be NAME=VALUE"):
        parameter_files.parse_assignments(['model'])


@pytest.mark.parametrize(('name', 'text'), [
    ('cameras', "parameter 'cameras' = []: must be a list of one or more names"),
    ('threads', "parameter 'threads' = []: must be a whole number, not a list"),
    ('tracker.oks_falloffs', "falloffs' = []: must hold 17 numbers, not 0")])
def test_an_empty_list_is_shown_as_one(tmp_path, name, text):
    *groups, last = name.split('.')
    content = f'{{{last}: []}}'
    for group in reversed(groups):
        content = f'{{{group}: {content}}}'
    path = write(tmp_path, f'/movenet: {{ros__parameters: {content}}}')
    with pytest.raises(ParameterError, match=re.escape(text)):
        Config().replace(parameter_files.read(path))


def test_a_value_never_runs_code(tmp_path):
    bomb = write(tmp_path, '/**: {ros__parameters: {threads: !!python/object/apply:os.getpid ""}}')
    assert parameter_files.read(bomb) == {'threads': ''}


def test_the_shipped_file_is_plain_yaml():
    document = yaml.safe_load(parameter_files.yaml_text())
    assert document['/**']['ros__parameters']['model'] == 'lightning'
