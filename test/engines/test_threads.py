"""`threads: 0` chooses by measurement; the choice itself is of made-up times."""
import importlib
import time
from types import SimpleNamespace

import numpy as np
import pytest
from support.engines import need_engine

from movenet_ros import MoveNet
from movenet_ros.engines import loading
from movenet_ros.engines.loading import load_network
from movenet_ros.engines.threads import ThreadsChoice, choose_threads, worthwhile
from movenet_ros.errors import EngineError


class Fake:
    """A network whose calls take a given time, and which fails when it is closed."""

    def __init__(self, seconds):
        self.info, self.seconds, self.closed = SimpleNamespace(input_size=32), seconds, False

    def infer(self, pictures):
        assert not self.closed and pictures.shape == (1, 32, 32, 3)
        time.sleep(self.seconds)

    def close(self):
        self.closed = True


@pytest.mark.parametrize(('seconds', 'chosen'), [
    ({1: 4.0, 2: 2.2}, 2), ({1: 4.0, 2: 3.9}, 1), ({1: 4.0, 2: 6.0}, 1),
    ({1: 4.0, 2: 2.2, 4: 2.0}, 2), ({1: 4.0, 2: 2.2, 4: 1.2}, 4),
    ({1: 4.0, 2: 3.9, 4: 2.0}, 4), ({8: 1.0, 1: 1.2}, 1)])
def test_more_threads_have_to_gain_something(seconds, chosen):
    assert worthwhile(seconds) == chosen


@pytest.mark.parametrize(('second', 'chosen'), [(0.002, 2), (0.02, 1)])
def test_it_is_measured(second, chosen):
    loaded = {}

    def load(count):
        loaded[count] = Fake({1: 0.02, 2: second}[count])
        return loaded[count]

    choice = choose_threads(load, cores=3)
    assert choice.threads == chosen
    assert 'ms with 1, ' in choice.reason and choice.reason.endswith('ms with 2')
    assert all(network.closed for network in loaded.values())


def test_one_core_needs_no_measurement():
    assert choose_threads(None, cores=1) == ThreadsChoice(1, '1 thread: there is 1 core')


def test_what_was_loaded_is_closed_where_the_next_fails():
    first = Fake(0.0)

    def load(count):
        if count > 1:
            raise EngineError('no memory')
        return first

    with pytest.raises(EngineError, match='no memory'):
        choose_threads(load, cores=2)
    assert first.closed


@pytest.mark.parametrize('model', ['lightning', 'multipose'])
def test_a_real_network_has_the_number_that_was_chosen(model, monkeypatch):
    monkeypatch.setattr(loading, 'usable_cores', lambda: 2)
    network = load_network(model, engine='litert', threads=0)
    assert network.info.threads in (1, 2)
    assert 'it is set; threads chosen by the time of a call: ' in network.info.reason
    picture = np.zeros((1, 192, 192, 3), np.uint8)
    same = load_network(model, engine='litert', threads=network.info.threads)
    assert network.infer(picture).tobytes() == same.infer(picture).tobytes()


def test_an_engine_with_one_number_has_all_cores(monkeypatch):
    asked = []
    monkeypatch.setattr(loading.importlib, 'import_module', lambda name: SimpleNamespace(
        load=lambda entry, **arguments: asked.append(arguments)))
    monkeypatch.setattr(loading, 'usable_cores', lambda: 6)
    load_network('lightning', engine='keras', threads=0)
    assert asked[0]['threads'] == 6
    assert 'keras has one number' in asked[0]['reason']


@pytest.mark.parametrize(('engine', 'device'), [
    ('openvino', 'gpu:0'), ('onnxruntime', 'gpu:1'), ('onnxruntime', 'tensorrt:0')])
def test_on_a_gpu_nothing_is_measured(monkeypatch, engine, device):
    asked = []
    monkeypatch.setattr(loading.importlib, 'import_module', lambda name: SimpleNamespace(
        load=lambda entry, **arguments: asked.append(arguments)))
    monkeypatch.setattr(loading, 'usable_cores', lambda: 6)
    load_network('lightning', engine=engine, device=device, threads=0)
    assert [arguments['threads'] for arguments in asked] == [1]
    assert f'the network runs on {device}' in asked[0]['reason']


@pytest.mark.parametrize('engine', ['openvino', 'onnxruntime', 'opencv'])
def test_other_engines_are_measured_and_keep_nothing(monkeypatch, engine):
    need_engine(engine)
    module = importlib.import_module(loading.LOADERS[engine])
    loaded, real_load = [], module.load

    def load(entry, **arguments):
        loaded.append(real_load(entry, **arguments))
        return loaded[-1]

    monkeypatch.setattr(module, 'load', load)
    monkeypatch.setattr(loading, 'usable_cores', lambda: 2)
    network = load_network('lightning', engine=engine, device='cpu', threads=0)
    assert [each.info.threads for each in loaded[:2]] == [1, 2]
    assert loaded[2] is network and network.info.threads in (1, 2)
    assert 'ms with 1, ' in network.info.reason
    for each in loaded[:2]:
        with pytest.raises(EngineError, match='is closed'):
            each.infer(np.zeros((1, 192, 192, 3), np.uint8))


def test_the_library_has_it_too():
    assert MoveNet(threads=0).detect(np.zeros((48, 64, 3), np.uint8)) is not None
