"""Parameters over DDS and at the start: what is taken, what is rejected, and with which words."""
import json
import math
import re
import shutil

import pytest
from rcl_interfaces.msg import ParameterType
from rclpy.parameter import Parameter
from support.paths import MODELS
from support.process import NodeProcess
from support.ros import Peer

from movenet_ros.config import parameters
from movenet_ros.config.parameter import Change
from movenet_ros.ros.parameters import describe, unknown_overrides

LIVE = {'filter.beta': 12.5, 'tracker.max_age': 2.0, 'min_pose_score': 0.5,
        'overlay.line_width': 3, 'overlay.boxes': False, 'tracker.similarity': 'oks'}


@pytest.fixture
def active(peer):
    peer.bring_to('active')
    return peer


@pytest.fixture
def unconfigured(peer):
    peer.bring_to('unconfigured')
    return peer


def test_all_are_declared_with_their_defaults(peer):
    wanted = {p.name: p.default for p in parameters()}
    values = dict(zip(wanted, peer.get(*wanted), strict=True))
    for name, default in wanted.items():
        value = tuple(values[name]) if isinstance(default, tuple) else values[name]
        assert (value, type(value)) == (default, type(default))


def test_all_are_described(peer):
    found = {d.name: d for d in peer.describe(*(p.name for p in parameters()))}
    for parameter in parameters():
        descriptor = found[parameter.name]
        assert descriptor.description.startswith(parameter.text)
        assert descriptor.read_only == (parameter.change is Change.START)
        assert all(str(choice) in descriptor.additional_constraints
                   for choice in parameter.choices)
    assert found['tracker.max_age'].description.endswith(' [s]')
    assert 'Only with refine lightning/thunder. ' in found['people.tiles'].additional_constraints
    assert found['threads'].integer_range[0].to_value == 256
    assert found['crop.torso_scale'].floating_point_range[0].from_value == 1.0
    assert found['model'].type == ParameterType.PARAMETER_STRING


def test_live_ones_can_be_set_while_active(active):
    before = dict(zip(LIVE, active.get(*LIVE), strict=True))
    values = {name.replace('.', '__'): value for name, value in LIVE.items()}
    try:
        assert active.set(**values) == []
        assert active.get(*LIVE) == list(LIVE.values())
    finally:
        active.set(**{name.replace('.', '__'): value for name, value in before.items()})


@pytest.mark.parametrize('state', ['inactive', 'active'])
def test_others_need_a_reconfigure(peer, state):
    peer.bring_to(state)
    [reason] = peer.set(model='thunder')
    assert ('model needs a reconfigure: deactivate, clean up, set it, configure again' in reason)
    assert peer.get('model') == ['lightning']
    # what changes nothing is no reason to reject
    assert peer.set(model='lightning') == []


def test_others_can_be_set_while_unconfigured(unconfigured):
    assert unconfigured.set(model='thunder', threads=1) == []
    assert unconfigured.transition('configure')
    unconfigured.bring_to('unconfigured')
    assert unconfigured.set(model='lightning', threads=2) == []


def test_some_only_at_the_start(unconfigured):
    [reason] = unconfigured.set(autostart=True)
    assert 'read-only' in reason


@pytest.mark.parametrize(('name', 'value', 'says'), [
    ('filter__beta', -1.0, 'out of range'),
    ('filter__beta', math.nan, 'out of range'),
    ('filter__beta', 'much', 'type'),
    ('threads', -1, 'out of range'),
    ('threads', 1.5, 'type'),
    ('model', 'thnder', 'must be one of: lightning, thunder, multipose'),
    ('rotate', 45, 'must be one of: 0, 90, 180, 270'),
    ('rotate', [0, 45], 'must be one of: 0, 90, 180, 270'),
    ('multipose__long_side', 100, 'must be a multiple of 32'),
    ('tracker__oks_falloffs', [0.1, 0.2], 'must hold 17 numbers, not 2'),
    ('tracker__oks_falloffs', [0.0] * 17, 'must be 1e-06 to 1'),
])
def test_bad_values_are_rejected_with_a_reason(unconfigured, name, value, says):
    dotted = name.replace('__', '.')
    before = unconfigured.get(dotted)
    [reason] = unconfigured.set(**{name: value})
    assert re.search(says, reason)
    assert unconfigured.get(dotted) == before


def test_a_batch_is_taken_as_a_whole_or_not_at_all(active):
    before = active.get('filter.beta', 'min_pose_score')
    [reason] = active.set(atomically=True, filter__beta=1.0, min_pose_score=0.9, model='thunder')
    assert 'model needs a reconfigure' in reason
    [reason] = active.set(
        atomically=True, filter__beta=1.0, tracker__similarity='nose', min_pose_score=0.9)
    assert 'tracker.similarity' in reason
    assert active.get('filter.beta', 'min_pose_score') == before


