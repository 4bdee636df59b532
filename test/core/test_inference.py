"""Several inferences at once: they share the runs of a network, and nothing else."""

import numpy as np
import pytest
from support.paths import DATA

from movenet_ros.config import Config
from movenet_ros.core.inference import InferenceRequest, run_batched, run_inference
from movenet_ros.core.network import REFERENCE_PEOPLE, Networks
from movenet_ros.core.pipeline import advance, process_image
from movenet_ros.core.state import State
from movenet_ros.engines.loading import load_networks
from movenet_ros.errors import EngineError
from movenet_ros.files.sources import open_source

STEP = 33_333_333
CLIP = DATA / 'several_people.mp4'


class CountingNetwork:
    """A network that sums up each picture, and notes the pictures and arguments of each run."""

    def __init__(self, network=None):
        self.network, self.batches, self.arguments = network, [], []
        self.info = network.info if network else None

    def infer(self, pictures, *more):
        self.batches.append(len(pictures))
        self.arguments.append(more)
        if self.network:
            return self.network.infer(pictures, *more)
        return pictures.sum(axis=(1, 2, 3), dtype=np.float32)


def pictures(*values, side=2):
    return np.stack([np.full((side, side, 1), value, np.uint8) for value in values])


def sums_of(network, *batches):
    """Requests one batch after the other; returns all sums."""
    sums = []
    for batch in batches:
        rows = yield InferenceRequest(network, batch)
        sums += rows.tolist()
    return sums


def test_a_single_inference_is_run_request_by_request():
    network = CountingNetwork()
    assert run_inference(sums_of(network, pictures(1), pictures(2, 3))) == [4, 8, 12]
    assert network.batches == [1, 2]


def test_several_inferences_share_the_runs():
    network = CountingNetwork()
    inferences = [sums_of(network, pictures(1), pictures(4)), sums_of(network, pictures(2, 3)),
              sums_of(network), sums_of(network, pictures(5))]
    assert run_batched(inferences) == [[4, 16], [8, 12], [], [20]]
    assert network.batches == [4, 1]


def test_requests_for_different_networks_or_sizes_are_not_batched():
    one, other = CountingNetwork(), CountingNetwork()
    inferences = [sums_of(one, pictures(1)), sums_of(one, pictures(2, side=3)),
              sums_of(other, pictures(3)), sums_of(one, pictures(4))]
    assert run_batched(inferences) == [[4], [18], [12], [16]]
    assert (one.batches, other.batches) == ([2, 1], [1])


def weights(*values):
    return np.stack([np.full((1, 1), value, np.float32) for value in values])


def answers_to(*requests):
    """The sums that each request is answered with, all of them open at the same time."""
    def once(request):
        rows = yield request
        return rows.tolist()
    return run_batched([once(request) for request in requests])


def test_weights_are_batched_in_the_order_of_their_pictures():
    network = CountingNetwork()
    assert answers_to(InferenceRequest(network, pictures(1), weights(10)),
                      InferenceRequest(network, pictures(2, 3), weights(20, 30))) == [[4], [8, 12]]
    [(joined, max_people)] = network.arguments
    np.testing.assert_array_equal(joined, weights(10, 20, 30))
    assert max_people == REFERENCE_PEOPLE


def test_requests_with_and_without_weights_are_not_batched():
    network = CountingNetwork()
    assert answers_to(InferenceRequest(network, pictures(1)),
                      InferenceRequest(network, pictures(2), weights(20)),
                      InferenceRequest(network, pictures(3)),
                      InferenceRequest(network, pictures(4), weights(40))) == [[4], [8], [12], [16]]
    assert network.batches == [2, 2]
    (without, _), (joined, _) = network.arguments
    assert without is None
    np.testing.assert_array_equal(joined, weights(20, 40))


def test_requests_for_different_numbers_of_people_are_not_batched():
    network = CountingNetwork()
    assert answers_to(InferenceRequest(network, pictures(1), max_people=12),
                      InferenceRequest(network, pictures(2)),
                      InferenceRequest(network, pictures(3), max_people=12)) == [[4], [8], [12]]
    assert network.batches == [2, 1]
    assert network.arguments == [(None, 12), (None, REFERENCE_PEOPLE)]


@pytest.mark.parametrize('wrong', [np.nan, np.inf, -np.inf])
def test_values_that_are_not_numbers_end_the_inferences(wrong):
    class Wrong(CountingNetwork):
        def infer(self, pictures, *_):
            return np.array([1.0, wrong, 2.0], np.float32)[:len(pictures)]
    with pytest.raises(EngineError, match='NaN or infinite'):
        run_batched([sums_of(Wrong(), pictures(1)), sums_of(Wrong(), pictures(1, 2))])


def test_an_inference_that_handles_a_failure_does_not_end_the_others():
    class Failing(CountingNetwork):
        def infer(self, pictures, *_):
            raise EngineError('out of memory')

    def handled(network):
        try:
            yield InferenceRequest(network, pictures(1))
        except EngineError as error:
            return str(error)

    failing, working = Failing(), CountingNetwork()
    assert run_batched([handled(failing), sums_of(working, pictures(1), pictures(2)),
                        handled(failing)]) == ['out of memory', [4, 8], 'out of memory']


def test_the_caller_may_run_the_requests_itself():
    seen = []

    def run(request):
        seen.append(len(request.pictures))
        return np.zeros(len(request.pictures), np.float32)

    assert run_inference(sums_of(CountingNetwork(), pictures(1, 2)), run) == [0, 0]
    assert seen == [2]


@pytest.mark.parametrize('values', [
    {'model': 'lightning'}, {'model': 'multipose'},
    {'model': 'multipose', 'refine': 'lightning', 'people.second_long_side': 0}])
def test_batched_cameras_give_the_same_poses_as_each_alone(values):
    config = Config().replace(values)
    loaded = load_networks(config)
    networks = Networks(CountingNetwork(loaded.main),
                        loaded.refine and CountingNetwork(loaded.refine))
    frames = [frame.picture() for frame in open_source(CLIP)][:12]
    clips = (frames[:6], frames[6:], frames[3:9])

    states, together = [State()] * len(clips), []
    for number, seen in enumerate(zip(*clips, strict=True)):
        done = run_batched([process_image(state, picture, number * STEP, networks, config)
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
