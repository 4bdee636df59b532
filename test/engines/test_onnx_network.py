"""The networks as ONNX, run by OpenCV, which is always installed, against LiteRT."""
import dataclasses

import cv2
import numpy as np
import pytest
from support.astronauts import astronaut

from movenet_ros.core.network import NetworkInfo
from movenet_ros.engines.loading import load_network
from movenet_ros.engines.models import find_models_dir, load_manifest
from movenet_ros.engines.onnx.network import OnnxNetwork
from movenet_ros.engines.onnx.writer import write_onnx
from movenet_ros.errors import EngineError, ModelError

MODELS = ('lightning', 'thunder', 'multipose')
HEADS = ('center_heatmap', 'keypoint_regression', 'keypoint_heatmap', 'keypoint_offset',
         'box_scale', 'box_offset')


@pytest.fixture(scope='module')
def entries():
    return load_manifest(find_models_dir()).models


def info_of(entry):
    return NetworkInfo(entry.name, 'a runtime', 'cpu', 1, entry.sha256, entry.input_size)


def network_in_opencv(entry):
    net = cv2.dnn.readNetFromONNX(np.frombuffer(write_onnx(entry), np.uint8))
    heads = HEADS if entry.input_size is None else HEADS[:4]

    def run(pictures):
        net.setInput(pictures)
        return net.forward(heads)

    return OnnxNetwork(run, info_of(entry))


@pytest.mark.parametrize('model', MODELS)
def test_keypoints_are_those_of_litert(entries, model):
    pytest.importorskip('ai_edge_litert', reason='LiteRT is not installed')
    size = entries[model].input_size
    height, width = (size, size) if size else (160, 256)
    picture = astronaut(height, width)
    batch = np.stack([picture, picture[:, ::-1]])
    expected = load_network(model, engine='litert').infer(batch)
    found = network_in_opencv(entries[model]).infer(batch)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_the_same_weights_give_the_same_bytes(entries):
    assert write_onnx(entries['lightning']) == write_onnx(entries['lightning'])


def test_weights_of_another_network(entries):
    multipose, lightning = entries['multipose'], entries['lightning']
    with pytest.raises(ModelError, match=r'multipose, it has no weights of the layer .box_'):
        write_onnx(dataclasses.replace(lightning, name='multipose'))
    with pytest.raises(ModelError, match=r'thunder, it has weights of box_offset_dep.* besi'):
        write_onnx(dataclasses.replace(multipose, name='thunder'))
    with pytest.raises(ModelError, match="no network 'blaze' can be written as ONNX"):
        write_onnx(dataclasses.replace(lightning, name='blaze'))


def test_what_the_runtime_raises_becomes_one_line(entries):
    def run(pictures):
        raise RuntimeError('out of memory\n')

    with pytest.raises(EngineError) as caught:
        OnnxNetwork(run, info_of(entries['lightning'])).infer(np.zeros((1, 192, 192, 3), np.uint8))
    assert str(caught.value) == ('a runtime on cpu failed on pictures of [1, 192, 192, 3] '
                                 '(RuntimeError: out of memory)')
