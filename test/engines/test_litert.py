"""The LiteRT engine with the real weights on a real picture."""

import dataclasses
import hashlib
import sys

import numpy as np
import pytest
from support.astronauts import astronaut as one_astronaut
from support.astronauts import eight_astronauts, two_astronauts

from movenet_ros.config import find
from movenet_ros.core.center_weight import published_weight, weight_around
from movenet_ros.engines.litert import LiteRtNetwork
from movenet_ros.engines.loading import load_network
from movenet_ros.engines.models import find_models_dir, load_manifest
from movenet_ros.errors import EngineError, ModelError, ParameterError

pytest.importorskip('ai_edge_litert', reason='LiteRT is not installed')

SIZES = [(192, 256), (160, 256), (256, 160), (256, 256)]
# Read off the picture by eye: nose, eyes; y, x of its height and width.
FACE = [(0.23, 0.43), (0.2, 0.48), (0.2, 0.4)]


@pytest.fixture(scope='module')
def networks():
    names = ('lightning', 'thunder', 'multipose')
    loaded = {name: load_network(name, threads=2) for name in names}
    yield loaded
    for network in loaded.values():
        network.close()


def astronaut(height, width):
    return one_astronaut(height, width)[None]


def assert_is_the_astronaut(keypoints):
    assert (keypoints[[0, 1, 2, 5, 6], 2] > 0.3).all()
    np.testing.assert_allclose(keypoints[:3, :2], FACE, atol=0.03)


@pytest.mark.parametrize('model', ['lightning', 'thunder'])
def test_finds_one_person(networks, model):
    size = networks[model].info.input_size
    keypoints = networks[model].infer(astronaut(size, size))
    assert keypoints.shape == (1, 17, 3)
    assert keypoints.dtype == np.float32
    assert_is_the_astronaut(keypoints[0])


@pytest.mark.parametrize('size', SIZES)
def test_finds_the_person_among_six(networks, size):
    people = networks['multipose'].infer(astronaut(*size))
    assert people.shape == (1, 6, 56)
    assert people.dtype == np.float32
    assert people[0, 0, 55] > 0.3
    assert (people[0, 1:, 55] < 0.2).all()
    assert_is_the_astronaut(people[0, 0, :51].reshape(17, 3))


def test_finds_two_people_side_by_side(networks):
    one = astronaut(192, 192)
    people = networks['multipose'].infer(np.concatenate([one, one[:, :, ::-1]], axis=2))[0]
    assert (people[:, 55] > 0.3).sum() == 2
    noses = np.sort(people[people[:, 55] > 0.3, 1])
    np.testing.assert_allclose(noses, [0.43 / 2, 1 - 0.43 / 2], atol=0.03)


