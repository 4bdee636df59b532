"""The network in Keras against the files that LiteRT runs, on real pictures, on the CPU."""

import importlib
import importlib.util

import cv2
import numpy as np
import pytest
from support.astronauts import eight_astronauts
from support.engines import sample_pictures

from movenet_ros.core.center_weight import published_weight
from movenet_ros.core.multipose_decode import HEADS, decode_multipose
from movenet_ros.engines.keras.backends import BACKENDS, load_backend
from movenet_ros.engines.keras.network import KerasNetwork, load_model
from movenet_ros.engines.litert import LiteRtNetwork
from movenet_ros.engines.models import find_models_dir, load_manifest, read_verified
from movenet_ros.engines.weights.convolutions import layer_name, read_weights
from movenet_ros.engines.weights.litert_file import read_litert_graph

if not importlib.util.find_spec('keras') or not any(map(importlib.util.find_spec, BACKENDS)):
    pytest.skip(f'needs Keras and one of {", ".join(BACKENDS)}', allow_module_level=True)
interpreters = pytest.importorskip('ai_edge_litert.interpreter', reason='LiteRT is not installed')

# Importing TensorFlow and others warns of their own affairs.
pytestmark = pytest.mark.filterwarnings('default')

MODELS = ('lightning', 'thunder', 'multipose')
SIZES = [(256, 256), (192, 256), (256, 160), (160, 96)]
CONV_2D = 3

TOLERANCE = 1e-3
"""Of scores, and of coordinates normalised to the picture, in float32."""
SEEN = 0.3


@pytest.fixture(scope='module')
def pictures():
    """Seven pictures with one person or more, to be scaled."""
    return list(sample_pictures())


@pytest.fixture(scope='module')
def entries():
    return load_manifest(find_models_dir()).models


@pytest.fixture(scope='module')
def networks(entries):
    return {name: KerasNetwork(entries[name], device='cpu', threads=2) for name in MODELS}


@pytest.fixture(scope='module')
def published(entries):
    return {name: LiteRtNetwork(entries[name], 2) for name in MODELS}


def scaled(pictures, size):
    return np.stack([cv2.resize(picture, size[::-1]) for picture in pictures])


def size_of(network):
    return (network.info.input_size or 192, network.info.input_size or 256)


def head_of(interpreter, content, head):
    """A raw head of a single-pose file, whose own output comes after the decoding."""
    tensors, operators = read_litert_graph(content)
    names = {i: each.name for i, each in enumerate(tensors)}
    # A kernel is widened to float32 by a step of its own.
    names |= {each.outputs[0]: names[each.inputs[0]] for each in operators if each.code == 6}
    for operator in operators:
        if operator.code == CONV_2D and layer_name(names[operator.inputs[1]]) == f'{head}_map':
            return interpreter.get_tensor(operator.outputs[0])
    raise AssertionError(head)


@pytest.mark.parametrize('model', MODELS)
def test_heads_are_those_of_the_file(entries, pictures, model):
    entry = entries[model]
    content = read_verified(entry)
    picture = scaled(pictures[:1], (entry.input_size or 192, entry.input_size or 256))
    interpreter = interpreters.Interpreter(
        model_content=content, experimental_preserve_all_tensors=True
    )
    index = interpreter.get_input_details()[0]['index']
    interpreter.resize_tensor_input(index, picture.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(index, picture)
    interpreter.invoke()
    load_backend()
    keras = importlib.import_module('keras')
    network = load_model(entry, read_weights(content, entry.path), 'float32')
    found = network(picture)
    assert len(found) == (len(HEADS) if model == 'multipose' else 4)
    for head, values in zip(HEADS, found, strict=False):
        expected = head_of(interpreter, content, head)
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(values), expected, rtol=1e-4, atol=1e-3, err_msg=head
        )


@pytest.mark.parametrize('model', ['lightning', 'thunder'])
def test_one_person_as_published(networks, published, pictures, model):
    batch = scaled(pictures, size_of(networks[model]))
    expected = np.concatenate([published[model].infer(each[None]) for each in batch])
    found = networks[model].infer(batch)
    assert found.shape == (len(batch), 17, 3)
    assert found.dtype == np.float32
    assert (expected[..., 2] > SEEN).sum() > 80
    # None of these pictures has two places that are equally hot.
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)


@pytest.mark.parametrize('size', SIZES)
def test_people_as_published(networks, published, pictures, size):
    batch = scaled(pictures, size)
    expected = np.concatenate([published['multipose'].infer(each[None]) for each in batch])
    found = networks['multipose'].infer(batch)
    assert found.shape == (len(batch), 6, 56)
    assert (expected[..., 55] > SEEN).any(axis=1).sum() >= len(batch) - 1
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)


@pytest.mark.parametrize('max_people', [1, 12])
def test_as_many_people_as_asked_for(networks, published, max_people):
    crowd = eight_astronauts()[None]
    expected = published['multipose'].infer(crowd, max_people=max_people)
    found = networks['multipose'].infer(crowd, max_people=max_people)
    assert found.shape == (1, max_people, 56)
    assert (found[..., 55] > SEEN).sum() == min(max_people, 8)
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)


def test_twelve_people_as_published(networks, published, pictures):
    batch = scaled(pictures, (192, 256))
    expected = published['multipose'].infer(batch, max_people=12)
    found = networks['multipose'].infer(batch, max_people=12)
    assert found.shape == (len(batch), 12, 56)
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)


