"""How many people can be read in an image, and what is said where they are too many."""
import re
import time

import numpy as np
import pytest
from support.process import NodeProcess
from support.ros import Peer, values_of

from movenet_ros.config import Config
from movenet_ros.core.network import NetworkInfo
from movenet_ros.ros.budget import RUNS, most_people, reading_time, warning


class Slow:
    """A network that takes 2 ms for each picture."""

    info = NetworkInfo('thunder', 'test', 'cpu', 1, '', 64)

    def __init__(self):
        self.shapes = []

    def infer(self, pictures):
        self.shapes.append(pictures.shape)
        time.sleep(0.002 * len(pictures))
        return np.zeros((len(pictures), 17, 3), np.float32)


@pytest.mark.parametrize('batch', [1, 4])
def test_the_time_is_that_of_one_person(batch):
    network = Slow()
    assert reading_time(network, batch) >= 0.002
    assert network.shapes == [(batch, 64, 64, 3)] * RUNS


def config(people, age=1.0):
    return Config().replace({'people.max_people': people, 'tracker.max_age': age})


@pytest.mark.parametrize(('age', 'reading', 'expected'), [
    (1.0, 0.053, 18), (1.0, 0.008, 125), (0.5, 0.053, 9), (1.0, 3.0, 1)])
def test_as_many_are_read_as_fit_into_the_age_of_a_track(age, reading, expected):
    assert most_people(config(12, age), reading) == expected


def test_too_many_people_are_warned_of_with_the_number_that_fits():
    assert warning(config(18), 0.053) is None
    text = warning(config(28), 0.053)
    assert text.startswith('people.max_people = 28: ')
    assert '1.5 s per image' in text
    assert 'tracker.max_age = 1 s; 18 can be read' in text


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
            assert re.fullmatch(r'\d+\.\d ms', values['time per person read'])
            assert (int(values['people read in tracker.max_age']) < people) == warned
    finally:
        peer.close()


def test_a_node_that_reads_nobody_again_tells_no_such_time(peer):
    assert peer.transition('configure')
    with peer.diagnostics() as reports:
        peer.until(lambda: reports, 'a report')
    assert 'time per person read' not in values_of(reports[0].status[0])
