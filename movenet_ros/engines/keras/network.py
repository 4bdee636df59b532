"""The Keras engine: whole batches on a GPU, the decoding included.

The network is defined in `model` and `decode`; its weights come from the same files that LiteRT
runs. It works on a CPU too, for comparisons, but LiteRT is several times faster there.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from movenet_ros.core.center_weight import published_weights
from movenet_ros.core.network import HEAD_STRIDE, REFERENCE_PEOPLE, NetworkInfo
from movenet_ros.engines.checks import (
    check_center_weight,
    check_device,
    check_engine_device,
    check_pictures,
)
from movenet_ros.engines.design import DESIGNS
from movenet_ros.engines.keras.backends import Backend, Run, load_backend
from movenet_ros.engines.keras.weights import assign_weights
from movenet_ros.engines.models import FLOAT32, ModelEntry, read_verified
from movenet_ros.engines.precision import engine_text
from movenet_ros.engines.weights.convolutions import Convolution, read_weights
from movenet_ros.errors import EngineError, ModelError, MovenetError, ParameterError

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)
"""The batch sizes that are compiled; other batches are padded to the next one."""

POLICIES = {FLOAT32: 'float32', 'float16': 'mixed_float16'}
"""Keras' dtype policy of the layers, by precision."""

Scalar = TypeVar('Scalar', bound=np.generic)
Program = Callable[[npt.NDArray[np.uint8], Any, int], npt.NDArray[np.float32]]
"""Pictures, weight of the center heatmap (None with MultiPose), max_people -> rows."""

# How the libraries report that memory is short: in the name of the error or in its text.
_OUT_OF_MEMORY = re.compile(r'resource_?exhausted|out ?of ?memory', re.IGNORECASE)


class KerasNetwork:
    """A network run by Keras.

    Every batch size of `BATCH_SIZES`, and with MultiPose every picture size and every number of
    people, is compiled at its first use, which takes seconds on a GPU: `warm` does it in advance.
    """

    def __init__(
        self,
        entry: ModelEntry,
        *,
        device: str = 'auto',
        precision: str = FLOAT32,
        threads: int = 1,
        warm_batches: Sequence[int] = (1,),
        reason: str = '',
    ) -> None:
        """Loads a model.

        Args:
            entry: The model, from the manifest.
            device: `cpu`, `gpu:N`, or `auto` for the first GPU, if there is one.
            precision: Of the convolutions, a key of `POLICIES`; the last one of every head and
                the decoding are float32 always.
            threads: Number of CPU threads to request. A process that has used TensorFlow before
                keeps its number, JAX uses all; `info.threads` is the actual number.
            warm_batches: Batch sizes to compile now, for a network with a fixed picture size;
                for MultiPose call `warm`.
            reason: Why this engine was chosen, for the log.

        Raises:
            ParameterError: `device` or `precision` has an unknown value.
            ModelError: The file is missing, damaged, or not of this network.
            EngineError: Keras or its backend is not installed, or the device does not exist or
                does not run the network.
        """
        check_device(device)
        check_engine_device('keras', device)
        if precision not in POLICIES:
            raise ParameterError('precision', precision,
                                 f'the keras engine has only {" and ".join(POLICIES)}')
        weights = read_weights(read_verified(entry), entry.path)
        backend = load_backend()
        keras = importlib.import_module('keras')
        place = find_device(device, backend)
        self.info = NetworkInfo(
            model=entry.name,
            engine=engine_text(f'keras {keras.__version__} on {backend.name}', precision),
            device='cpu' if place.startswith('cpu') else place,
            threads=backend.limit_threads(threads),
            sha256=entry.sha256,
            input_size=entry.input_size,
            batches=True,
            reason=reason,
            precision=precision,
        )
        with self._translated(f'loading {entry.path.name}'), keras.device(place):
            model = load_model(entry, weights, POLICIES[precision])
            self._run: Program | None = load_program(entry, model, backend, place)
        for batch in warm_batches if entry.input_size else ():
            self.warm(batch, entry.input_size or 0, entry.input_size or 0)

    def infer(
        self,
        pictures: npt.NDArray[np.uint8],
        center_weight: npt.NDArray[np.float32] | None = None,
        max_people: int = REFERENCE_PEOPLE,
    ) -> npt.NDArray[np.float32]:
        """Runs the network on all pictures at once; see `Network.infer`."""
        check_pictures(pictures, self.info.input_size)
        check_center_weight(center_weight, len(pictures), self.info.input_size)
        if self._run is None:
            raise EngineError(f'the {self.info.model} network is closed: load it again')
        if center_weight is None and self.info.input_size is not None:
            side = self.info.input_size // HEAD_STRIDE
            center_weight = published_weights(len(pictures), side)
        most = BATCH_SIZES[-1]
        found = []
        with self._translated(f'a batch of {list(pictures.shape)}'):
            for i in range(0, len(pictures), most):
                part = pictures[i : i + most]
                weights = None if center_weight is None else padded(center_weight[i : i + most])
                found.append(self._run(padded(part), weights, max_people)[: len(part)])
        return found[0] if len(found) == 1 else np.concatenate(found)

    def warm(
        self, batch: int, height: int, width: int, max_people: int = REFERENCE_PEOPLE
    ) -> None:
        """Compiles for one shape, so that its first picture takes no longer than the others.

        Args:
            batch: Number of pictures.
            height: Of the pictures [px].
            width: Of the pictures [px].
            max_people: See `Network.infer`.

        Raises:
            ImageError: The network does not take such pictures.
            EngineError: The runtime failed, or the network is closed.
        """
        self.infer(np.zeros((batch, height, width, 3), np.uint8), max_people=max_people)

    def close(self) -> None:
        """Frees the weights and programs; may be called twice.

        The libraries keep the device's memory for their next network.
        """
        self._run = None

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        """Turns the errors of Keras and its backend into EngineErrors."""
        try:
            yield
        except MovenetError:
            raise
        except Exception as error:  # The libraries have no common base of their errors.
            raise EngineError(explained(error, self.info, doing)) from error


