"""The ONNX Runtime engine: its devices and providers, and the errors when one is missing."""
import sys

import numpy as np
import pytest

from movenet_ros.engines.loading import load_network
from movenet_ros.engines.onnx.network import MOST_PICTURES
from movenet_ros.engines.onnxruntime import CPU, CUDA, OPENVINO, TENSORRT, provider_options
from movenet_ros.errors import EngineError

AZURE = 'AzureExecutionProvider'
"""One that no device stands for."""


class FakeRuntime:
    """An ONNX Runtime with some execution providers, of which some do not work here."""

    __version__ = '1.30.0'

    def __init__(self, available, broken=()):
        self._available = available
        self._broken = broken

    def get_available_providers(self):
        return [*self._available, CPU]

    class SessionOptions:
        def __init__(self):
            self.entries = {}

        def add_session_config_entry(self, key, value):
            self.entries[key] = value

    def InferenceSession(self, content, options, providers):
        self.options, self.providers = options, providers
        return FakeSession([name for name, _ in providers if name not in self._broken])


class FakeSession:
    def __init__(self, providers):
        self._providers = providers

    def get_providers(self):
        return list(dict.fromkeys([*self._providers, CPU]))


@pytest.fixture
def runtime(monkeypatch):
    def install(*available, broken=()):
        fake = FakeRuntime(available, broken)
        monkeypatch.setitem(sys.modules, 'onnxruntime', fake)
        return fake

    monkeypatch.setenv('NVIDIA_TF32_OVERRIDE', '0')
    return install


def load(device, threads=2):
    return load_network('lightning', engine='onnxruntime', device=device, threads=threads)


def test_without_the_package_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, 'onnxruntime', None)
    with pytest.raises(EngineError, match=r"pip install '\.\[onnxruntime\]'"):
        load('cpu')


@pytest.mark.parametrize(('device', 'provider', 'package'), [
    ('gpu:0', CUDA, 'onnxruntime-gpu'), ('tensorrt:1', TENSORRT, 'onnxruntime-gpu and tensorrt'),
    ('openvino', OPENVINO, 'onnxruntime-openvino')])
def test_a_provider_that_is_not_installed(runtime, device, provider, package):
    runtime(AZURE)
    with pytest.raises(EngineError) as caught:
        load(device)
    assert str(caught.value) == (
        f'onnxruntime 1.30.0 has no {provider}, which device {device} needs, only {AZURE}, {CPU}: '
        f'install {package}, or set device to cpu')


@pytest.mark.parametrize(('device', 'provider'), [('gpu:0', CUDA), ('tensorrt:0', TENSORRT)])
def test_a_provider_that_does_not_work_is_not_replaced_by_the_cpu(runtime, device, provider):
    runtime(TENSORRT, CUDA, broken=(TENSORRT, CUDA))
    with pytest.raises(EngineError, match=f'cannot use {provider} for device {device} here: the'):
        load(device)


@pytest.mark.parametrize(('available', 'broken', 'place'), [
    ((), (), 'cpu'), ((CUDA,), (), 'gpu:0'), ((CUDA,), (CUDA,), 'cpu')])
def test_auto_is_the_first_gpu_that_works(runtime, available, broken, place):
    runtime(*available, broken=broken)
    assert load('auto').info.device == place


@pytest.mark.parametrize(('device', 'provider'), [
    ('cpu', CPU), ('gpu:1', CUDA), ('tensorrt:1', TENSORRT), ('openvino', OPENVINO)])
def test_a_device_is_its_provider(runtime, device, provider):
    fake = runtime(TENSORRT, CUDA, OPENVINO)
    network = load(device, threads=3)
    assert network.info.device == device
    assert network.info.engine == 'onnxruntime 1.30.0'
    assert fake.providers[0][0] == provider
    assert fake.options.intra_op_num_threads == 3
    # A node waits for the images of several cameras only where they take less time together.
    assert network.info.batches == (device in ('gpu:1', 'tensorrt:1'))


def test_gpus_compute_with_whole_float32_factors():
    assert provider_options('gpu:2', 1, 192) == [(CUDA, {'device_id': '2', 'use_tf32': '0'})]


def test_tensorrt_is_told_the_shapes():
    (name, options), (second, _) = provider_options('tensorrt:1', 1, 192)
    assert (name, second) == (TENSORRT, CUDA)
    assert options == {'device_id': '1', 'trt_profile_min_shapes': 'pictures:1x3x192x192',
                       'trt_profile_opt_shapes': 'pictures:1x3x192x192',
                       'trt_profile_max_shapes': 'pictures:16x3x192x192'}
    options = provider_options('tensorrt:0', 1, None)[0][1]
    assert options['trt_profile_min_shapes'] == 'pictures:1x3x32x32'
    assert options['trt_profile_max_shapes'] == 'pictures:16x3x1024x1024'


def test_what_the_runtime_rejects_becomes_one_line(runtime, monkeypatch):
    fake = runtime()

    def reject(*args, **options):
        raise ValueError('unknown opset\n')

    monkeypatch.setattr(fake, 'InferenceSession', reject)
    with pytest.raises(EngineError) as caught:
        load('cpu')
    assert str(caught.value) == ('onnxruntime 1.30.0 rejects the lightning network on cpu '
                                 '(ValueError: unknown opset)')


def test_more_pictures_than_one_call_takes():
    pytest.importorskip('onnxruntime', reason='the engine onnxruntime is not installed')
    network = load('cpu')
    batch = np.random.default_rng(0).integers(0, 256, (MOST_PICTURES + 2, 192, 192, 3), np.uint8)
    found = network.infer(batch)
    np.testing.assert_allclose(found[-2:], network.infer(batch[-2:]), atol=1e-5)
