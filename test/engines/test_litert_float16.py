"""LiteRT in half precision, also where the processor only emulates it: the numbers are the same."""
import sys

import numpy as np
import pytest
from support.astronauts import astronaut

from movenet_ros.engines.litert import LiteRtNetwork, litert_version
from movenet_ros.engines.models import find_models_dir, load_manifest
from movenet_ros.errors import EngineError, ImageError

pytest.importorskip('ai_edge_litert.options', reason='LiteRT is too old for float16')

MODELS = ('lightning', 'thunder', 'multipose')
CONFIDENT = 0.3
NEAR = 0.02
"""Of the picture; a pixel of Lightning's heatmap is 0.021, to which it moves if that is hotter."""


@pytest.fixture(scope='module')
def entries():
    return load_manifest(find_models_dir()).models


@pytest.fixture(scope='module')
def networks(entries):
    pairs = {name: (LiteRtNetwork(entries[name], 1),
                    LiteRtNetwork(entries[name], 1, precision='float16')) for name in MODELS}
    yield pairs
    for pair in pairs.values():
        for network in pair:
            network.close()


def keypoints(rows):
    """[B,17,3], or of MultiPose's strongest person."""
    return rows if rows.shape[1] == 17 else rows[:, 0, :51].reshape(-1, 17, 3)


@pytest.mark.parametrize('model', MODELS)
def test_keypoints_are_near_those_of_float32(networks, model):
    exact, half = networks[model]
    height, width = (exact.info.input_size,) * 2 if exact.info.input_size else (192, 256)
    picture = astronaut(height, width)
    batch = np.stack([picture, picture[:, ::-1]])
    expected, found = (keypoints(network.infer(batch)) for network in (exact, half))
    seen = expected[..., 2] > CONFIDENT
    assert seen.sum() >= 10
    assert np.abs(found - expected)[seen][:, :2].max() < NEAR
    assert not np.array_equal(found, expected)  # so that it is not float32 after all


def test_multipose_takes_pictures_of_changing_size(networks):
    exact, half = networks['multipose']
    for size in [(256, 256), (160, 256), (512, 384), (32, 32), (256, 256)]:
        picture = astronaut(*size)[None]
        np.testing.assert_allclose(half.infer(picture)[0, 0, 55], exact.infer(picture)[0, 0, 55],
                                   atol=0.05)


def test_results_belong_to_the_caller(networks):
    _, half = networks['multipose']
    first = half.infer(astronaut(256, 256)[None])
    kept = first.copy()
    half.infer(np.zeros((1, 256, 256, 3), np.uint8))
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize('model', MODELS)
def test_what_it_is(networks, entries, model):
    info = networks[model][1].info
    assert info.engine == f'litert {litert_version()}, float16'
    assert (info.precision, info.sha256) == ('float16', entries[model].sha256)


def test_pictures_of_another_shape_are_rejected(networks):
    with pytest.raises(ImageError, match='the network takes'):
        networks['lightning'][1].infer(np.zeros((1, 64, 64, 3), np.uint8))


def test_a_litert_that_is_too_old_is_told(entries, monkeypatch):
    monkeypatch.setitem(sys.modules, 'ai_edge_litert.options', None)
    with pytest.raises(EngineError, match=r'float16 needs ai-edge-litert 2\.3 or later'):
        LiteRtNetwork(entries['lightning'], 1, precision='float16')