def test_what_contradicts_is_accepted_with_a_warning_until_it_is_configured(node, unconfigured):
    """As `ros2 param load` sets one value after the other, in the order of their names."""
    assert unconfigured.set(refine='thunder') == []
    node.wait_for_line("parameter 'refine' = 'thunder': needs model multipose; model is "
                       "'lightning'. The node cannot be configured until this is settled")
    assert not unconfigured.transition('configure')
    node.wait_for_line("cannot configure: parameter 'refine' = 'thunder': needs model multipose")
    assert 'Traceback' not in node.text
    assert unconfigured.set(refine='lightning', model='multipose') == []
    assert unconfigured.transition('configure')
    [reason] = unconfigured.set(model='lightning')
    assert 'needs a reconfigure' in reason
    unconfigured.bring_to('unconfigured')
    assert unconfigured.set(model='lightning', refine='none') == []


def test_a_dump_can_be_loaded_value_by_value(unconfigured):
    names = [p.name for p in parameters() if p.change is not Change.START]
    before = dict(zip(names, unconfigured.get(*names), strict=True))
    wanted = {**before, 'model': 'multipose', 'refine': 'thunder', 'people.tiles': 2}
    try:
        for name in sorted(wanted, reverse=True):  # refine before model
            assert unconfigured.set(**{name: wanted[name]}) == [], name
        assert unconfigured.get(*names) == list(wanted.values())
    finally:
        for name, value in before.items():
            assert unconfigured.set(**{name: value}) == []


def test_accepted_changes_are_logged_in_one_line(node, active):
    try:
        assert active.set(atomically=True, overlay__boxes=False, tracker__max_age=2.5) == []
        node.wait_for_line('parameters changed: tracker.max_age from 1.0 to 2.5, overlay.boxes '
                           'from True to False')
    finally:
        assert active.set(overlay__boxes=True, tracker__max_age=1.0) == []


def test_setting_what_is_already_set_is_not_logged(node, active):
    try:
        # The lines come in order, so the change before and the one after it say when to look.
        assert active.set(tracker__max_age=2.75) == []
        node.wait_for_line('parameters changed: tracker.max_age from 1.0 to 2.75')
        assert active.set(overlay__boxes=True) == []
        assert active.set(tracker__max_age=2.875) == []
        node.wait_for_line('parameters changed: tracker.max_age from 2.75 to 2.875')
    finally:
        assert active.set(tracker__max_age=1.0) == []
    assert not [line for line in node.lines if 'overlay.boxes from True to True' in line]
    changes = [line for line in node.lines if 'parameters changed' in line]
    before, after = ([number for number, line in enumerate(changes) if text in line]
                     for text in ('from 1.0 to 2.75', 'from 2.75 to 2.875'))
    assert after == [number + 1 for number in before]


def test_a_change_without_effect_is_warned_of(node, active):
    try:
        assert active.set(multipose__min_pose_score=0.375) == []
        node.wait_for_line('no effect: multipose.min_pose_score = 0.375 (only with model multipose '
                           'and refine none; here model lightning, refine none)')
    finally:
        assert active.set(multipose__min_pose_score=0.15) == []


def test_settings_without_effect_are_warned_of_when_it_is_configured(node, unconfigured):
    assert unconfigured.set(people__tiles=3, people__max_people=7) == []
    try:
        assert unconfigured.transition('configure')
        node.wait_for_line('no effect: people.tiles = 3, people.max_people = 7 (only with refine')
    finally:
        unconfigured.bring_to('unconfigured')
        assert unconfigured.set(people__tiles=1, people__max_people=12) == []


@pytest.mark.parametrize(('values', 'says'), [
    ({'engine': 'litert', 'device': 'gpu:0'}, 'the litert engine has no device gpu:0'),
    ({'engine': 'litert', 'precision': 'bfloat16'},
     'the litert engine has no precision bfloat16 on a CPU, only float32, int8, float16: '),
    ({'device': 'cuda'}, "parameter 'device' = 'cuda': must be auto, cpu, gpu:N")])
def test_what_the_engine_has_not_is_told_when_it_is_configured(node, unconfigured, values, says):
    before = dict(zip(values, unconfigured.get(*values), strict=True))
    assert unconfigured.set(**values) == []
    assert not unconfigured.transition('configure')
    node.wait_for_line(f'cannot configure: {says}')
    assert unconfigured.set(**before) == []
    assert unconfigured.transition('configure')