@pytest.mark.parametrize('model', ['lightning', 'thunder'])
def test_the_published_weight_is_that_of_no_weight(networks, model):
    size = networks[model].info.input_size
    batch = np.stack([one_astronaut(size, size), two_astronauts(size)])
    weights = np.stack([published_weight(size // 4)] * 2)
    assert networks[model].infer(batch, weights).tobytes() == networks[model].infer(batch).tobytes()


@pytest.mark.parametrize('model', ['lightning', 'thunder'])
def test_the_person_is_read_whose_centre_counts_most(networks, model):
    size = networks[model].info.input_size
    places = [0.25, 0.75, 0.25]
    weights = np.stack([weight_around(x, 0.5, 0.12, size // 4) for x in places])
    found = networks[model].infer(np.stack([two_astronauts(size)] * 3), weights)
    assert (found[:, [0, 1, 2, 5, 6], 2] > 0.3).all()
    left = FACE[0][1] / 2
    np.testing.assert_allclose(found[:, 0, 1], [left, 1 - left, left], atol=0.03)
    np.testing.assert_array_equal(found[0], found[2])


@pytest.mark.parametrize('max_people', [1, 6, 12])
def test_as_many_people_as_asked_for(networks, max_people):
    people = networks['multipose'].infer(eight_astronauts()[None], max_people=max_people)
    assert people.shape == (1, max_people, 56)
    assert (people[..., 55] > 0.3).sum() == min(max_people, 8)


def test_no_person_is_detected_on_a_grey_wall(networks):
    people = networks['multipose'].infer(np.full((1, 192, 256, 3), 128, np.uint8))
    assert (people[..., 55] < 0.1).all()


def test_info(networks):
    info = networks['lightning'].info
    entry = load_manifest(find_models_dir()).entry('lightning')
    assert (info.model, info.device, info.threads) == ('lightning', 'cpu', 2)
    assert info.engine.startswith('litert ')
    assert info.sha256 == entry.sha256
    sizes = [networks[name].info.input_size for name in ('lightning', 'thunder', 'multipose')]
    assert sizes == [192, 256, None]


@pytest.mark.parametrize('model', ['lightning', 'thunder', 'multipose'])
def test_same_picture_same_bytes_also_from_another_network(networks, model):
    size = networks[model].info.input_size or 256
    picture = astronaut(size, size)
    first = networks[model].infer(picture)
    assert networks[model].infer(picture).tobytes() == first.tobytes()
    assert load_network(model, threads=2).infer(picture).tobytes() == first.tobytes()


def test_other_sizes_in_between_change_nothing(networks):
    expected = {size: networks['multipose'].infer(astronaut(*size)) for size in SIZES}
    network = load_network('multipose', threads=2)
    for size in [*SIZES, *reversed(SIZES), *SIZES]:
        found = network.infer(astronaut(*size))
        assert found.tobytes() == expected[size].tobytes()


@pytest.mark.parametrize('model', ['lightning', 'multipose'])
def test_results_are_fresh_arrays(networks, model):
    size = networks[model].info.input_size or 256
    first = networks[model].infer(astronaut(size, size))
    kept = first.copy()
    second = networks[model].infer(np.zeros((1, size, size, 3), np.uint8))
    np.testing.assert_array_equal(first, kept)
    assert not np.shares_memory(first, second)
    first[:] = 0


@pytest.mark.parametrize('model', ['lightning', 'multipose'])
def test_a_batch_is_its_pictures(networks, model):
    size = networks[model].info.input_size or 256
    picture = astronaut(size, size)
    batch = np.concatenate([picture, picture[:, :, ::-1], np.zeros_like(picture)])
    found = networks[model].infer(batch)
    assert len(found) == 3
    for row, one in zip(found, batch, strict=True):
        np.testing.assert_array_equal(networks[model].infer(one[None])[0], row)


@pytest.mark.parametrize('model', ['lightning', 'multipose'])
def test_pictures_may_be_views_and_read_only(networks, model):
    size = networks[model].info.input_size or 256
    turned = astronaut(size, size)[:, :, ::-1, ::-1]
    turned.setflags(write=False)
    expected = networks[model].infer(np.ascontiguousarray(turned))
    np.testing.assert_array_equal(networks[model].infer(turned), expected)


def test_smallest_and_large_pictures(networks):
    for size in [(32, 32), (512, 384)]:
        assert np.isfinite(networks['multipose'].infer(astronaut(*size))).all()


def test_closed_network():
    network = load_network('lightning', threads=1)
    network.close()
    network.close()
    with pytest.raises(EngineError, match='closed'):
        network.infer(astronaut(192, 192))


def test_unknown_engine():
    with pytest.raises(ParameterError) as caught:
        load_network('lightning', engine='abacus')
    choices = ', '.join(find('engine').choices)
    assert str(caught.value) == f"parameter 'engine' = 'abacus': must be one of: {choices}"


def test_zero_threads_are_rejected():
    with pytest.raises(ParameterError, match="'threads' = -1"):
        load_network('lightning', threads=-1)


def test_unknown_model():
    with pytest.raises(ModelError, match="'blaze'"):
        load_network('blaze')


def test_without_litert_the_error_names_the_package_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, 'ai_edge_litert', None)
    monkeypatch.setitem(sys.modules, 'ai_edge_litert.interpreter', None)
    with pytest.raises(EngineError, match=r"pip install '\.\[litert\]'"):
        load_network('lightning', engine='litert')


def test_a_manifest_that_describes_another_file(networks):
    manifest = load_manifest(find_models_dir())
    lightning, thunder = manifest.entry('lightning'), manifest.entry('thunder')
    with pytest.raises(ModelError, match='the manifest is of another file'):
        LiteRtNetwork(dataclasses.replace(lightning, inputs=thunder.inputs), 1)
    with pytest.raises(ModelError, match='the manifest is of another file'):
        LiteRtNetwork(dataclasses.replace(lightning, inputs=lightning.inputs[:1]), 1)
    with pytest.raises(ModelError, match='the manifest is of another file'):
        LiteRtNetwork(dataclasses.replace(lightning, inputs=lightning.inputs[::-1]), 1)
    multipose = manifest.entry('multipose')
    with pytest.raises(ModelError, match='the manifest is of another file'):
        LiteRtNetwork(dataclasses.replace(multipose, outputs=lightning.outputs), 1)


def test_a_file_that_is_no_model(tmp_path):
    path = tmp_path / 'junk.tflite'
    path.write_bytes(b'junk' * 100)
    entry = dataclasses.replace(
        load_manifest(find_models_dir()).entry('lightning'),
        path=path,
        bytes=400,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    with pytest.raises(EngineError, match=r'LiteRT rejects .*junk\.tflite'):
        LiteRtNetwork(entry, 1)
