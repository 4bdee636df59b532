"""The one declaration of the parameters."""
import dataclasses
import math

import pytest
from support.paths import ROOT

from movenet_ros.config import Config, find, parameters
from movenet_ros.config import files as parameter_files
from movenet_ros.config.declarations import COCO_KEYPOINTS, FilterConfig
from movenet_ros.config.no_effect import without_effect
from movenet_ros.config.parameter import Change
from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.errors import ParameterError


def test_every_value_of_a_config_is_a_declared_parameter():
    assert [p.name for p in parameters()] == list(Config().values())
    assert {p.name: p.default for p in parameters()} == Config().values()


def test_the_declarations_count_the_keypoints_of_the_skeleton():
    assert COCO_KEYPOINTS == KEYPOINTS


@pytest.mark.parametrize('parameter', parameters(), ids=lambda p: p.name)
def test_every_parameter_is_documented_and_its_default_allowed(parameter):
    assert parameter.text.endswith(('.', ';')) and len(parameter.text) > 15
    assert parameter.check(parameter.default) == parameter.default


@pytest.mark.parametrize(('name', 'value'), [
    ('min_pose_score', 0.25), ('min_keypoint_score', 0.2), ('crop.torso_scale', 1.9),
    ('crop.body_scale', 1.2), ('crop.smoothing', 0.9), ('tracker.max_tracks', 18),
    ('tracker.max_age', 1.0), ('tracker.min_iou', 0.15), ('tracker.min_oks', 0.2),
    ('filter.min_cutoff', 2.5), ('filter.beta', 300.0), ('filter.derivative_cutoff', 2.5),
    ('filter.threshold_cutoff', 0.5), ('filter.threshold_beta', 5.0),
    ('multipose.long_side', 256), ('multipose.min_pose_score', 0.25)])
def test_the_preset_has_the_references_constants(name, value):
    preset = parameter_files.read(ROOT / 'config' / 'tfjs.yaml')
    assert Config().replace(preset).values()[name] == value


def test_the_preset_for_two_cores_fits_together():
    preset = parameter_files.read(ROOT / 'config' / 'two_cores.yaml')
    config = Config().replace(preset)
    config.check_together()
    assert (config.refine, config.multipose.long_side) == ('lightning', 320)
    assert not without_effect(config)


@pytest.mark.parametrize(('name', 'value', 'words'), [
    ('threads', -1, '0 to 256'), ('threads', 2.0, 'whole number'),
    ('threads', True, 'whole number'),
    ('threads', '2', 'whole number'), ('filter.beta', -1.0, '0 to 1e+06'),
    ('filter.beta', math.nan, 'finite'), ('filter.beta', math.inf, 'finite'),
    ('filter.beta', None, 'number'), ('filter.enabled', 1, 'boolean'),
    pytest.param('filter.beta', 10**400, 'finite', id='too large for a float'),
    pytest.param('filter.beta', -10**400, 'finite', id='too small for a float'),
    pytest.param('threads', 10**5000, 'thousands of digits', id='too large to be written'),
    ('model', 'posenet', 'multipose'), ('model', 3, 'text'),
    ('multipose.long_side', 250, 'multiple of 32'),
    ('people.second_long_side', 500, 'multiple of 32'),
    ('people.second_long_side', 32, 'at least 64'),
    ('tracker.oks_falloffs', [0.1], '17 numbers'), ('tracker.oks_falloffs', 'abc', '17 numbers'),
    ('tracker.oks_falloffs', [0.0] * 17, '1e-06'),
    ('cameras', ['left', 'left'], 'each once'), ('cameras', [], 'one or more names'),
    ('cameras', 'left', 'list of texts'), ('cameras', ['left', 2], 'text, not a whole number'),
    ('cameras', ['le/ft'], "'le/ft' is no name for a topic"),
    ('cameras', ['x' * 65], 'up to 63 letters'),
    ('rotate', 45, "'rotate' = 45: must be one of: 0, 90, 180, 270"),
    ('rotate', [0, 45], "'rotate' = 45: must be one of: 0, 90, 180, 270"),
    ('rotate', -90, 'must be one of: 0, 90, 180, 270'), ('rotate', [], 'one or more whole numbers'),
    ('rotate', 90.0, 'whole number, not a number'), ('rotate', 'up', 'whole number, not a text'),
    ('rotate', True, 'whole number, not a boolean'),
    ('fliter.beta', 1.0, "did you mean 'filter.beta'"),
    ('', 1, 'no such parameter')])
def test_a_rejection_names_parameter_value_and_cause(name, value, words):
    with pytest.raises(ParameterError) as caught:
        Config().replace({name: value})
    assert name in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize('value', ['x\n' * 10_000, list(range(10_000)), {'a': 'b' * 10_000}],
                         ids=['text', 'list', 'group'])
@pytest.mark.parametrize('name', ['model', 'threads', 'tracker.oks_falloffs', 'rotate',
                                  'no\nname' * 1000],
                         ids=['text', 'number', 'numbers', 'whole numbers', 'unknown'])
