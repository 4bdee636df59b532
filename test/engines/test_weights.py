"""The weights that are read out of the LiteRT files; needs no runtime."""

import numpy as np
import pytest

from movenet_ros.engines.models import find_models_dir, load_manifest, read_verified
from movenet_ros.engines.weights.convolutions import layer_name, read_weights
from movenet_ros.engines.weights.litert_file import read_litert_graph
from movenet_ros.errors import ModelError

MODELS = ('lightning', 'thunder', 'multipose')
FEATURES = 'StatefulPartitionedCall/center_net_mobile_net_v2fpn_feature_extractor/model_1'


@pytest.fixture(scope='module')
def entries():
    return load_manifest(find_models_dir()).models


@pytest.mark.parametrize(
    ('model', 'convolutions', 'numbers'),
    [('lightning', 74, 2_317_974), ('thunder', 74, 6_226_046), ('multipose', 80, 4_723_346)],
)
def test_every_weight_is_found(entries, model, convolutions, numbers):
    found = read_weights(read_verified(entries[model]), entries[model].path)
    assert len(found) == convolutions
    # The depthwise halves of separable convolutions carry zeros for a bias.
    counted = sum(
        each.kernel.size + (each.bias.size if each.bias.any() else 0) for each in found.values()
    )
    assert counted == numbers
    assert all(each.kernel.dtype == each.bias.dtype == np.float32 for each in found.values())
    assert all(np.isfinite(each.kernel).all() for each in found.values())


def test_axes_are_in_the_order_of_tensorflow(entries):
    weights = read_weights(read_verified(entries['thunder']), entries['thunder'].path)
    shapes = {name: each.kernel.shape for name, each in weights.items()}
    assert shapes['stem'] == (3, 3, 3, 56)
    assert shapes['block_1_expand'] == (1, 1, 32, 192)
    assert shapes['block_1_depthwise'] == (3, 3, 192, 1)
    assert shapes['keypoint_offset_map'] == (1, 1, 96, 34)


def test_weights_are_those_that_litert_reads(entries):
    interpreter = pytest.importorskip('ai_edge_litert.interpreter', reason='LiteRT is missing')
    content = read_verified(entries['lightning'])
    tensors, _ = read_litert_graph(content)
    loaded = interpreter.Interpreter(model_content=content)
    for index in [i for i, each in enumerate(tensors) if each.values is not None]:
        np.testing.assert_array_equal(loaded.get_tensor(index), tensors[index].values)


@pytest.mark.parametrize(
    ('tensor', 'layer'),
    [
        (f'{FEATURES}/model/Conv1_relu/Relu6/Conv2D', 'stem'),
        (f'{FEATURES}/model/expanded_conv_project_BN/FusedBatchNormV3/Conv2D', 'block_0_project'),
        (f'{FEATURES}/model/block_16_depthwise/depthwise/Depthwise', 'block_16_depthwise'),
        (f'{FEATURES}/model/out_relu/Relu6/Conv2D', 'top'),
        (f'{FEATURES}/conv2d/BiasAdd/Conv2D', 'lateral_0'),
        (f'{FEATURES}/conv2d_3/BiasAdd/Conv2D', 'lateral_3'),
        (f'{FEATURES}/separable_conv2d/separable_conv2d/depthwise', 'merge_0_depthwise'),
        (f'{FEATURES}/re_lu_2/Relu/Conv2D', 'merge_2_pointwise'),
        ('StatefulPartitionedCall/kpt_offset_0/conv2d_9/BiasAdd/Conv2D', 'keypoint_offset_map'),
        ('StatefulPartitionedCall/center_0/re_lu_3/Relu/Conv2D', 'center_heatmap_pointwise'),
    ],
)
def test_names(tensor, layer):
    assert layer_name(tensor) == layer


@pytest.mark.parametrize('tensor', ['', 'dense/MatMul', 'Call/hand_0/conv2d_4/BiasAdd/Conv2D'])
def test_unknown_names(tensor):
    with pytest.raises(ValueError, match='no layer has the weights'):
        layer_name(tensor)


@pytest.mark.parametrize('content', [b'', b'junk' * 100, b'\x20\0\0\0TFL3', b'\xff' * 4 + b'TFL3'])
def test_no_model_file(tmp_path, content):
    with pytest.raises(ModelError, match=r'other\.tflite holds no weights of a MoveNet'):
        read_weights(content, tmp_path / 'other.tflite')


def test_damaged_files_are_rejected_and_nothing_else(entries):
    entry = entries['lightning']
    content = read_verified(entry)
    for length in np.linspace(8, len(content) - 1, 40).astype(int):
        with pytest.raises(ModelError, match='holds no weights of a MoveNet'):
            read_weights(content[:length], entry.path)
    rng = np.random.default_rng(0)
    for _ in range(40):
        # The tables, in which one wrong byte leads astray, follow the weights at the end.
        changed = bytearray(content)
        for place in rng.integers(len(content) - 40_000, len(content), 50):
            changed[place] ^= 0xFF
        with pytest.raises(ModelError):
            read_weights(bytes(changed), entry.path)
