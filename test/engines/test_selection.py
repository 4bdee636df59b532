"""Which engine, backend and device are chosen, and the errors when one is missing."""

import importlib.util
import sys

import numpy as np
import pytest

from movenet_ros.core.network import NetworkInfo
from movenet_ros.engines import selection
from movenet_ros.engines.keras import backends as keras_backends
from movenet_ros.engines.keras.backends import backend_name, load_backend
from movenet_ros.engines.keras.network import (
    BATCH_SIZES,
    KerasNetwork,
    check_device,
    explained,
    find_device,
    padded,
)
from movenet_ros.engines.models import find_models_dir, load_manifest
from movenet_ros.engines.selection import choose_engine
from movenet_ros.errors import EngineError, ParameterError

INFO = NetworkInfo('lightning', 'keras 3 on tensorflow 2', 'gpu:0', 1, '0' * 64, 192)


class FakeBackend:
    """A backend with a number of GPUs; it runs no network."""

    name = 'fake 1.0'

    def __init__(self, gpus):
        self._gpus = gpus

    def gpus(self):
        return self._gpus

    def why_no_gpu(self):
        return 'fake 1.0 has no GPU'


@pytest.fixture
def entry():
    return load_manifest(find_models_dir()).entry('lightning')


@pytest.fixture
def installed(monkeypatch):
    """Sets what the machine has: modules that are installed, GPUs that its backend can use."""

    def install(modules, gpus):
        monkeypatch.setattr(importlib.util, 'find_spec', lambda name: name in modules or None)
        monkeypatch.setattr(selection, 'load_backend', lambda: FakeBackend(gpus))

    monkeypatch.delenv('CUDA_VISIBLE_DEVICES', raising=False)
    return install


@pytest.mark.parametrize('device', ['auto', 'cpu', 'gpu:0', 'gpu:12', 'tensorrt:0', 'openvino'])
def test_valid_device_names_pass(device):
    check_device(device)


@pytest.mark.parametrize('device', ['', 'gpu', 'gpu:', 'gpu:-1', 'cuda:0', 'cpu:0', 'GPU:0',
                                    'tensorrt', 'openvino:0'])
def test_unknown_device_names_are_rejected(entry, device):
    with pytest.raises(ParameterError, match='must be auto, cpu, gpu:N, tensorrt:N or openvino'):
        check_device(device)
    with pytest.raises(ParameterError, match="parameter 'device'"):
        KerasNetwork(entry, device=device)


def test_an_unknown_precision_is_rejected(entry):
    with pytest.raises(ParameterError, match='the keras engine has only float32 and float16'):
        KerasNetwork(entry, precision='int4')


@pytest.mark.parametrize(
    ('device', 'gpus', 'place'),
    [('auto', 0, 'cpu:0'), ('auto', 2, 'gpu:0'), ('cpu', 2, 'cpu:0'), ('gpu:1', 2, 'gpu:1')],
)
def test_the_device_that_is_chosen(device, gpus, place):
    assert find_device(device, FakeBackend(gpus)) == place


def test_a_gpu_is_rejected_where_there_is_none():
    with pytest.raises(EngineError, match=r'no device gpu:0 \(fake 1\.0 has no GPU\)'):
        find_device('gpu:0', FakeBackend(0))


def test_a_gpu_number_too_high_is_rejected_with_those_there_are():
    with pytest.raises(EngineError, match=r'gpu:2 \(fake 1\.0 sees 2 .* to gpu:0, gpu:1'):
        find_device('gpu:2', FakeBackend(2))


def test_the_backend_is_that_of_the_environment_variable(monkeypatch):
    monkeypatch.setitem(sys.modules, 'keras', None)
    monkeypatch.setenv('KERAS_BACKEND', 'jax')
    assert backend_name() == 'jax'


def test_an_unknown_backend_is_rejected(monkeypatch):
    monkeypatch.setitem(sys.modules, 'keras', None)
    monkeypatch.setenv('KERAS_BACKEND', 'numpy')
    with pytest.raises(EngineError, match='KERAS_BACKEND to one of tensorflow, jax, torch'):
        backend_name()


@pytest.mark.parametrize(
    ('modules', 'name'), [({'jax', 'torch'}, 'jax'), ({'torch', 'tensorflow'}, 'tensorflow')]
)
def test_the_backend_is_the_first_that_is_installed(monkeypatch, installed, modules, name):
    monkeypatch.setitem(sys.modules, 'keras', None)
    monkeypatch.delenv('KERAS_BACKEND', raising=False)
    installed(modules, 0)
    assert backend_name() == name


def test_without_a_backend_the_error_names_the_package_to_install(monkeypatch, installed):
    monkeypatch.setitem(sys.modules, 'keras', None)
    monkeypatch.delenv('KERAS_BACKEND', raising=False)
    installed(set(), 0)
    with pytest.raises(EngineError, match=r"pip install '\.\[keras\]'"):
        load_backend()


