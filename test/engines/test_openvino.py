"""OpenVINO: float32 as LiteRT has it, lower precision where the processor computes in it."""
import io
import sys

import numpy as np
import pytest
from support.astronauts import astronaut

from movenet_ros.engines import openvino as engine
from movenet_ros.engines.loading import load_network
from movenet_ros.engines.models import find_models_dir, load_manifest
from movenet_ros.engines.onnx.writer import write_onnx
from movenet_ros.engines.precision import NATIVE_BFLOAT16
from movenet_ros.engines.processor import this_processor
from movenet_ros.errors import EngineError

openvino = pytest.importorskip('openvino', reason='the engine openvino is not installed')

MODELS = ('lightning', 'thunder', 'multipose')
COMPUTES_BFLOAT16 = not this_processor().features.isdisjoint(NATIVE_BFLOAT16)


@pytest.fixture(scope='module')
def entries():
    return load_manifest(find_models_dir()).models


def load(entry, precision='float32', device='cpu', threads=1):
    return engine.load(entry, threads=threads, device=device, precision=precision, reason='a test')


def pictures(network):
    height, width = (network.info.input_size,) * 2 if network.info.input_size else (192, 256)
    picture = astronaut(height, width)
    return np.stack([picture, picture[:, ::-1]])


@pytest.mark.parametrize('model', MODELS)
def test_float32_is_exact_also_where_the_processor_has_a_faster_precision(entries, model):
    pytest.importorskip('ai_edge_litert', reason='LiteRT is not installed')
    network, litert = load(entries[model]), load_network(model, engine='litert')
    batch = pictures(network)
    np.testing.assert_allclose(network.infer(batch), litert.infer(batch), atol=1e-4)
    assert network.info.precision == 'float32' and network.info.device == 'cpu'
    assert network.info.engine.split()[0] == 'openvino' and ',' not in network.info.engine


@pytest.mark.parametrize('model', MODELS)
def test_bfloat16_is_near_where_the_processor_computes_in_it_and_refused_elsewhere(entries, model):
    if not COMPUTES_BFLOAT16:
        with pytest.raises(EngineError, match='needs a processor with amx_bf16 or avx512_bf16'):
            load_network(model, engine='openvino', precision='bfloat16')
        return
    exact, network = load(entries[model]), load_network(model, engine='openvino',
                                                        precision='bfloat16')
    batch = pictures(exact)
    expected, found = exact.infer(batch), network.infer(batch)
    assert network.info.engine.endswith(', bfloat16')
    if exact.info.input_size is None:
        expected, found = (rows[:, 0, :51].reshape(-1, 17, 3) for rows in (expected, found))
    seen = expected[..., 2] > 0.3
    assert np.quantile(np.abs(found - expected)[seen][:, :2], 0.9) < 0.02
    assert not np.array_equal(found, expected)


@pytest.mark.parametrize('model', MODELS)
def test_auto_is_told_with_its_reason(model):
    info = load_network(model, engine='openvino', precision='auto').info
    lower = COMPUTES_BFLOAT16 and model == 'multipose'  # The others lose too much.
    assert info.precision == ('bfloat16' if lower else 'float32')
    assert info.engine.endswith(', bfloat16') == lower
    assert info.reason.startswith(f'it is set; {info.precision}')


def test_a_runtime_that_computes_in_another_precision_is_refused(entries):
    # By itself OpenVINO takes another one where the processor has not what is asked for.
    core = openvino.Core()
    model = core.read_model(io.BytesIO(write_onnx(entries['lightning'])))
    compiled = core.compile_model(model, 'CPU', {'INFERENCE_PRECISION_HINT': 'f32'})
    engine._check_precision(compiled, 'float32')
    with pytest.raises(EngineError, match='OpenVINO computes in f32 here, not in bfloat16: set'):
        engine._check_precision(compiled, 'bfloat16')


def test_threads_are_those_that_are_used(entries):
    assert load(entries['lightning'], threads=1).info.threads == 1
    assert load(entries['lightning'], threads=10_000).info.threads < 10_000


def test_a_gpu_that_is_not_there_is_told_with_what_there_is(entries):
    with pytest.raises(EngineError, match=r'no device gpu:7 \(OpenVINO sees CPU.*device to cpu'):
        load(entries['lightning'], device='gpu:7')


@pytest.mark.parametrize(('devices', 'place'), [
    (['CPU', 'GPU'], 'GPU.0'), (['CPU', 'GPU.0', 'GPU.1'], 'GPU.1')])
def test_gpus_are_named_as_openvino_names_them(devices, place):
    class Core:
        available_devices = devices

    assert engine._place(Core, f'gpu:{place[-1]}') == place


def test_without_openvino_the_error_names_the_package_to_install(entries, monkeypatch):
    monkeypatch.setitem(sys.modules, 'openvino', None)
    with pytest.raises(EngineError, match=r"cannot import openvino .*'\.\[openvino\]'"):
        load(entries['lightning'])
