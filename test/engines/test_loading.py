"""Loading networks: each engine can be chosen and loaded, and nothing is left open on failure."""
import importlib
import inspect

import pytest

from movenet_ros.config import Config, find
from movenet_ros.engines import loading
from movenet_ros.engines.loading import LOADERS, load_network, load_networks
from movenet_ros.errors import EngineError, ParameterError


def test_the_parameter_engine_offers_every_engine_and_auto():
    assert set(LOADERS) == set(find('engine').choices) - {'auto'}


@pytest.mark.parametrize('engine', LOADERS)
def test_every_engine_has_a_load_function_with_the_arguments_that_are_passed(engine):
    signature = inspect.signature(importlib.import_module(LOADERS[engine]).load)
    signature.bind(None, threads=1, device='cpu', precision='float32', reason='a test')


@pytest.mark.parametrize('engine', ['auto', *LOADERS])
def test_an_unknown_precision_is_rejected_by_every_engine(engine):
    with pytest.raises(ParameterError, match="'precision' = 'int4': must be one of: float32"):
        load_network('lightning', engine=engine, device='cpu', precision='int4')


def test_the_first_network_is_closed_when_the_second_cannot_be_loaded(monkeypatch):
    closed = []

    class FakeNetwork:
        def close(self):
            closed.append('main')

    def load(model, **options):
        if model == 'thunder':
            raise EngineError('out of memory')
        return FakeNetwork()

    monkeypatch.setattr(loading, 'load_network', load)
    with pytest.raises(EngineError, match='out of memory'):
        load_networks(Config(model='multipose', refine='thunder'))
    assert closed == ['main']
