"""The Keras engine around the network: weights that do not fit, batches, errors."""

import dataclasses
import importlib.util

import numpy as np
import pytest

from movenet_ros.engines.keras.backends import BACKENDS, load_backend
from movenet_ros.engines.keras.network import KerasNetwork, load_decode, load_model
from movenet_ros.engines.keras.weights import read_weights
from movenet_ros.engines.models import find_models_dir, load_manifest, read_verified
from movenet_ros.errors import EngineError, ImageError, ModelError

if not importlib.util.find_spec('keras') or not any(map(importlib.util.find_spec, BACKENDS)):
    pytest.skip(f'needs Keras and one of {", ".join(BACKENDS)}', allow_module_level=True)

# Importing TensorFlow and others warns of their own affairs.
pytestmark = pytest.mark.filterwarnings('default')


@pytest.fixture(scope='module')
def entries():
    return load_manifest(find_models_dir()).models


@pytest.fixture
def network(entries):
    return KerasNetwork(entries['lightning'], device='cpu', warm_batches=())


def test_weights_of_another_network(entries):
    load_backend()
    weights = read_weights(read_verified(entries['thunder']), entries['thunder'].path)
    with pytest.raises(ModelError, match=r'layer stem needs .*32.* the file has .*56'):
        load_model(entries['lightning'], weights, 'float32')
    with pytest.raises(ModelError, match=r'must hold .* \[48, 48\], has \[64, 64\]'):
        load_decode(entries['lightning'], weights)


def test_missing_and_superfluous_weights(entries):
    load_backend()
    entry = entries['lightning']
    weights = read_weights(read_verified(entry), entry.path)
    fewer = {name: each for name, each in weights.convolutions.items() if name != 'lateral_2'}
    with pytest.raises(ModelError, match=r'layer lateral_2 needs weights of .* the file has none'):
        load_model(entry, dataclasses.replace(weights, convolutions=fewer), 'float32')
    more = {**weights.convolutions, 'block_17_expand': weights.convolutions['stem']}
    with pytest.raises(ModelError, match='weights of block_17_expand that the network has no use'):
        load_model(entry, dataclasses.replace(weights, convolutions=more), 'float32')
    lost = dataclasses.replace(weights.convolutions['merge_0_depthwise'], bias=np.ones(64))
    biased = {**weights.convolutions, 'merge_0_depthwise': lost}
    with pytest.raises(ModelError, match='and a bias'):
        load_model(entry, dataclasses.replace(weights, convolutions=biased), 'float32')


def test_unknown_network_and_changed_file(entries, tmp_path):
    entry = entries['lightning']
    with pytest.raises(ModelError, match="Keras has no network 'blaze'"):
        KerasNetwork(dataclasses.replace(entry, name='blaze'), device='cpu')
    with pytest.raises(ModelError, match='cannot be read'):
        KerasNetwork(dataclasses.replace(entry, path=tmp_path / 'none.tflite'), device='cpu')


def test_batches_are_padded_and_split(network, monkeypatch):
    sizes = []

    def run(pictures):
        sizes.append(len(pictures))
        return np.repeat(pictures[:, :1, 0, :1], 17, axis=1).astype(np.float32)

    monkeypatch.setattr(network, '_run', run)
    batch = np.zeros((70, 192, 192, 3), np.uint8)
    batch[:] = np.arange(70).reshape(70, 1, 1, 1)
    np.testing.assert_array_equal(network.infer(batch)[:, 0, 0], np.arange(70))
    assert len(network.infer(batch[:5])) == 5
    assert sizes == [64, 8, 8]


@pytest.mark.parametrize('shape', [(1, 256, 256, 3), (192, 192, 3), (0, 192, 192, 3)])
def test_wrong_pictures(network, shape):
    with pytest.raises(ImageError, match='the network takes'):
        network.infer(np.zeros(shape, np.uint8))


def test_wrong_sizes_for_multipose(entries):
    with pytest.raises(ImageError, match='multiples of 32'):
        KerasNetwork(entries['multipose'], device='cpu').warm(1, 100, 64)


def test_errors_of_the_library_are_explained(network, monkeypatch):
    def run(pictures):
        raise RuntimeError('RESOURCE_EXHAUSTED: failed to allocate')

    monkeypatch.setattr(network, '_run', run)
    with pytest.raises(EngineError, match=r'out of memory with a batch of \[2, 192, 192, 3\]'):
        network.infer(np.zeros((2, 192, 192, 3), np.uint8))


def test_closed_network(network):
    network.close()
    network.close()
    with pytest.raises(EngineError, match='closed'):
        network.warm(1, 192, 192)