@pytest.mark.parametrize(('damage', 'says'), [
    (lambda file: file.unlink(), 'cannot be read (No such file'),
    (lambda file: (file.unlink(), file.mkdir()), 'cannot be read (Is a directory'),
    (lambda file: file.write_bytes(file.read_bytes()[:1000]), 'has 1000 bytes, expected'),
    (lambda file: file.write_bytes(file.read_bytes()[::-1]), 'has SHA-256')],
    ids=['missing', 'unreadable', 'truncated', 'changed'])
def test_a_damaged_model_is_told_when_it_is_configured(node, unconfigured, tmp_path, damage, says):
    models = shutil.copytree(MODELS, tmp_path / 'models')
    damage(models / 'movenet_lightning.tflite')
    assert unconfigured.set(models_dir=str(models)) == []
    assert not unconfigured.transition('configure')
    node.wait_for_line(f'{models}/movenet_lightning.tflite {says}')
    assert 'Traceback' not in node.text
    assert unconfigured.set(models_dir='') == []
    assert unconfigured.transition('configure')


def test_a_whole_number_will_do_for_a_float(active):
    assert active.set(filter__beta=250) == []
    assert active.get('filter.beta') == [250.0]
    assert active.set(filter__beta=300) == []


@pytest.mark.parametrize('value', [
    [1] * 17, [0.5] * 17, str([1, *[0.5] * 16])], ids=['whole', 'floats', 'both'])
def test_lists_of_floats_take_whole_numbers(active, value):
    """`ros2 param set` passes a list of whole numbers and floats as a text."""
    before = active.get('tracker.oks_falloffs')[0]
    try:
        assert active.set(tracker__oks_falloffs=value) == []
        wanted = json.loads(value) if isinstance(value, str) else value
        assert list(active.get('tracker.oks_falloffs')[0]) == [float(item) for item in wanted]
    finally:
        assert active.set(tracker__oks_falloffs=list(before)) == []


@pytest.mark.parametrize('value', ['[1, x]', '1', [1] * 16, [2] * 17])
def test_other_lists_are_rejected(active, value):
    assert len(active.set(tracker__oks_falloffs=value)) == 1


def test_one_angle_will_do_for_a_list_of_it(unconfigured):
    try:
        assert unconfigured.set(rotate=180) == []
        assert list(unconfigured.get('rotate')[0]) == [180]
        assert unconfigured.transition('configure')
        [reason] = unconfigured.set(rotate=0)
        assert 'rotate needs a reconfigure' in reason
    finally:
        unconfigured.bring_to('unconfigured')
        assert unconfigured.set(rotate=[0]) == []


def test_angles_for_other_cameras_than_there_are_fail_to_configure(node, unconfigured):
    assert unconfigured.set(rotate=[0, 180]) == []
    try:
        assert not unconfigured.transition('configure')
        node.wait_for_line("cannot configure: parameter 'rotate' = (0, 180): must hold one value, "
                           "or one for each camera; cameras is ('',)")
    finally:
        assert unconfigured.set(rotate=[0]) == []


def test_a_parameter_cannot_be_removed(active):
    gone = Parameter('filter.beta', Parameter.Type.NOT_SET).to_parameter_msg()
    assert len(active.set_messages([gone])) == 1
    assert active.get('filter.beta') == [300.0]


def test_simulated_time_can_be_switched(active):
    assert active.set(use_sim_time=True) == []
    # the clock is paused now, the reports must not be
    with active.diagnostics() as reports:
        active.until(lambda: len(reports) > 1, 'reports without a clock')
    assert reports[-1].header.stamp.sec == 0
    assert active.set(use_sim_time=False) == []


def start_with(*arguments, **values):
    """Starts a node that must not start; returns what it says."""
    with NodeProcess(*arguments, **values) as process:
        code = process.process.wait(20)
        process._reader.join(20)
    assert code == 2
    assert 'Traceback' not in process.text
    return process.text


@pytest.mark.parametrize(('name', 'value', 'cause'), [
    ('filter.beta', '-3.0', 'must be 0 to 1e+06'),
    ('model', 'blitz', 'must be one of: lightning, thunder, multipose'),
    ('rotate', '45', 'must be one of: 0, 90, 180, 270'),
    ('autostart', 'perhaps', 'must be a boolean, not a text')])
def test_a_bad_value_at_the_start(name, value, cause):
    text = start_with(**{name: value})
    assert 'movenet cannot start' in text
    assert f"parameter '{name}' = " in text
    assert value in text
    assert cause in text


def test_what_contradicts_at_the_start_ends_it_if_it_is_to_configure_itself():
    text = start_with(refine='thunder', autostart='true')
    assert "movenet cannot start: parameter 'refine' = 'thunder': needs model multipose" in text


def test_what_contradicts_at_the_start_is_warned_of_if_not():
    with NodeProcess('-r __ns:=/contradicts', refine='thunder') as process:
        process.wait_for_line("'refine' = 'thunder': needs model multipose")
        process.wait_for_line('waiting for a lifecycle manager')


