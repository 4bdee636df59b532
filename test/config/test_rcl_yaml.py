"""A parameter file means to us what it means to ROS: compared with real nodes."""
import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from movenet_ros.config.rcl_yaml import DEEPEST, LARGEST_FILE, read_sections
from movenet_ros.errors import SourceError

rclpy = pytest.importorskip('rclpy')

NODES = (('movenet', '/'), ('movenet', '/robot'), ('eyes', '/robot/front'))
SCALARS = (
    '1', '-3', '+5', '010', '08', '0x1F', '0b1', '1_000', '9223372036854775807',
    '9223372036854775808', '1.5', '1e-1', '1e400', '1e-400', '1e-310', '0x1p3', '.5', '5.',
    '.inf', '-.inf', '+.INF', '.nan', '-.nan', 'inf', 'Infinity', 'nan',
    'yes', 'No', 'on', 'OFF', 'y', 'true', 'False', 'tRUE',
    '~', 'null', 'x', 'two words', '"yes"', "'3'", '""', '"a\\0b"', '"\\u00e9"', '!!str 3',
    '!!int "3"', '!!str yes', '&anchor 5', '2001-01-01', '1' * 5000)
REJECTED = ('@x', '*alias', '[1, yes]', '[[1], [2]]', '[', '', '\t')
LISTS = (
    '[1, 2]', '[1, 2.0]', '[1.0, 2.0]', '[yes, no]', '[a, "b"]', '[a, yes]', '[]', '{}',
    '[[1, 2]]', '[[1], [2]]', '[{b: 1}]', '[{b: 1}, {c: 2}]', '[b: 1, 2]')
WHOLE_FILES = (
    '', '# nothing', '5', '- 1', '[' * (DEEPEST - 10), '\t', 'a: {' * 60,
    'movenet: {ros__parameters: {a: 1}}\n/**: {ros__parameters: {a: 2}}',
    '/**: {ros__parameters: {a: 1}}\n/**: {ros__parameters: {b: 2}}',
    '/**: {ros__parameters: {a: 1, a: x, a: true}}',
    '/**: {ros__parameters: {a: [1, 2], a: [x]}}',
    '/**: {ros__parameters: {f: {b: 1}, f: {b: 2}, f.b: 3, f: 4, f: {c: 2}}}',
    '/**: {ros__parameters: {x: {a.b: {c: 1}, d: 2}}}',
    '/**: {ros__parameters: {a: {}, b: {c: {}}}}',
    '/**: {ros__parameters: 5}', '/**: {ros__parameters: [1, 2]}', '/**: 5',
    '/**: {ros__parameters: {a: 1}}\n/*: {ros__parameters: 5}',
    '/**: {ros__parameters: {a: 1}}\nmovenet: {ros__parameters: {b: 1}}\n/**: {ros__parameters: 5}',
    '/**: {ros__parametersx: {a: 1}}', 'ros__parameters: {a: 1}',
    '---\n/**: {ros__parameters: {a: 1}}\n---\nmovenet: {ros__parameters: {a: 2}}',
    '/**: {ros__parameters: {? [1] : 2}}', '/**: {ros__parameters: {"": 2}}',
    '/**: {ros__parameters: {a: }}', '/**: {ros__parameters: {a: |\n yes}}',
    '/**:\n\tros__parameters: {a: 1}',
    '/**: &x {ros__parameters: {a: 1}}\nmovenet: {<<: *x}',
    '/**: {ros__parameters: {a: ' + '[' * 50 + ']' * 50 + '}}',
    'robot: {movenet: {ros__parameters: {a: 1}}, x: {ros__parameters: {a: 3}}}',
    '/: {movenet: {ros__parameters: {a: 1}}, eyes: {ros__parameters: {a: 2}}}')
SECTIONS = (
    '/**', '/*', '"*"', '"**"', '/*/*', '/**/movenet', '/robot/**', '/robot/*', '/**/**/eyes',
    'movenet', '/movenet', 'robot/movenet', '/robot/movenet', '/robot/front/eyes', '/*/front/*',
    '//movenet', 'movenet/', '2x', 'a b', '/robot*', 'x' * 300)


def from_ros(*paths):
    """The overrides that each of the nodes gets; None if ROS does not take the file."""
    context = rclpy.context.Context()
    try:
        files = itertools.chain.from_iterable(('--params-file', str(path)) for path in paths)
        rclpy.init(args=['test', '--ros-args', *files], context=context)
    except RuntimeError:
        return None
    try:
        return [_overrides(context, *node) for node in NODES]
    finally:
        rclpy.shutdown(context=context)


def _overrides(context, name, namespace):
    node = rclpy.create_node(name, namespace=namespace, context=context, enable_rosout=False,
                             start_parameter_services=False)
    try:
        return {name: p.value for name, p in node._parameter_overrides.items()}
    finally:
        node.destroy_node()


