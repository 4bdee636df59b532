"""The target in a real clip, with the networks: ids and poses do not depend on it."""
import itertools

import numpy as np
import pytest
from support.paths import DATA

from movenet_ros.config import Config
from movenet_ros.core.observation import (
    ObservationState,
    ObservedImage,
    observe,
    select_target,
)
from movenet_ros.core.pipeline import advance
from movenet_ros.core.state import State
from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.core.target.target import Status
from movenet_ros.engines.loading import load_networks
from movenet_ros.files.sources import open_source
from movenet_ros.messages.pose_array import PoseMessage, serialize

MULTI = {'model': 'multipose'}


@pytest.fixture(scope='module')
def frames():
    with open_source(str(DATA / 'several_people.mp4'), fps=30.0, topic=None) as source:
        return [(frame.stamp_ns, frame.picture()) for frame in itertools.islice(source, 30)]


@pytest.fixture(scope='module')
def networks():
    loaded = load_networks(Config().replace(MULTI))
    yield loaded
    loaded.close()


def run(frames, networks, **parameters):
    """The bytes of the messages, the targets, and the observations' poses."""
    config = Config().replace({**MULTI, **{
        name.replace('__', '.'): value for name, value in parameters.items()}})
    state, observed, raw, targets = State(), ObservationState(), [], []
    for number, (stamp_ns, picture) in enumerate(frames):
        state, poses = advance(state, picture, stamp_ns, networks, config)
        observed, observation = observe(
            observed, ObservedImage(stamp_ns, 'camera', picture, poses), config)
        raw.append(serialize(PoseMessage(divmod(stamp_ns, 10**9), 'camera', picture.width,
                                         picture.height, number, 'multipose', poses)))
        targets.append(observation.target)
    return raw, targets


def test_ids_and_poses_are_the_same_with_a_target_and_without(frames, networks):
    without, nobody = run(frames, networks)
    followed, targets = run(frames, networks, target__select='largest')
    assert {t.status for t in nobody} == {Status.NONE}
    assert Status.TRACKED in {t.status for t in targets}
    assert followed == without


def test_the_same_images_give_the_same_targets(frames, networks):
    one, other = (run(frames, networks, target__select='central')[1] for _ in range(2))
    for a, b in zip(one, other, strict=True):
        assert (a.status, a.id, a.row, a.confidence) == (b.status, b.id, b.row, b.confidence)
        np.testing.assert_array_equal(a.pose.xy, b.pose.xy)


def test_a_selection_outlives_a_restart_and_an_outlying_stamp(frames, networks):
    picture = frames[0][1]
    _, poses = advance(State(), picture, 0, networks, Config().replace(MULTI))
    number = int(poses.id[0])
    config, second = Config().replace(MULTI), 10**9
    state = select_target(ObservationState(), Selection(Criterion.ID, id=number))
    for stamp in (100 * second, 100 * second + 10**8, 0, 100 * second + 2 * 10**8, 50 * second):
        state, observation = observe(
            state, ObservedImage(stamp, 'camera', picture, poses), config)
        assert observation.target.status is Status.TRACKED