def test_a_bad_value_in_a_file(tmp_path):
    path = tmp_path / 'bad.yaml'
    path.write_text('/**:\n  ros__parameters:\n    tracker:\n      max_age: -1\n')
    text = start_with(f'--params-file {path}')
    assert "parameter 'tracker.max_age' = -1" in text


def test_a_file_that_is_not_there():
    assert '/nowhere.yaml' in start_with('--params-file /nowhere.yaml')


def test_a_file_that_ros_cannot_read(tmp_path):
    path = tmp_path / 'aliases.yaml'
    path.write_text('/**: {ros__parameters: &a {b: *a}}')
    (line,) = [line for line in start_with(f'--params-file {path}').splitlines()
               if 'movenet cannot start' in line]
    assert 'Will not support aliasing' in line and 'arguments.c' in line


def test_an_unknown_ros_argument():
    assert "unknown ROS arguments: ['--chese']" in start_with('--chese')


def test_a_file_with_a_typo_and_whole_numbers(tmp_path):
    path = tmp_path / 'typo.yaml'
    path.write_text('/**:\n  ros__parameters:\n    filter:\n      bta: 3.0\n      beta: 31\n'
                    '    use_sim_time: false\n')
    peer = Peer('/typo/movenet')
    try:
        with NodeProcess('-r __ns:=/typo', f'--params-file {path}') as process:
            process.wait_for_line("'filter.bta' was given at the start, but there is none")
            assert "did you mean 'filter.beta'?" in process.text
            assert process.text.count('was given at the start') == 1
            assert peer.get('filter.beta') == [31.0]
    finally:
        peer.close()


@pytest.mark.parametrize(('section', 'applies'), [
    ('movenet', False), ('/robot1/eyes', False), ('/*', False), ('/**', True),
    ('/robot2/movenet', True)])
def test_a_file_that_ros_ignores_is_warned_of(tmp_path, section, applies):
    path = tmp_path / 'my.yaml'
    path.write_text(f'{section}: {{ros__parameters: {{threads: 1}}}}')
    with NodeProcess('-r __ns:=/robot2', f'--params-file {path}') as process:
        process.wait_for_line('waiting for a lifecycle manager')
    logged = (f'parameter file {path}: ROS ignores it for the node /robot2/movenet; its sections: '
            f'{section}')
    assert (logged in process.text) != applies


def test_an_image_topic_for_cameras_with_names_is_warned_of():
    remaps = [f'-r {name}:=/camera/{name}' for name in ('image', 'depth', 'camera_info')]
    with NodeProcess('-r __ns:=/named', *remaps, '-p cameras:=[front,left]',
                     autostart='true') as process:
        for name in ('image', 'depth', 'camera_info'):
            process.wait_for_line(
                f'no effect: {name} remapped to /camera/{name} (only with an unnamed camera; here '
                f'remap front/{name}, left/{name})')


@pytest.mark.parametrize(('transport', 'remedy'), [
    ('none', 'only with depth.transport raw'),
    ('compressedDepth', 'with depth.transport compressedDepth remap depth/compressedDepth')])
def test_a_depth_topic_that_is_not_subscribed_to_is_warned_of(transport, remedy):
    with NodeProcess('-r depth:=/camera/depth', autostart='true',
                     **{'depth.transport': transport}) as process:
        process.wait_for_line(f'no effect: depth remapped to /camera/depth ({remedy})')


def test_whole_numbers_in_the_list_of_a_file(tmp_path):
    path = tmp_path / 'whole.yaml'
    path.write_text(f'/**: {{ros__parameters: {{tracker: {{oks_falloffs: {[1] * 17}}}}}}}')
    with NodeProcess('-r __ns:=/whole', f'--params-file {path}') as process:
        process.wait_for_line('waiting for a lifecycle manager')


def test_of_many_unknown_overrides_a_few_are_named():
    sentences = unknown_overrides(f'x{number}' for number in range(100_000))
    assert len(sentences) == 6 and sentences[-1].startswith('99995 more')


def test_unknown_overrides():
    names = ['model', 'use_sim_time', 'qos_overrides./image.subscription.depth', 'zzz', 'treads']
    first, second = unknown_overrides(names)
    assert "did you mean 'threads'?" in first
    assert 'movenet params' in second


@pytest.mark.parametrize('parameter', parameters(), ids=lambda p: p.name)
def test_a_descriptor_says_when_the_parameter_can_be_set(parameter):
    said = describe(parameter).additional_constraints
    words = {Change.LIVE: 'next image', Change.RECONFIGURE: 'unconfigured', Change.START: 'starts'}
    assert words[parameter.change] in said