def test_a_rejection_is_one_short_line_whatever_the_value(name, value):
    with pytest.raises(ParameterError) as caught:
        Config().replace({name: value})
    assert '\n' not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_nothing_is_changed_when_one_of_several_is_rejected():
    before = Config()
    with pytest.raises(ParameterError):
        before.replace({'min_pose_score': 0.5, 'threads': -1})
    assert before == Config()


def test_contradictions_are_reported_when_all_values_are_there():
    step = Config().replace({'refine': 'thunder'})
    with pytest.raises(ParameterError, match="'refine' = 'thunder': needs model multipose; model "
                                             "is 'lightning'"):
        step.check_together()
    step.replace({'model': 'multipose'}).check_together()


def test_an_angle_is_that_of_all_cameras_or_there_is_one_for_each():
    cameras = Config().replace({'cameras': ['front', 'rear']})
    for config in (Config(), cameras):
        turned = config.replace({'rotate': 180})
        turned.check_together()
        assert {turned.rotation(name) for name in turned.cameras} == {180}
        assert turned.rotation() == 180
    each = cameras.replace({'rotate': [90, 270]})
    each.check_together()
    assert [each.rotation(name) for name in ('rear', 'front')] == [270, 90]


@pytest.mark.parametrize(('cameras', 'rotate'), [
    (('front', 'rear'), (0, 90, 180)), (('front', 'rear', 'left'), (0, 180)), (('',), (0, 180))])
def test_another_number_of_angles_than_cameras_is_rejected(cameras, rotate):
    config = Config().replace({'cameras': cameras, 'rotate': rotate})
    with pytest.raises(ParameterError) as caught:
        config.check_together()
    assert str(caught.value) == (
        f"parameter 'rotate' = {rotate}: must hold one value, or one for each camera; cameras is "
        f'{cameras}')


def test_whole_numbers_are_taken_for_floats():
    changed = Config().replace({'filter.beta': 10, 'tracker.oks_falloffs': [1] * 17})
    assert changed.filter.beta == 10.0 and type(changed.filter.beta) is float
    assert changed.tracker.oks_falloffs == (1.0,) * 17


def test_a_config_made_directly_is_checked_too():
    with pytest.raises(ParameterError, match=r'filter\.beta'):
        Config(filter=FilterConfig(beta=-1.0))
    with pytest.raises(ParameterError, match=r"'rotate' = 180: must be a tuple, like \(180,\)"):
        Config(rotate=180)


def test_a_config_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().model = 'thunder'


@pytest.mark.parametrize(('name', 'text', 'value'), [
    ('filter.beta', '10', 10.0), ('filter.beta', '1e2', 100.0), ('threads', '3', 3),
    ('filter.enabled', 'False', False), ('filter.enabled', 'true', True),
    ('model', 'thunder', 'thunder'), ('rotate', '180', (180,)), ('rotate', '[0, 90]', (0, 90)),
    ('models_dir', '7', '7'), ('tracker.oks_falloffs', str([0.5] * 17), (0.5,) * 17)])
def test_command_line_texts_are_parsed(name, text, value):
    assert find(name).parse(text) == value


@pytest.mark.parametrize(('name', 'text'), [
    ('filter.beta', 'much'), ('threads', '2.5'), ('filter.enabled', 'yes'), ('threads', ''),
    ('rotate', 'up'), ('rotate', '0, 180'), ('filter.beta', 'NaN'),
    pytest.param('filter.beta', '1' * 5000, id='digits'),
    pytest.param('threads', '[' * 5000, id='brackets')])
def test_invalid_command_line_texts_are_rejected(name, text):
    with pytest.raises(ParameterError, match=name):
        find(name).parse(text)


def test_the_digest_depends_on_what_changes_the_numbers():
    digests = {Config().replace(values).digest() for values in (
        {}, {'model': 'thunder'}, {'filter.beta': 1.0}, {'tracker.similarity': 'oks'},
        {'rotate': 180})}
    assert len(digests) == 5
    assert all(len(d) == 16 and int(d, 16) >= 0 for d in digests)


def test_the_digest_does_not_depend_on_the_rest():
    same = {'threads': 7, 'overlay.boxes': False, 'transport': 'compressed', 'autostart': True}
    assert Config().replace(same).digest() == Config().digest()


@pytest.mark.parametrize('name', ['model', 'engine', 'threads', 'models_dir', 'transport',
                                  'cameras', 'rotate'])
def test_what_is_loaded_needs_a_reconfigure(name):
    assert find(name).change is Change.RECONFIGURE


@pytest.mark.parametrize('prefix', ['filter.', 'overlay.', 'crop.', 'min_'])
def test_thresholds_filter_and_overlay_are_live(prefix):
    assert {p.change for p in parameters() if p.name.startswith(prefix)} == {Change.LIVE}
