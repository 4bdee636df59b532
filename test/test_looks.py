"""Chains that run side by side: they share the runs of a network, and nothing else."""
from pathlib import Path

import numpy as np
import pytest

from movenet_ros.config import Config
from movenet_ros.core.looks import Look, complete, complete_all
from movenet_ros.core.network import Networks
from movenet_ros.core.pipeline import State, advance, chain
from movenet_ros.engines import load_networks
from movenet_ros.errors import EngineError
from movenet_ros.media.sources import open_source

STEP = 33_333_333
CLIP = Path(__file__).parent / 'data' / 'several_people.mp4'


class Counting:
    """A network that sums up each picture, and notes how many it was shown at a time."""

    def __init__(self, network=None):
        self.network, self.batches = network, []
        self.info = network.info if network else None

    def infer(self, pictures):
        self.batches.append(len(pictures))
        if self.network:
            return self.network.infer(pictures)
        return pictures.sum(axis=(1, 2, 3), dtype=np.float32)


def pictures(*values, side=2):
    return np.stack([np.full((side, side, 1), value, np.uint8) for value in values])


def looks_at(network, *batches):
    """Looks at one batch after the other; gives all sums."""
    sums = []
    for batch in batches:
        rows = yield Look(network, batch)
        sums += rows.tolist()
    return sums


def test_alone_a_chain_is_answered_look_by_look():
    network = Counting()
    assert complete(looks_at(network, pictures(1), pictures(2, 3))) == [4, 8, 12]
    assert network.batches == [1, 2]


def test_chains_side_by_side_share_the_runs():
    network = Counting()
    chains = [looks_at(network, pictures(1), pictures(4)), looks_at(network, pictures(2, 3)),
              looks_at(network), looks_at(network, pictures(5))]
    assert complete_all(chains) == [[4, 16], [8, 12], [], [20]]
    assert network.batches == [4, 1]


def test_what_does_not_fit_together_is_run_apart():
    one, other = Counting(), Counting()
    chains = [looks_at(one, pictures(1)), looks_at(one, pictures(2, side=3)),
              looks_at(other, pictures(3)), looks_at(one, pictures(4))]
    assert complete_all(chains) == [[4], [18], [12], [16]]
    assert (one.batches, other.batches) == ([2, 1], [1])


@pytest.mark.parametrize('wrong', [np.nan, np.inf, -np.inf])
def test_what_is_not_a_number_ends_the_chains(wrong):
    class Wrong(Counting):
        def infer(self, pictures):
            return np.array([1.0, wrong, 2.0], np.float32)[:len(pictures)]
    with pytest.raises(EngineError, match='not numbers'):
        complete_all([looks_at(Wrong(), pictures(1)), looks_at(Wrong(), pictures(1, 2))])


@pytest.mark.parametrize('values', [
    {'model': 'lightning'}, {'model': 'multipose'},
    {'model': 'multipose', 'refine': 'lightning', 'people.second_long_side': 0}])
def test_several_cameras_give_what_each_gives_alone(values):
    config = Config().replace(values)
    loaded = load_networks(config)
    networks = Networks(Counting(loaded.main), loaded.refine and Counting(loaded.refine))
    frames = [frame.picture() for frame in open_source(CLIP)][:12]
    clips = (frames[:6], frames[6:], frames[3:9])

    states, together = [State()] * len(clips), []
    for number, seen in enumerate(zip(*clips, strict=True)):
        done = complete_all([chain(state, picture, number * STEP, networks, config)
                             for state, picture in zip(states, seen, strict=True)])
        states = [state for state, _ in done]
        together.append([poses for _, poses in done])
    assert max(networks.main.batches) == len(clips)

    for camera, clip in enumerate(clips):
        state = State()
        for number, picture in enumerate(clip):
            state, poses = advance(state, picture, number * STEP, loaded, config)
            np.testing.assert_array_equal(poses.xy, together[number][camera].xy)
            np.testing.assert_array_equal(poses.id, together[number][camera].id)
    networks.main.network.close()
