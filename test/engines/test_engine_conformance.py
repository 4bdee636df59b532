"""What every engine must do, with the real weights on real pictures: the same as LiteRT."""

import cv2
import numpy as np
import pytest
from support.astronauts import eight_astronauts, two_astronauts
from support.engines import need_engine, sample_pictures
from support.networks import RememberingNetwork

from movenet_ros.core.center_weight import published_weight, weight_around
from movenet_ros.engines.loading import LOADERS, load_network
from movenet_ros.engines.models import find_models_dir, load_manifest
from movenet_ros.errors import EngineError, ImageError, ModelError

# Importing some of the runtimes warns of their own affairs.
pytestmark = pytest.mark.filterwarnings('default')

MODELS = ('lightning', 'thunder', 'multipose')
ONE_PERSON = ('lightning', 'thunder')
SIZES = [(256, 256), (192, 256), (256, 160), (160, 96), (192, 256)]
"""Height and width of MultiPose's pictures, one after the other [px]."""

TOLERANCE = 1e-3
"""Of scores, and of coordinates normalised to the picture, in float32."""
SEEN = 0.3


def load(engine, model):
    need_engine(engine)
    return load_network(model, engine=engine, device='cpu', threads=2)


@pytest.fixture(scope='module', params=LOADERS)
def networks(request):
    """The three networks on one engine."""
    loaded = {model: load(request.param, model) for model in MODELS}
    yield loaded
    for network in loaded.values():
        network.close()


@pytest.fixture(scope='module')
def reference():
    """The three networks on LiteRT, which each engine is compared with."""
    loaded = {model: RememberingNetwork(load('litert', model)) for model in MODELS}
    yield loaded
    for network in loaded.values():
        network.close()


@pytest.fixture(scope='module')
def pictures():
    return list(sample_pictures(every=20))


def scaled(pictures, size):
    return np.stack([cv2.resize(picture, size[::-1]) for picture in pictures])


def some(pictures, network):
    """Three pictures of a size that the network takes."""
    side = network.info.input_size or 256
    return scaled(pictures[:3], (side, side))


@pytest.mark.parametrize('model', ONE_PERSON)
def test_one_person_is_that_of_litert(networks, reference, pictures, model):
    side = networks[model].info.input_size
    batch = scaled(pictures, (side, side))
    expected = reference[model].infer(batch)
    found = networks[model].infer(batch)
    assert found.shape == (len(batch), 17, 3)
    assert found.dtype == np.float32
    assert (expected[..., 2] > SEEN).sum() > 120
    # None of these pictures has two places that are equally hot.
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)


def test_people_are_those_of_litert_at_changing_sizes(networks, reference, pictures):
    for size in SIZES:
        batch = scaled(pictures, size)
        expected = reference['multipose'].infer(batch)
        found = networks['multipose'].infer(batch)
        assert found.shape == (len(batch), 6, 56)
        assert found.dtype == np.float32
        assert (expected[..., 55] > SEEN).any(axis=1).sum() >= len(batch) - 1
        np.testing.assert_allclose(found, expected, atol=TOLERANCE)


def test_nobody_is_detected_on_a_grey_wall(networks):
    people = networks['multipose'].infer(np.full((1, 192, 256, 3), 128, np.uint8))
    assert (people[..., 55] < 0.1).all()


@pytest.mark.parametrize('max_people', [1, 6, 12])
def test_as_many_people_as_asked_for(networks, reference, max_people):
    crowd = eight_astronauts()[None]
    found = networks['multipose'].infer(crowd, max_people=max_people)
    assert found.shape == (1, max_people, 56)
    assert (found[..., 55] > SEEN).sum() == min(max_people, 8)
    expected = reference['multipose'].infer(crowd, max_people=max_people)
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)


@pytest.mark.parametrize('model', MODELS)
def test_a_batch_is_its_pictures(networks, pictures, model):
    network = networks[model]
    batch = np.repeat(some(pictures, network), 6, axis=0)
    found = network.infer(batch)
    assert len(found) == len(batch)
    singles = [network.infer(picture[None])[0] for picture in batch[::6]]
    np.testing.assert_allclose(found, np.repeat(singles, 6, axis=0), atol=TOLERANCE)


@pytest.mark.parametrize('model', MODELS)
def test_the_same_pictures_give_the_same_bytes(networks, pictures, model):
    batch = some(pictures, networks[model])
    first = networks[model].infer(batch)
    kept = first.copy()
    networks[model].infer(batch[::-1])
    assert first.tobytes() == kept.tobytes()
    assert networks[model].infer(batch).tobytes() == kept.tobytes()


@pytest.mark.parametrize('model', MODELS)
def test_pictures_may_be_views_and_read_only(networks, pictures, model):
    turned = some(pictures, networks[model])[:, :, ::-1, ::-1]
    turned.setflags(write=False)
    expected = networks[model].infer(np.ascontiguousarray(turned))
    np.testing.assert_array_equal(networks[model].infer(turned), expected)