def load(entry: ModelEntry, *, threads: int, device: str, precision: str,
         reason: str) -> KerasNetwork:
    """Loads a model, see `KerasNetwork`."""
    return KerasNetwork(entry, device=device, precision=precision, threads=threads, reason=reason)


def explained(error: Exception, info: NetworkInfo, doing: str) -> str:
    """A message for an error of a library: its cause, and what to do about it."""
    what = f'{info.engine} on {info.device}'
    reason = f'{type(error).__name__}: {str(error).strip() or "no message"}'
    if _OUT_OF_MEMORY.search(reason):
        return (
            f'{what} is out of memory with {doing}: use smaller batches, the precision '
            f'float16, a smaller model, or another device ({reason[:200]})'
        )
    remedy = '' if info.device == 'cpu' else (
        ': the driver and the CUDA version of the backend must fit the card; '
        'the device cpu and the engine litert need neither'
    )
    return f'{what} failed with {doing} ({reason[:500]}){remedy}'


def find_device(device: str, backend: Backend) -> str:
    """Chooses a device that exists.

    Args:
        device: `cpu`, `gpu:N`, or `auto`.
        backend: The library that uses it.

    Returns:
        `cpu:0` or `gpu:N`.

    Raises:
        EngineError: There is no such GPU.
    """
    if device == 'cpu':
        return 'cpu:0'
    count = backend.gpus()
    if device == 'auto':
        return 'gpu:0' if count else 'cpu:0'
    number = int(device.partition(':')[2])
    if number >= count:
        reason = f'{backend.name} sees {count} GPUs' if count else backend.why_no_gpu()
        raise EngineError(
            f'there is no device {device} ({reason}): set device to '
            f'{", ".join(f"gpu:{i}" for i in range(count)) or "auto or cpu"}, or install a driver '
            'and a backend for this GPU'
        )
    return f'gpu:{number}'


def load_model(entry: ModelEntry, weights: Mapping[str, Convolution], policy: str) -> Any:
    """The Keras model with its weights; Keras has to be imported.

    Raises:
        ModelError: There is no such network, or the weights are of another one.
    """
    keras_model = importlib.import_module('movenet_ros.engines.keras.model')
    if entry.name not in DESIGNS:
        raise ModelError(f'Keras has no network {entry.name!r}, only {list(DESIGNS)}')
    model = keras_model.build_model(entry.name, policy)
    assign_weights(model, weights, entry.path)
    return model


def load_program(entry: ModelEntry, model: Any, backend: Backend, device: str) -> Program:
    """Makes one function of a network and its decoding; Keras has to be imported.

    Args:
        entry: The model, from the manifest.
        model: It in Keras, its weights on the device.
        backend: The library that runs it.
        device: `cpu:0` or `gpu:N`.
    """
    decoding: Any = importlib.import_module('movenet_ros.engines.keras.decode')
    if entry.input_size is not None:
        one = backend.compiled(model, decoding.decode_person, device)
        return lambda pictures, center_weight, max_people: one(pictures, center_weight)
    # The number of people is part of the shapes inside, so that each has a program of its own.
    programs: dict[int, Run] = {}

    def run(
        pictures: npt.NDArray[np.uint8], center_weight: None, max_people: int
    ) -> npt.NDArray[np.float32]:
        if max_people not in programs:
            decode = partial(decoding.decode_people, max_people=max_people)
            programs[max_people] = backend.compiled(model, decode, device)
        return programs[max_people](pictures)

    return run


def padded(batch: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    """Adds zeros up to the next of `BATCH_SIZES`; the result is contiguous.

    Args:
        batch: [B,...], pictures or their weights, B at most the largest of `BATCH_SIZES`.
    """
    size = next(size for size in BATCH_SIZES if size >= len(batch))
    if size == len(batch):
        return np.ascontiguousarray(batch)
    filled = np.zeros((size, *batch.shape[1:]), batch.dtype)
    filled[: len(batch)] = batch
    return filled
