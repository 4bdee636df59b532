"""What differs between the libraries that Keras runs on: TensorFlow, JAX and PyTorch.

The backend must be chosen before Keras is imported, so this module imports neither Keras nor any
of them until `load_backend` is called.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from movenet_ros.errors import EngineError

BACKENDS = ('tensorflow', 'jax', 'torch')
"""The backends that can be used, the preferred one first."""

VARIABLE = 'KERAS_BACKEND'
INSTALL = "in a checkout of this package: `pip install '.[keras]'`"

Run = Callable[..., npt.NDArray[np.float32]]
Decode = Callable[..., Any]


class Backend(Protocol):
    """One library under Keras.

    Attributes:
        name: Library and version, e.g. `tensorflow 2.21.0`.
    """

    name: str

    def gpus(self) -> int:
        """How many GPUs the library can use."""

    def gpu_names(self) -> tuple[str, ...]:
        """What the cards are called."""

    def why_no_gpu(self) -> str:
        """What is known about why it can use none."""

    def limit_threads(self, threads: int) -> int:
        """Requests a number of CPU threads; returns the number that will be used."""

    def compiled(self, model: Any, decode: Decode, device: str) -> Run:
        """Makes one function of a network and its decoding.

        Args:
            model: A Keras model whose weights lie on the device.
            decode: Takes the model's outputs, and the tensors that the function is given
                beside the pictures.
            device: `cpu:0` or `gpu:N`.

        Returns:
            uint8 [B,H,W,3], further arrays -> float32. Every new combination of shapes is
            compiled when it is first seen.
        """


def load_backend() -> Backend:
    """Imports the backend, then Keras.

    The backend is that of Keras, if Keras is imported already, else that of the environment
    variable KERAS_BACKEND, else the first of `BACKENDS` that is installed.

    Raises:
        EngineError: One of them is not installed, cannot be imported, or cannot be used here.
    """
    name = backend_name()
    kinds: dict[str, type[TensorFlow] | type[Jax] | type[Torch]] = {
        'tensorflow': TensorFlow, 'jax': Jax, 'torch': Torch,
    }
    try:
        backend = kinds[name]()
        os.environ[VARIABLE] = name
        importlib.import_module('keras')
    except ImportError as error:
        raise EngineError(
            f'the keras engine cannot import keras on {name} ({error}): {INSTALL}, '
            f'or choose another of {", ".join(BACKENDS)} by the variable {VARIABLE}'
        ) from error
    return backend


def backend_name() -> str:
    """The name of the backend that `load_backend` would take.

    Raises:
        EngineError: None is installed, or another one is chosen that cannot be used.
    """
    loaded: Any = sys.modules.get('keras')
    name = loaded.config.backend() if loaded else os.environ.get(VARIABLE)
    if not name:
        name = next((each for each in BACKENDS if importlib.util.find_spec(each)), '')
    if not name:
        raise EngineError(f'the keras engine needs one of {", ".join(BACKENDS)}: {INSTALL}')
    if name not in BACKENDS:
        raise EngineError(
            f'the keras engine cannot use the backend {name!r}: '
            f'set the variable {VARIABLE} to one of {", ".join(BACKENDS)}'
        )
    return str(name)


class TensorFlow:
    """TensorFlow: XLA on a GPU, a plain graph on a CPU, where XLA takes ten times as long."""

    def __init__(self) -> None:
        os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
        self._tf: Any = importlib.import_module('tensorflow')
        self.name = f'tensorflow {self._tf.__version__}'
        # TF32 products would move keypoints; the parameter `precision` is for half precision.
        self._tf.config.experimental.enable_tensor_float_32_execution(False)
        for gpu in self._tf.config.list_physical_devices('GPU'):
            try:
                self._tf.config.experimental.set_memory_growth(gpu, True)
            except (RuntimeError, ValueError):
                return  # The process has used the GPU already, with settings of its own.

    def gpus(self) -> int:
        """See `Backend.gpus`."""
        return len(self._tf.config.list_physical_devices('GPU'))

    def gpu_names(self) -> tuple[str, ...]:
        """See `Backend.gpu_names`."""
        details = self._tf.config.experimental.get_device_details
        return tuple(details(gpu).get('device_name', 'unknown')
                     for gpu in self._tf.config.list_physical_devices('GPU'))

    def why_no_gpu(self) -> str:
        """See `Backend.why_no_gpu`."""
        build = self._tf.sysconfig.get_build_info()
        if not (build.get('is_cuda_build') or build.get('is_rocm_build')):
            return f'{self.name} was built for CPUs only'
        return (
            f'{self.name} was built for CUDA {build.get("cuda_version", "-")}; it found no GPU, '
            'or no driver and libraries that fit'
        )

    def limit_threads(self, threads: int) -> int:
        """See `Backend.limit_threads`."""
        threading = self._tf.config.threading
        # It raises RuntimeError once it runs: the number cannot be changed any more.
        with contextlib.suppress(RuntimeError):
            threading.set_intra_op_parallelism_threads(threads)
        return threading.get_intra_op_parallelism_threads() or os.cpu_count() or 1

    def compiled(self, model: Any, decode: Decode, device: str) -> Run:
        """See `Backend.compiled`."""
        tf = self._tf

        def whole(pictures: Any, *more: Any) -> Any:
            return decode(model(pictures, training=False), *more)

        graph = tf.function(whole, jit_compile=device.startswith('gpu'), autograph=False)
        # One program for each shape, kept here: TensorFlow warns of retracing for many shapes.
        programs: dict[tuple[tuple[int, ...], ...], Any] = {}

        def run(*arrays: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
            shapes = tuple(array.shape for array in arrays)
            with tf.device(device):
                if shapes not in programs:
                    specs = [tf.TensorSpec(array.shape, array.dtype) for array in arrays]
                    programs[shapes] = graph.get_concrete_function(*specs)
                return np.array(programs[shapes](*(tf.constant(array) for array in arrays)))

        return run


class Jax:
    """JAX: XLA on every device."""

    def __init__(self) -> None:
        # As much memory as is needed, not three quarters of the card at the start.
        os.environ.setdefault('XLA_PYTHON_CLIENT_PREALLOCATE', 'false')
        self._jax: Any = importlib.import_module('jax')
        self.name = f'jax {self._jax.__version__}'
        self._error = ''

    def gpus(self) -> int:
        """See `Backend.gpus`."""
        try:
            return len(self._jax.devices('gpu'))
        except RuntimeError as error:
            self._error = str(error)
            return 0

    def gpu_names(self) -> tuple[str, ...]:
        """See `Backend.gpu_names`."""
        return tuple(gpu.device_kind for gpu in self._jax.devices('gpu')) if self.gpus() else ()

    def why_no_gpu(self) -> str:
        """See `Backend.why_no_gpu`."""
        return f'{self.name}: {self._error or "no GPU"}'

    def limit_threads(self, threads: int) -> int:
        """See `Backend.limit_threads`: JAX takes every core."""
        return os.cpu_count() or 1

    def compiled(self, model: Any, decode: Decode, device: str) -> Run:
        """See `Backend.compiled`."""
        jax = self._jax
        kind, number = device.split(':')
        target = jax.devices(kind)[int(number)]
        # As arguments: values in the closure of a jitted function become constants of each program.
        values = [[each.value for each in group]
                  for group in (model.trainable_variables, model.non_trainable_variables)]
        weights = jax.device_put(values, target)

        def whole(weights: Any, pictures: Any, *more: Any) -> Any:
            heads, _ = model.stateless_call(*weights, pictures, training=False)
            return decode(heads, *more)

        program = jax.jit(whole)

        def run(*arrays: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
            # Exact products, as with TensorFlow.
            with jax.default_matmul_precision('float32'):
                return np.array(program(weights, *jax.device_put(arrays, target)))

        return run


class Torch:
    """PyTorch: operation by operation, nothing is compiled."""

    def __init__(self) -> None:
        self._torch: Any = importlib.import_module('torch')
        self.name = f'torch {self._torch.__version__}'
        # Exact products, as with TensorFlow.
        self._torch.backends.cuda.matmul.allow_tf32 = False
        self._torch.backends.cudnn.allow_tf32 = False

    def gpus(self) -> int:
        """See `Backend.gpus`."""
        return int(self._torch.cuda.device_count())

    def gpu_names(self) -> tuple[str, ...]:
        """See `Backend.gpu_names`."""
        return tuple(self._torch.cuda.get_device_name(i) for i in range(self.gpus()))

    def why_no_gpu(self) -> str:
        """See `Backend.why_no_gpu`."""
        cuda = self._torch.version.cuda
        if cuda is None:
            return f'{self.name} was built for CPUs only'
        return f'{self.name} was built for CUDA {cuda}; it found no GPU, or no driver that fits'

    def limit_threads(self, threads: int) -> int:
        """See `Backend.limit_threads`."""
        self._torch.set_num_threads(threads)
        return int(self._torch.get_num_threads())

    def compiled(self, model: Any, decode: Decode, device: str) -> Run:
        """See `Backend.compiled`."""
        torch, keras = self._torch, importlib.import_module('keras')
        target = device.replace('gpu', 'cuda')

        def run(*arrays: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
            with torch.inference_mode(), keras.device(device):
                pictures, *more = (torch.tensor(array, device=target) for array in arrays)
                return np.array(decode(model(pictures, training=False), *more).cpu().numpy())

        return run
