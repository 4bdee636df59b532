"""The decoding of a single-person network against that within the model files, and by hand."""
import re

import numpy as np
import pytest
from support.astronauts import astronaut, two_astronauts

from movenet_ros.core.center_weight import published_weight, weight_around
from movenet_ros.core.singlepose_decode import BLUR, decode_singlepose, find_hottest
from movenet_ros.engines.models import find_models_dir, load_manifest, read_verified

HEAD_SCOPES = ('center_0', 'kpt_regress_0', 'kpt_heatmap_0', 'kpt_offset_0')
MODELS = ('lightning', 'thunder')
NOTHING = -20.0


@pytest.fixture(scope='module', params=MODELS)
def interpreter(request):
    """LiteRT with a model file, keeping the heads, which are not among its outputs."""
    litert = pytest.importorskip('ai_edge_litert.interpreter', reason='LiteRT is not installed')
    content = read_verified(load_manifest(find_models_dir()).entry(request.param))
    with pytest.warns(UserWarning, match='experimental_preserve_all_tensors'):
        loaded = litert.Interpreter(model_content=content, experimental_preserve_all_tensors=True)
    loaded.allocate_tensors()
    return loaded


def run(interpreter, picture, weight):
    """The four heads of a picture, [h,w,C], and the keypoints, [17,3]."""
    interpreter.set_tensor(interpreter.get_input_details()[0]['index'], picture[None])
    interpreter.set_tensor(interpreter.get_input_details()[1]['index'], weight[..., None])
    interpreter.invoke()
    heads = [interpreter.get_tensor(details['index'])[0] for scope in HEAD_SCOPES
             for details in interpreter.get_tensor_details()
             if re.match(rf'\w+/{scope}/conv2d_\d+/BiasAdd;', details['name'])
             and len(details['shape']) == 4]
    return heads, interpreter.get_tensor(interpreter.get_output_details()[0]['index'])[0, 0]


def pictures(size):
    yield astronaut(size, size)
    yield two_astronauts(size)
    yield np.ascontiguousarray(astronaut(size, size)[::-1])
    yield np.full((size, size, 3), 128, np.uint8)
    yield from np.random.default_rng(0).integers(0, 256, (4, size, size, 3), np.uint8)


def test_as_the_model_file_decodes(interpreter):
    size = int(interpreter.get_input_details()[0]['shape'][1])
    weights = [published_weight(size // 4), weight_around(0.25, 0.5, 0.12, size // 4),
               weight_around(0.75, 0.5, 0.12, size // 4)]
    found, expected = [], []
    for picture in pictures(size):
        for weight in weights:
            heads, keypoints = run(interpreter, picture, weight)
            assert [head.shape[2] for head in heads] == [1, 34, 17, 34]
            found.append(decode_singlepose(*heads, weight))
            expected.append(keypoints)
    assert found[0].dtype == np.float32
    # the same pixels; LiteRT's sigmoid is another in the last digits
    np.testing.assert_array_equal(np.array(found)[..., :2], np.array(expected)[..., :2])
    np.testing.assert_allclose(np.array(found)[..., 2], np.array(expected)[..., 2], atol=1e-6)


def empty_heads(h=12, w=16):
    heads = [np.zeros((h, w, channels), np.float32) for channels in (1, 34, 17, 34)]
    heads[0][:] = heads[2][:] = NOTHING
    return heads


def test_the_centre_that_counts_most_says_where_keypoints_are():
    center, regression, heatmap, offset = empty_heads()
    center[2, 3] = center[9, 12] = 2.0
    regression[9, 12, 0:2] = (-4, -2)
    heatmap[[5, 2], [10, 3], 0] = 1.0
    offset[5, 10, 0:2] = (0.25, -0.5)
    weight = np.ones((12, 16), np.float32)
    weight[9, 12] = 1.5
    nose = decode_singlepose(center, regression, heatmap, offset, weight)[0]
    rounded = [float(np.float16(1 / side)) for side in (12, 16)]
    np.testing.assert_allclose(nose[:2], [5.25 * rounded[0], 9.5 * rounded[1]], rtol=1e-6)
    np.testing.assert_allclose(nose[2], 1 / (1 + np.exp(-1)), rtol=1e-6)


def test_near_heat_counts_more_than_far_heat():
    heat = np.zeros((17, 12, 16), np.float32)
    heat[:, 4, 4], heat[:, 4, 9] = 0.5, 0.9
    coarse = np.full((17, 2), 4, np.float32)
    # at a distance of 5 pixels, 0.9 counts 0.9 / 6.8, less than 0.5 / 1.8
    assert np.float16(1.8) == BLUR
    assert [axis.tolist() for axis in find_hottest(heat, coarse)] == [[4] * 17, [4] * 17]
    heat[:, 4, 5] = 0.8
    assert [axis.tolist() for axis in find_hottest(heat, coarse)] == [[4] * 17, [5] * 17]


def test_without_heat_the_first_pixel_is_taken():
    nothing = np.zeros((17, 12, 16), np.float32)
    row, column = find_hottest(nothing, np.full((17, 2), 4, np.float32))
    assert not row.any()
    assert not column.any()


def test_inputs_are_not_changed_and_may_be_views():
    heads = [head.transpose(2, 0, 1).copy().transpose(1, 2, 0) for head in empty_heads()]
    weight = np.ones((12, 16), np.float32)
    for each in (*heads, weight):
        each.setflags(write=False)
    expected = decode_singlepose(*(head.copy(order='C') for head in heads), weight)
    np.testing.assert_array_equal(decode_singlepose(*heads, weight), expected)