@pytest.mark.parametrize('model', ONE_PERSON)
def test_the_published_weight_is_that_of_no_weight(networks, pictures, model):
    batch = some(pictures, networks[model])
    weights = np.stack([published_weight(batch.shape[1] // 4)] * len(batch))
    expected = networks[model].infer(batch).tobytes()
    assert networks[model].infer(batch, weights).tobytes() == expected


@pytest.mark.parametrize('model', ONE_PERSON)
def test_the_person_is_read_whose_centre_counts_most(networks, reference, model):
    side = networks[model].info.input_size
    batch = np.stack([two_astronauts(side)] * 3)
    weights = np.stack([weight_around(x, 0.5, 0.12, side // 4) for x in (0.25, 0.75, 0.25)])
    found = networks[model].infer(batch, weights)
    assert (found[:, :3, 2] > SEEN).all()
    assert ((found[:, :7, 1] > 0.5) == [[False], [True], [False]]).all()
    np.testing.assert_allclose(found, reference[model].infer(batch, weights), atol=TOLERANCE)


@pytest.mark.parametrize(
    ('model', 'shape', 'dtype'),
    [
        ('lightning', (1, 256, 256, 3), np.uint8),
        ('lightning', (192, 192, 3), np.uint8),
        ('lightning', (1, 192, 192, 4), np.uint8),
        ('lightning', (1, 192, 192), np.uint8),
        ('lightning', (0, 192, 192, 3), np.uint8),
        ('lightning', (1, 192, 192, 3), np.int32),
        ('thunder', (1, 256, 192, 3), np.uint8),
        ('thunder', (1, 256, 256, 3), np.float32),
        ('multipose', (1, 190, 256, 3), np.uint8),
        ('multipose', (1, 192, 250, 3), np.uint8),
        ('multipose', (1, 0, 256, 3), np.uint8),
        ('multipose', (1, 192, 256, 3), np.float32),
    ],
)
def test_wrong_pictures_are_rejected_by_what_they_are(networks, model, shape, dtype):
    with pytest.raises(ImageError) as caught:
        networks[model].infer(np.zeros(shape, dtype))
    assert f'got {list(shape)} {np.dtype(dtype).name}' in str(caught.value)


@pytest.mark.parametrize(
    ('shape', 'dtype'),
    [
        ((48, 48), np.float32),
        ((1, 48, 48), np.float32),
        ((2, 64, 64), np.float32),
        ((2, 48, 48, 1), np.float32),
        ((2, 48, 48), np.float64),
    ],
)
def test_wrong_weights_are_rejected_by_what_they_are(networks, shape, dtype):
    with pytest.raises(ImageError, match=r'must be \[2, 48, 48\] float32') as caught:
        networks['lightning'].infer(np.zeros((2, 192, 192, 3), np.uint8), np.ones(shape, dtype))
    assert str(caught.value).endswith(f'got {list(shape)} {np.dtype(dtype).name}')


def test_multipose_takes_no_weight(networks):
    weights = np.ones((1, 48, 48), np.float32)
    with pytest.raises(ImageError, match='MultiPose takes no weight'):
        networks['multipose'].infer(np.zeros((1, 192, 192, 3), np.uint8), weights)


def test_info(networks):
    entries = load_manifest(find_models_dir()).models
    for model, network in networks.items():
        info = network.info
        assert (info.model, info.device, info.precision) == (model, 'cpu', 'float32')
        assert (info.sha256, info.input_size) == (entries[model].sha256, entries[model].input_size)
        assert info.engine.partition(' ')[0] in LOADERS
        assert info.threads >= 1
        assert info.reason


@pytest.mark.parametrize('engine', LOADERS)
def test_closed_network(engine):
    network = load(engine, 'lightning')
    network.close()
    network.close()
    with pytest.raises(EngineError, match='the lightning network is closed'):
        network.infer(np.zeros((1, 192, 192, 3), np.uint8))


@pytest.mark.parametrize('engine', LOADERS)
def test_a_damaged_file_is_not_loaded(engine, tmp_path):
    need_engine(engine)
    folder = find_models_dir()
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()[:200_000])
    with pytest.raises(ModelError, match='the file is truncated or another one'):
        load_network('thunder', engine=engine, device='cpu', models_dir=tmp_path)


@pytest.mark.parametrize('engine', LOADERS)
def test_loading_changes_nothing_of_the_process(engine):
    """The node resamples with one thread of OpenCV, whatever the network has."""
    network = load(engine, 'lightning')
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        network.infer(np.zeros((1, 192, 192, 3), np.uint8))
        assert cv2.getNumThreads() == 1
    finally:
        cv2.setNumThreads(before)
        network.close()