def test_without_a_person_the_result_is_that_of_litert(networks, published):
    grey = np.full((1, 96, 128, 3), 128, np.uint8)
    expected = published['multipose'].infer(grey)
    np.testing.assert_allclose(networks['multipose'].infer(grey), expected, atol=TOLERANCE)


def test_decoding_with_fewer_than_six_peaks(networks):
    """Rare with pictures: the decoding by itself, against that of LiteRT's engine."""
    keras_decode = importlib.import_module('movenet_ros.engines.keras.decode')
    rng = np.random.default_rng(0)
    heads = [rng.normal(size=(8, 12, each)).astype(np.float32) for each in (1, 34, 17, 34, 2, 2)]
    heads[0][:] = -200
    heads[0][3, 4], heads[0][6, 9] = 2, 1
    heads[4] = np.abs(heads[4]) * 8
    expected = decode_multipose(*heads)
    keras = importlib.import_module('keras')
    tensors = [keras.ops.convert_to_tensor(each[None]) for each in heads]
    found = keras.ops.convert_to_numpy(keras_decode.decode_people(tensors, 6))[0]
    assert (expected[:2, 55] > 0).all()
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize('model', MODELS)
def test_a_batch_is_its_pictures(networks, pictures, model):
    network = networks[model]
    batch = scaled(pictures[:3], size_of(network))
    found = network.infer(batch)
    for row, picture in zip(found, batch, strict=True):
        np.testing.assert_allclose(network.infer(picture[None])[0], row, atol=TOLERANCE)


@pytest.mark.parametrize('model', MODELS)
def test_half_precision_is_close(entries, networks, pictures, model):
    network = KerasNetwork(entries[model], device='cpu', precision='float16', threads=2)
    assert network.info.engine.endswith(', float16')
    batch = scaled(pictures, size_of(network))
    pairs = zip(network.infer(batch), networks[model].infer(batch), strict=True)
    away = np.concatenate([distances(*pair) for pair in pairs])
    assert len(away) > 80
    assert np.quantile(away, 0.95) < 0.005
    # A keypoint may fall on another pixel of the map that is nearly as hot.
    assert away.max() < 0.05


def distances(found, expected):
    """How far the seen keypoints of one picture are from where they should be, [N]."""
    if expected.shape == (17, 3):
        return np.abs(found - expected)[expected[:, 2] > SEEN, :2].max(axis=1)
    away = []
    for person in expected[expected[:, 55] > SEEN, :51].reshape(-1, 17, 3):
        # Rows may change places: the nearest is the same person's.
        rows = [distances(row, person) for row in found[:, :51].reshape(-1, 17, 3)]
        away.append(min(rows, key=np.sum))
    return np.concatenate([np.empty(0), *away])


@pytest.mark.parametrize('model', MODELS)
def test_the_same_on_a_gpu(entries, published, pictures, model):
    if not load_backend().gpus():
        pytest.skip(f'{load_backend().name} has no GPU here')
    network = KerasNetwork(entries[model], device='gpu:0')
    assert network.info.device == 'gpu:0'
    batch = scaled(pictures, size_of(network))
    expected = np.concatenate([published[model].infer(each[None]) for each in batch])
    np.testing.assert_allclose(network.infer(batch), expected, atol=TOLERANCE)


def test_info(networks, entries):
    keras = importlib.import_module('keras')
    info = networks['lightning'].info
    assert info.engine == f'keras {keras.__version__} on {load_backend().name}'
    assert (info.model, info.device, info.input_size) == ('lightning', 'cpu', 192)
    assert info.threads >= 1
    assert info.sha256 == entries['lightning'].sha256
    assert networks['multipose'].info.input_size is None


def test_results_are_fresh_arrays_and_inputs_may_be_views(networks, pictures):
    network = networks['lightning']
    turned = scaled(pictures[:1], (192, 192))[:, :, ::-1]
    turned.setflags(write=False)
    first = network.infer(turned)
    kept = first.copy()
    network.infer(np.zeros((1, 192, 192, 3), np.uint8))
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(network.infer(np.ascontiguousarray(turned)), kept)
    first[:] = 0


def test_xla_takes_the_whole_program(entries):
    """What a GPU runs is one XLA program; that it can be one shows on a CPU, too."""
    backend = load_backend()
    if not backend.name.startswith('tensorflow'):
        pytest.skip('with JAX every program is XLA, with PyTorch none')
    tf = importlib.import_module('tensorflow')
    decoding = importlib.import_module('movenet_ros.engines.keras.decode')
    weight = published_weight(48)[None]
    for model, size, decode in (
        ('lightning', 192, lambda heads: decoding.decode_person(heads, weight)),
        ('multipose', 32, lambda heads: decoding.decode_people(heads, 6)),
    ):
        entry = entries[model]
        weights = read_weights(read_verified(entry), entry.path)
        network = load_model(entry, weights, 'float32')
        program = tf.function(
            lambda x, network=network, decode=decode: decode(network(x)), jit_compile=True
        )
        picture = np.zeros((1, size, size, 3), np.uint8)
        expected = KerasNetwork(entry, device='cpu', warm_batches=()).infer(picture)
        np.testing.assert_allclose(program(tf.constant(picture)), expected, atol=TOLERANCE)
