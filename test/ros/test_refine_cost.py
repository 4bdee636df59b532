"""How many people can be read in an image, and what is said where they are too many."""
import re
import time

import numpy as np
import pytest
from support.process import NodeProcess
from support.ros import Peer, values_of

from movenet_ros.config import Config
from movenet_ros.core.network import NetworkInfo, Networks
from movenet_ros.core.types import Picture
from movenet_ros.ros.refine_cost import RUNS, RefineCost
from movenet_ros.ros.resources import WarmNetworks

PICTURE = Picture(np.zeros((480, 640, 3), np.uint8))


class Slow:
    """A network that takes 2 ms for each picture."""

    def __init__(self, model, size, batches=False):
        self.info = NetworkInfo(model, 'test', 'cpu', 1, '', size, batches)
        self.rows = (6, 56) if size is None else (17, 3)
        self.shapes = []

    def infer(self, pictures, *_):
        self.shapes.append(pictures.shape)
        time.sleep(0.002 * len(pictures))
        return np.zeros((len(pictures), *self.rows), np.float32)

    def close(self):
        pass


def config(people=12, age=1.0, **values):
    return Config().replace({'model': 'multipose', 'refine': 'thunder', 'tracker.max_age': age,
                             'people.max_people': people, **values})


@pytest.mark.parametrize(('batches', 'batch'), [(False, 1), (True, 12)])
def test_detection_is_measured_whole_and_reading_for_one_person(batches, batch):
    finder, reader = Slow('multipose', None), Slow('thunder', 64, batches)
    cost = RefineCost.measure(Networks(finder, reader), PICTURE, config(**{'people.tiles': 2}))
    # The image at two scales, and four tiles.
    assert len(finder.shapes) == 6 * RUNS
    assert cost.detection >= 6 * 0.002
    assert reader.shapes == [(batch, 64, 64, 3)] * RUNS
    assert cost.reading >= 0.002


@pytest.mark.parametrize(('refine', 'is_measured'), [('none', False), ('lightning', True)])
def test_the_cost_is_measured_only_with_a_second_network(refine, is_measured):
    loaded = WarmNetworks.load(Config().replace({'model': 'multipose', 'refine': refine}))
    loaded.networks.close()
    assert loaded.seconds > 0.0
    assert (loaded.cost is not None) == is_measured


def test_without_a_second_network_there_is_nothing_to_measure():
    finder = Slow('multipose', None)
    assert RefineCost.measure(Networks(finder), PICTURE, Config()) is None
    assert finder.shapes == []


@pytest.mark.parametrize(('cost', 'seconds', 'expected'), [
    (RefineCost(0.2, 0.053), 1.0, 15), (RefineCost(0.0, 0.008), 1.0, 125),
    (RefineCost(0.2, 0.053), 0.5, 5), (RefineCost(1.2, 0.01), 1.0, 0)])
def test_as_many_people_fit_as_are_detected_and_read_in_time(cost, seconds, expected):
    assert cost.most_people(seconds) == expected
    assert cost.image(expected) <= seconds or not expected
    assert cost.image(expected + 1) > seconds


def test_too_many_people_are_warned_of_with_the_number_that_fits():
    cost = RefineCost(0.2, 0.053)
    assert cost.warning(config(15)) is None
    text = cost.warning(config(28))
    assert text == ('people.max_people = 28: an image with that many people takes 1.7 s on this '
                    'engine (0.2 s to detect them, 53 ms to read each), longer than '
                    'tracker.max_age = 1 s; 15 people fit')
    assert RefineCost(1.2, 0.01).warning(config(1)).endswith(
        'take fewer people.tiles or smaller scales')


@pytest.mark.parametrize(('people', 'age', 'warned'), [(100, 0.02, True), (1, 60.0, False)])
def test_a_node_measures_at_configure_and_tells(people, age, warned):
    parameters = {'model': 'multipose', 'refine': 'lightning', 'people.max_people': people,
                  'tracker.max_age': age}
    peer = Peer()
    try:
        with NodeProcess(**parameters) as node:
            assert peer.transition('configure')
            node.wait_for_line('configured:')
            assert (f'people.max_people = {people}: ' in node.text) == warned
            with peer.diagnostics() as reports:
                peer.until(lambda: reports, 'a report')
            values = values_of(reports[0].status[0])
            assert re.fullmatch(r'\d+\.\d ms', values['time to detect people'])
            assert re.fullmatch(r'\d+\.\d ms', values['time to read each person'])
            assert (int(values['people that fit tracker.max_age']) < people) == warned
    finally:
        peer.close()


def test_a_node_that_reads_nobody_again_tells_no_such_time(peer):
    assert peer.transition('configure')
    with peer.diagnostics() as reports:
        peer.until(lambda: reports, 'a report')
    assert 'time to read each person' not in values_of(reports[0].status[0])