def test_without_keras_the_error_names_the_package_to_install(monkeypatch, entry):
    monkeypatch.setitem(sys.modules, 'keras', None)
    monkeypatch.setenv('KERAS_BACKEND', 'tensorflow')
    monkeypatch.setattr(keras_backends, 'TensorFlow', lambda: FakeBackend(0))
    with pytest.raises(EngineError, match=r"keras on tensorflow .*'\.\[keras\]'"):
        KerasNetwork(entry)


def test_without_a_gpu_no_backend_is_imported(monkeypatch, installed, tmp_path):
    installed({'keras', 'jax'}, 1)
    monkeypatch.setattr(selection, 'load_backend', None)
    choice = choose_engine('auto', 'auto', tmp_path)
    assert (choice.engine, choice.device) == ('litert', 'cpu')
    assert choice.reason == 'this machine shows no GPU'


@pytest.mark.parametrize('node', ['nvidia0', 'nvidia12', 'nvhost-gpu', 'dxg', 'kfd'])
def test_keras_where_there_is_a_gpu(installed, tmp_path, node):
    (tmp_path / node).touch()
    installed({'keras', 'jax'}, 1)
    choice = choose_engine('auto', 'auto', tmp_path)
    assert (choice.engine, choice.device) == ('keras', 'gpu:0')
    assert choice.reason == 'fake 1.0 can use a GPU'


@pytest.mark.parametrize(
    ('modules', 'gpus', 'reason'),
    [
        ({'jax'}, 1, 'there is a GPU, but keras is not installed'),
        ({'keras'}, 1, 'there is a GPU, but tensorflow or jax or torch is not installed'),
        ({'keras', 'jax'}, 0, 'no usable GPU: fake 1.0 has no GPU'),
    ],
)
def test_litert_where_the_gpu_cannot_be_used(installed, tmp_path, modules, gpus, reason):
    (tmp_path / 'nvidia0').touch()
    installed(modules, gpus)
    choice = choose_engine('auto', 'auto', tmp_path)
    assert (choice.engine, choice.reason) == ('litert', reason)


def test_a_gpu_hidden_by_cuda_visible_devices_is_not_used(monkeypatch, installed, tmp_path):
    (tmp_path / 'nvidia0').touch()
    installed({'keras', 'jax'}, 1)
    monkeypatch.setenv('CUDA_VISIBLE_DEVICES', '')
    assert 'hides' in choose_engine('auto', 'auto', tmp_path).reason


def test_an_engine_that_is_set_is_used(tmp_path):
    assert choose_engine('keras', 'cpu', tmp_path).engine == 'keras'
    assert choose_engine('litert', 'auto', tmp_path).engine == 'litert'
    assert choose_engine('auto', 'cpu', tmp_path).engine == 'litert'
    choice = choose_engine('auto', 'gpu:1', tmp_path)
    assert (choice.engine, choice.device) == ('keras', 'gpu:1')
    with pytest.raises(EngineError, match='set engine to keras'):
        choose_engine('litert', 'gpu:0', tmp_path)


@pytest.mark.parametrize(('batch', 'size'), [(1, 1), (2, 2), (3, 4), (5, 8), (33, 64), (64, 64)])
def test_batches_are_padded(batch, size):
    pictures = np.full((batch, 2, 3, 3), 7, np.uint8)[:, :, ::-1]
    filled = padded(pictures)
    assert filled.shape == (size, 2, 3, 3)
    assert filled.flags.c_contiguous
    assert size in BATCH_SIZES
    assert (filled[:batch] == 7).all() and not filled[batch:].any()


@pytest.mark.parametrize('device', ['tensorrt:0', 'openvino'])
def test_devices_that_only_onnx_runtime_has(device):
    choice = choose_engine('auto', device)
    assert (choice.engine, choice.device) == ('onnxruntime', device)
    with pytest.raises(EngineError, match=f'the keras engine has no device {device}, only cpu, '
                                          'gpu:N: set engine to onnxruntime'):
        choose_engine('keras', device)


@pytest.mark.parametrize(
    'error',
    [
        RuntimeError('RESOURCE_EXHAUSTED: Out of memory while trying to allocate 9 bytes'),
        type('ResourceExhaustedError', (Exception,), {})('OOM when allocating tensor'),
        type('OutOfMemoryError', (RuntimeError,), {})('CUDA error'),
    ],
)
def test_out_of_memory_is_explained(error):
    message = explained(error, INFO, 'a batch of [64, 192, 192, 3]')
    assert 'gpu:0 is out of memory with a batch of [64, 192, 192, 3]: use smaller' in message


def test_other_errors_name_the_driver_only_on_a_gpu():
    assert 'CUDA version' in explained(RuntimeError('no kernel image'), INFO, 'a batch')
    on_cpu = NetworkInfo('lightning', 'keras 3 on jax 1', 'cpu', 1, '0' * 64, 192)
    assert 'CUDA version' not in explained(RuntimeError('broken'), on_cpu, 'a batch')
