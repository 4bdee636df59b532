"""The ONNX files, as the ONNX project's own checker and reader see them."""
import numpy as np
import pytest

from movenet_ros.cli import main
from movenet_ros.core.multipose_decode import HEADS
from movenet_ros.engines.models import find_models_dir, load_manifest
from movenet_ros.engines.onnx import messages
from movenet_ros.engines.onnx.writer import write_onnx

onnx = pytest.importorskip('onnx', reason='onnx is not installed')

# It warns of names that NumPy has deprecated.
pytestmark = pytest.mark.filterwarnings('default')


@pytest.fixture(scope='module', params=['lightning', 'thunder', 'multipose'])
def entry(request):
    return load_manifest(find_models_dir()).entry(request.param)


@pytest.fixture(scope='module')
def model(entry):
    return onnx.load_model_from_string(write_onnx(entry))


def sides(value):
    return [side.dim_param or side.dim_value for side in value.type.tensor_type.shape.dim]


def test_the_checker_finds_nothing(model):
    onnx.checker.check_model(model, full_check=True)


def test_version_inputs_and_outputs(model, entry):
    assert (model.ir_version, model.opset_import[0].version) == (6, 10)
    assert [(each.name, sides(each)) for each in model.graph.input] == [
        ('pictures', ['N', 3, 'H', 'W'])]
    heads = dict(zip(HEADS, (1, 34, 17, 34, 2, 2), strict=True))
    if entry.input_size is not None:
        heads = {name: heads[name] for name in HEADS[:4]}
    assert [(each.name, sides(each)) for each in model.graph.output] == [
        (name, ['N', channels, 'H/4', 'W/4']) for name, channels in heads.items()]


def test_it_says_whose_weights_it_has(model, entry):
    told = {each.key: each.value for each in model.metadata_props}
    assert told == {'weights_sha256': entry.sha256, 'licence': 'Apache-2.0',
                    'attribution': entry.origin['attribution']}


@pytest.mark.parametrize('value', [0, 1, 127, 128, 300, 2**31, 2**40])
def test_numbers_of_any_length(value):
    node = onnx.NodeProto.FromString(messages.node('Op', ['a', 'b'], 'c', {'axis': value}))
    assert (list(node.input), list(node.output), node.name, node.op_type) == (
        ['a', 'b'], ['c'], 'c', 'Op')
    assert onnx.helper.get_attribute_value(node.attribute[0]) == value


def test_attributes_of_each_type():
    attributes = {'max': 6.0, 'mode': 'nearest', 'pads': (0, 1, 300), 'group': 7}
    node = onnx.NodeProto.FromString(messages.node('Op', [], 'c', attributes))
    read = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
    assert read == {**attributes, 'mode': b'nearest', 'pads': [0, 1, 300]}


def test_tensors_keep_their_values():
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4).transpose(2, 0, 1)
    tensor = onnx.TensorProto.FromString(messages.tensor('values', values))
    assert tensor.name == 'values'
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(tensor), values)
    scalar = onnx.TensorProto.FromString(messages.tensor('one', np.float32(1.5)))
    assert onnx.numpy_helper.to_array(scalar).shape == ()


def test_the_export_is_that_file(entry, tmp_path, capsys):
    path = tmp_path / 'network.onnx'
    path.write_text('an older file')
    assert main(['models', 'export', '--format', 'onnx', '--model', entry.name, str(path)]) == 0
    assert path.read_bytes() == write_onnx(entry)
    assert capsys.readouterr().out == f'{entry.name} as onnx: {path}\n'
    assert [each.name for each in tmp_path.iterdir()] == ['network.onnx']
