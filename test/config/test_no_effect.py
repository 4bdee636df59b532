"""Settings without effect: what declarations.py declares is what the pipeline does."""
import itertools

import numpy as np
import pytest
from support.networks import remembering
from support.paths import ROOT

from movenet_ros.config import Config, find, parameters
from movenet_ros.config import files as parameter_files
from movenet_ros.config.condition import setting
from movenet_ros.config.no_effect import without_effect, without_effect_offline
from movenet_ros.core.pipeline import advance
from movenet_ros.core.state import State
from movenet_ros.engines.loading import load_networks
from movenet_ros.files.sources import open_source

CLIP = ROOT / 'test' / 'data' / 'several_people.mp4'
IMAGES = 8
BASES = {
    'lightning': {},
    'unfiltered': {'filter.enabled': False, 'min_confident_keypoints': 0},
    'multipose': {'model': 'multipose'},
    'multipose, oks': {'model': 'multipose', 'tracker.similarity': 'oks'},
    'refined': {'model': 'multipose', 'refine': 'lightning', 'people.period': 0.1}}
# What the networks are made of would have to be loaded again; on a CPU it is all the same.
LOADED = {'device', 'precision', 'fallback'}


@pytest.fixture(scope='module')
def frames():
    with open_source(str(CLIP), fps=30.0, topic=None) as source:
        # Every third: so that people move, and are lost and detected again.
        return [(frame.picture(), frame.stamp_ns)
                for frame in itertools.islice(source, 0, 3 * IMAGES, 3)]


@pytest.fixture(scope='module')
def networks():
    loaded = {}

    def of(config):
        key = config.model, config.refine
        if key not in loaded:
            loaded[key] = remembering(load_networks(config))
        return loaded[key]

    yield of
    for each in loaded.values():
        each.close()


def run(frames, networks, config):
    """The bytes of all poses."""
    state, parts = State(), []
    for picture, stamp_ns in frames:
        state, poses = advance(state, picture, stamp_ns, networks(config), config)
        parts += [np.ascontiguousarray(value).tobytes() for value in (
            poses.xy, poses.keypoint_score, poses.box, poses.score, poses.id, poses.age)]
    return parts


def others(parameter):
    """Values far from the default, on both sides."""
    if isinstance(parameter.default, bool):
        return [not parameter.default]
    if parameter.choices:
        return [c for c in parameter.choices if c != parameter.default]
    values = [parameter.minimum, parameter.maximum]
    if isinstance(parameter.default, tuple):
        return [(value,) * len(parameter.default) for value in values]
    return [type(parameter.default)(value) for value in values if value != parameter.default]


def idle(base):
    """The parameters that are said to have no effect with these settings."""
    values = Config().replace(base).values()
    return [p for p in parameters() if p.applies and not p.applies.holds(values)
            and p.name not in {'refine', *LOADED}]


@pytest.mark.parametrize('base', BASES, ids=str)
@pytest.mark.parametrize('side', [0, -1])
def test_what_is_said_to_have_no_effect_has_none(frames, networks, base, side):
    config = Config().replace(BASES[base])
    names = idle(BASES[base])
    changed = config.replace({p.name: others(p)[side] for p in names})
    assert names and len(without_effect(changed)) > 0
    assert run(frames, networks, changed) == run(frames, networks, config)


# Not in this clip: it has the shape that MultiPose takes, few people, none who cross,
# and none that the crop of a single-person model loses.
NOT_SEEN = {
    'lightning': {'tracker.min_iou', 'tracker.min_oks', 'tracker.oks_min_keypoint_score',
                  'tracker.oks_min_keypoints', 'tracker.predict', 'tracker.similarity'},
    'multipose': {'tfjs.network_order', 'tfjs.padded_boxes', 'tracker.predict',
                  'tracker.similarity'}}


@pytest.mark.parametrize('base', NOT_SEEN)
def test_what_is_said_to_have_an_effect_has_one(frames, networks, base):
    """So that no parameter is declared to have an effect that it lacks."""
    config = Config().replace(BASES[base])
    same = run(frames, networks, config)
    left = [p for p in parameters() if p.applies and p.shapes_poses and p.change.value == 'live'
            and p.applies.holds(config.values())]
    without = {p.name for p in left if all(
        run(frames, networks, config.replace({p.name: value})) == same for value in others(p))}
    assert without <= NOT_SEEN[base]


def test_a_condition_names_parameters_and_values_that_there_are():
    for parameter in parameters():
        for settings in parameter.applies.alternatives if parameter.applies else ():
            for each in settings:
                assert [find(each.name).check(value) for value in each.values]


@pytest.mark.parametrize(('values', 'sentences'), [
    ({'min_pose_score': 0.5}, []),
    ({'model': 'multipose', 'min_pose_score': 0.5},
     ['no effect: min_pose_score = 0.5 (only with model lightning/thunder or refine '
      'lightning/thunder; here model multipose, refine none)']),
    ({'people.tiles': 2, 'people.period': 0.0},
     ['no effect: people.period = 0.0, people.tiles = 2 (only with refine lightning/thunder; here '
      'refine none)']),
    ({'filter.enabled': False, 'filter.beta': 1.0},
     ['no effect: filter.beta = 1.0 (only with filter.enabled true; here filter.enabled false)']),
    ({'engine': 'litert', 'fallback': True, 'device': 'gpu:0', 'precision': 'int8'},
     ["no effect: device = 'gpu:0' (only with engine auto/keras/openvino/onnxruntime; "
      'here engine litert)']),
    ({'min_confident_keypoints': 0, 'confident_keypoint_score': 0.1},
     ['no effect: confident_keypoint_score = 0.1 (only with model lightning/thunder and '
      'min_confident_keypoints 1 to 17 or refine lightning/thunder and '
       'min_confident_keypoints 1 to 17; here '
      'model lightning, min_confident_keypoints 0, refine none)'])])
def test_a_sentence_names_parameter_value_and_reason(values, sentences):
    assert without_effect(Config().replace(values)) == sentences


def test_defaults_are_not_reported():
    for model in find('model').choices:
        assert without_effect(Config().replace({'model': model})) == []


def test_only_the_given_parameters_are_reported():
    config = Config().replace({'people.tiles': 2, 'multipose.long_side': 512})
    assert len(without_effect(config)) == 2
    assert len(without_effect(config, ['people.tiles', 'filter.beta'])) == 1


def test_parameters_of_the_node_have_no_effect_offline():
    config = Config().replace({'transport': 'compressed', 'threads': 1})
    assert without_effect_offline(config, ['transport', 'threads']) == [
        "no effect: transport = 'compressed' (only in the node)"]
    assert without_effect_offline(config, ['threads', 'cameras']) == []


def test_conditions_combine():
    first, second = setting('model', 'thunder'), setting('refine', 'none')
    both, either = first & second, first | second
    for model, refine in itertools.product(('thunder', 'multipose'), ('none', 'thunder')):
        values = {'model': model, 'refine': refine}
        assert both.holds(values) == (model == 'thunder' and refine == 'none')
        assert either.holds(values) == (model == 'thunder' or refine == 'none')


def test_the_documentation_shows_it():
    row = next(line for line in parameter_files.markdown_page().splitlines()
               if line.startswith('| `multipose.min_pose_score`'))
    assert '| model multipose and refine none |' in row
    assert 'only: model multipose and refine none]' in ' '.join(
        parameter_files.yaml_text().replace('#', '').split())
    assert 'only: in the node]' in parameter_files.yaml_text()
