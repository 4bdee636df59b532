"""Parameter files, and the documents made from the declarations."""
from pathlib import Path

import pytest
import yaml

from movenet_ros import parameter_files
from movenet_ros.config import Config
from movenet_ros.errors import ParameterError, SourceError

ROOT = Path(__file__).parents[1]
LAUGHS = 'a0: &a0 [x]\n' + ''.join(
    f'a{n}: &a{n} [{", ".join([f"*a{n - 1}"] * 10)}]\n' for n in range(1, 10))


def write(tmp_path, text):
    path = tmp_path / 'p.yaml'
    path.write_text(text)
    return path


@pytest.mark.parametrize('path', ['config/movenet.yaml', 'README.md'])
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


def test_the_nodes_own_section_wins_over_the_wildcard(tmp_path):
    both = write(tmp_path, """
movenet: {ros__parameters: {threads: 3}}
/**: {ros__parameters: {threads: 1, model: thunder}}
other: {ros__parameters: {threads: 9}}""")
    assert parameter_files.read(both) == {'threads': 3, 'model': 'thunder'}


def test_parameters_that_ros_gives_every_node_are_left_out(tmp_path):
    path = write(tmp_path, '/**: {ros__parameters: {use_sim_time: true, threads: 1, '
                           'qos_overrides: {/image: {subscription: {depth: 2}}}}}')
    assert parameter_files.read(path) == {'threads': 1}


@pytest.mark.parametrize(('text', 'words'), [
    ('a: [', 'is not YAML'), ('- 1', 'must map node names'), ('', 'must map node names'),
    ('camera: {ros__parameters: {a: 1}}', 'sections found: camera'),
    ('movenet: {threads: 1}', 'has no ros__parameters'),
    ('/**: {ros__parameters: {threads: 2001-99-99}}', 'is not YAML: month must be'),
    ('/**: {ros__parameters: {threads: !!int x}}', 'is not YAML'),
    pytest.param('{' * 5000, 'is not YAML', id='brackets'),
    pytest.param('/**: &a {ros__parameters: {b: *a}}', 'aliases', id='contains itself'),
    pytest.param(LAUGHS, 'aliases', id='ten lines for 10**9 values')])
def test_files_that_are_no_parameter_files(tmp_path, text, words):
    with pytest.raises(SourceError, match=words):
        parameter_files.read(write(tmp_path, text))


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


def test_a_value_never_runs_code(tmp_path):
    bomb = write(tmp_path, '/**: {ros__parameters: {a: !!python/object/apply:os.getcwd []}}')
    with pytest.raises(SourceError, match='is not YAML'):
        parameter_files.read(bomb)


def test_the_shipped_file_is_plain_yaml():
    document = yaml.safe_load(parameter_files.yaml_text())
    assert document['/**']['ros__parameters']['model'] == 'lightning'