def as_we_read(*paths):
    try:
        sections = read_sections(*paths)
    except SourceError:
        return None
    return [dict(itertools.chain.from_iterable(
        s.values.items() for s in sections if s.applies_to(f'{namespace.rstrip("/")}/{name}')))
        for name, namespace in NODES]


def check(folder, *texts):
    paths = [folder / f'{number}.yaml' for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding='utf-8')
    # As texts: a NaN is not equal to itself, and 1 is to True.
    read = as_we_read(*paths)
    assert repr(read) == repr(from_ros(*paths)), texts
    return read


def test_values(tmp_path):
    lines = ''.join(f'    a{n}: {value}\n' for n, value in enumerate(SCALARS))
    read = check(tmp_path, f'/**:\n  ros__parameters:\n{lines}')
    assert read is not None and len(read[0]) == len(SCALARS)


@pytest.mark.parametrize('value', LISTS + REJECTED)
def test_a_list_or_what_ros_rejects(tmp_path, value):
    check(tmp_path, f'/**:\n  ros__parameters:\n    a: {value}\n    b: 1\n')


@pytest.mark.parametrize('text', WHOLE_FILES, ids=range(len(WHOLE_FILES)))
def test_a_file(tmp_path, text):
    check(tmp_path, text)


@pytest.mark.parametrize('name', SECTIONS)
def test_a_section(tmp_path, name):
    check(tmp_path, f'/**/eyes: {{ros__parameters: {{a: 1}}}}\n'
                    f'{name}: {{ros__parameters: {{a: 2, b: 3}}}}')


def test_several_files(tmp_path):
    """A section stays in the place where it was seen first."""
    check(tmp_path, '/**: {ros__parameters: {a: 1, b: 1}}\nmovenet: {ros__parameters: {a: 2}}',
          '/**: {ros__parameters: {a: 3, b: x}}', '/**/eyes: {ros__parameters: {b: [1]}}')


names = st.sampled_from(['a', 'b', 'f', 'f.a', 'a.b.c'])
values = st.recursive(
    st.sampled_from([*(value for value in SCALARS if len(value) < 100), '[1, 2]', '[x]']),
    lambda inner: st.lists(st.tuples(names, inner), min_size=1, max_size=3).map(
        lambda pairs: '{' + ', '.join(f'{name}: {value}' for name, value in pairs) + '}'),
    max_leaves=5)
sections = st.tuples(
    st.sampled_from(['/**', '/*', 'movenet', '/movenet', '/robot/movenet', '/**/eyes',
                     '/robot/**']),
    st.lists(st.tuples(names, values), min_size=1, max_size=3).map(
        lambda pairs: ''.join(f'    {name}: {value}\n' for name, value in pairs)))
files = st.lists(sections, min_size=1, max_size=4).map(
    lambda parts: ''.join(f'{name}:\n  ros__parameters:\n{body}' for name, body in parts))


@settings(max_examples=30, derandomize=True, deadline=None, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=files)
def test_generated_files(tmp_path, text):
    check(tmp_path, text)


@pytest.mark.parametrize(('content', 'words'), [
    pytest.param(b'[' * 500_000, 'maximum nesting depth|nested deeper', id='nested'),
    pytest.param(b'/**: {ros__parameters: {a: ' + b'[' * 500 + b']' * 500 + b'}}',
                 'nested deeper than 100 levels', id='closed'),
    pytest.param(b'x' * (LARGEST_FILE + 1), 'at most 1048576 are read', id='large'),
    pytest.param(b'/**: \xff', 'invalid leading UTF-8', id='not UTF-8'),
    pytest.param(b'/**:\n\tros__parameters: {a: 1}', 'cannot start any token', id='tab'),
    pytest.param(b'a: &a [x]\nb: [*a, *a]', 'a value before ros__parameters, in line 1', id='bomb'),
    pytest.param(b'/**: {ros__parameters: {a: &a 1, b: *a}}', r'an alias \(\*a\)', id='alias'),
    pytest.param(b'/**: {ros__parameters: {' + b'x' * 1000 + b': {a: 1}}}',
                 'a name of more than 500 letters', id='name'),
    pytest.param(b'x' * 1000 + b': {ros__parameters: {a: 1}}',
                 'a name of more than 500 letters', id='node'),
    pytest.param(b'/**: {ros__parameters: {a: [1, 0.5]}}', '0.5 in a list of another type',
                 id='mixed')])
def test_what_cannot_be_read_ends_in_one_line(tmp_path, content, words):
    path = tmp_path / 'my.yaml'
    path.write_bytes(content)
    with pytest.raises(SourceError, match=words) as caught:
        read_sections(path)
    assert '\n' not in str(caught.value) and len(str(caught.value)) < 500
