"""The Keras engine around the network: weights that do not fit, batches, errors."""

import dataclasses
import importlib.util

import numpy as np
import pytest

from movenet_ros.core.center_weight import published_weight
from movenet_ros.engines.keras.backends import BACKENDS, load_backend
from movenet_ros.engines.keras.network import KerasNetwork, load_model
from movenet_ros.engines.models import find_models_dir, load_manifest, read_verified
from movenet_ros.engines.weights.convolutions import read_weights
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


def test_missing_and_superfluous_weights(entries):
    load_backend()
    entry = entries['lightning']
    weights = read_weights(read_verified(entry), entry.path)
    fewer = {name: each for name, each in weights.items() if name != 'lateral_2'}
    with pytest.raises(ModelError, match=r'layer lateral_2 needs weights of .* the file has none'):
        load_model(entry, fewer, 'float32')
    more = {**weights, 'block_17_expand': weights['stem']}
    with pytest.raises(ModelError, match='weights of block_17_expand that the network has no use'):
        load_model(entry, more, 'float32')
    lost = dataclasses.replace(weights['merge_0_depthwise'], bias=np.ones(64))
    biased = {**weights, 'merge_0_depthwise': lost}
    with pytest.raises(ModelError, match='and a bias'):
        load_model(entry, biased, 'float32')


def test_unknown_network_and_changed_file(entries, tmp_path):
    entry = entries['lightning']
    with pytest.raises(ModelError, match="Keras has no network 'blaze'"):
        KerasNetwork(dataclasses.replace(entry, name='blaze'), device='cpu')
    with pytest.raises(ModelError, match='cannot be read'):
        KerasNetwork(dataclasses.replace(entry, path=tmp_path / 'none.tflite'), device='cpu')


def test_batches_are_padded_and_split(network, monkeypatch):
    sizes = []

    def run(pictures, weights, max_people):
        sizes.append((len(pictures), len(weights)))
        return np.stack([pictures[:, 0, 0, 0], weights[:, 0, 0]], axis=1)

    monkeypatch.setattr(network, '_run', run)
    batch, weights = np.zeros((70, 192, 192, 3), np.uint8), np.zeros((70, 48, 48), np.float32)
    batch[:] = np.arange(70).reshape(70, 1, 1, 1)
    weights[:] = np.arange(70).reshape(70, 1, 1) / 2
    numbers = np.stack([np.arange(70), np.arange(70) / 2], axis=1)
    np.testing.assert_array_equal(network.infer(batch, weights), numbers)
    np.testing.assert_array_equal(network.infer(batch[:5], weights[:5]), numbers[:5])
    assert sizes == [(64, 64), (8, 8), (8, 8)]


def test_without_weights_every_picture_has_the_published_one(network, monkeypatch):
    monkeypatch.setattr(network, '_run', lambda pictures, weights, max_people: weights)
    found = network.infer(np.zeros((3, 192, 192, 3), np.uint8))
    np.testing.assert_array_equal(found, [published_weight(48)] * 3)


@pytest.mark.parametrize('shape', [(1, 256, 256, 3), (192, 192, 3), (0, 192, 192, 3)])
def test_wrong_pictures(network, shape):
    with pytest.raises(ImageError, match='the network takes'):
        network.infer(np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    ('shape', 'dtype'),
    [((48, 48), np.float32), ((1, 48, 48), np.float32), ((2, 64, 64), np.float32),
     ((2, 48, 48), np.float64)])
def test_wrong_weights(network, shape, dtype):
    with pytest.raises(ImageError, match=r'must be \[2, 48, 48\] float32, .* got'):
        network.infer(np.zeros((2, 192, 192, 3), np.uint8), np.ones(shape, dtype))


def test_wrong_sizes_for_multipose(entries):
    with pytest.raises(ImageError, match='multiples of 32'):
        KerasNetwork(entries['multipose'], device='cpu').warm(1, 100, 64)


def test_errors_of_the_library_are_explained(network, monkeypatch):
    def run(*arguments):
        raise RuntimeError('RESOURCE_EXHAUSTED: failed to allocate')

    monkeypatch.setattr(network, '_run', run)
    with pytest.raises(EngineError, match=r'out of memory with a batch of \[2, 192, 192, 3\]'):
        network.infer(np.zeros((2, 192, 192, 3), np.uint8))


def test_closed_network(network):
    network.close()
    network.close()
    with pytest.raises(EngineError, match='closed'):
        network.warm(1, 192, 192)
