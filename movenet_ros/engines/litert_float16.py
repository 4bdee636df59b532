"""LiteRT's newer interface, which alone can be told to compute in half precision.

The same float32 files run with it: XNNPACK converts the weights when it loads them.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from movenet_ros.core.network import HEAD_STRIDE
from movenet_ros.errors import EngineError

FORCE_FP16 = 0x4
"""XNNPACK's flag TFLITE_XNNPACK_DELEGATE_FLAG_FORCE_FP16."""
ALIGNMENT = 64
ITEM = 4
"""Both in bytes."""


class Float16Interpreter:
    """A model in half precision, with the methods of LiteRT's interpreter that are used.

    Where the processor does not compute in half precision, XNNPACK does every operation in single
    precision and rounds its result: the same accuracy, several times slower.
    """

    def __init__(self, interpreter_class: Any, content: bytes, threads: int) -> None:
        """Loads a model.

        Args:
            interpreter_class: LiteRT's interpreter, which alone tells which sides are free.
            content: The model file.
            threads: How many CPU threads it may use.

        Raises:
            EngineError: This LiteRT is too old.
            RuntimeError: It rejects the file.
        """
        self._content = content  # The model refers to it.
        described = interpreter_class(model_content=content)
        self._details = (described.get_input_details(), described.get_output_details())
        self._model, self._tensor_buffer = _compiled(content, threads)
        signature = self._model.get_signature_by_index(0)
        self._inputs = _places(signature['inputs'], self._details[0])
        self._outputs = _places(signature['outputs'], self._details[1])
        self._pictures: tuple[int, ...] = (0, 0, 0, 0)
        self._input_buffers: list[Any] = []
        self._output_buffers: list[Any] = []
        self._heads: list[npt.NDArray[np.float32]] = []

    def get_input_details(self) -> list[dict[str, Any]]:
        """Name, index, type and shape of each input."""
        return list(self._details[0])

    def get_output_details(self) -> list[dict[str, Any]]:
        """The same of each output."""
        return list(self._details[1])

    def resize_tensor_input(self, index: int, shape: tuple[int, ...], strict: bool) -> None:
        """Sets the shape of the pictures, an input; `allocate_tensors` has to follow."""
        self._model.resize_input_tensor(self._inputs[index], shape, strict=strict)
        self._pictures = shape

    def allocate_tensors(self) -> None:
        """Makes room for inputs and outputs of the present shapes."""
        # The buffers that LiteRT makes for outputs do not follow a change of shape.
        self._heads = [_aligned(shape) for shape in self._output_shapes()]
        self._output_buffers = [self._tensor_buffer.create_from_host_memory(head)
                                for head in self._heads]
        self._input_buffers = self._model.create_input_buffers(0)

    def set_tensor(self, index: int, value: npt.NDArray[Any]) -> None:
        """Copies a value into an input."""
        self._input_buffers[self._inputs[index]].write(value)

    def invoke(self) -> None:
        """Runs the network."""
        self._model.run_by_index(0, self._input_buffers, self._output_buffers)

    def get_tensor(self, index: int) -> npt.NDArray[np.float32]:
        """A copy of an output."""
        return np.copy(self._heads[self._outputs[index]])

    def tensor(self, index: int) -> Callable[[], npt.NDArray[np.float32]]:
        """What gives an output, which the next run writes to."""
        return lambda: self._heads[self._outputs[index]]

    def _output_shapes(self) -> list[tuple[int, ...]]:
        """In the signature's order; a side that is free is that of the pictures by the stride."""
        signatures = {int(detail['index']): detail['shape_signature']
                      for detail in self._details[1]}
        return [tuple(int(side) if side > 0 else picture // HEAD_STRIDE for side, picture
                      in zip(signatures[index], self._pictures, strict=True))
                for index in self._outputs]


def _compiled(content: bytes, threads: int) -> tuple[Any, Any]:
    """The model in LiteRT's newer interface, and its class of buffers."""
    try:
        from ai_edge_litert.compiled_model import CompiledModel
        from ai_edge_litert.cpu_options import CpuOptions
        from ai_edge_litert.hardware_accelerator import HardwareAccelerator
        from ai_edge_litert.options import Options
        from ai_edge_litert.tensor_buffer import TensorBuffer
    except ImportError as error:
        raise EngineError(f'precision float16 needs ai-edge-litert 2.3 or later ({error}): '
                          "`pip install 'ai-edge-litert>=2.3'`, or set precision to float32"
                          ) from error
    cpu = CpuOptions(num_threads=threads, xnnpack_flags=FORCE_FP16)
    options = Options(hardware_accelerators=HardwareAccelerator.CPU, cpu_options=cpu)
    return CompiledModel.from_buffer(content, options=options), TensorBuffer


def _places(names: Sequence[str], details: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Which of the signature's tensors has which index in the file."""
    indices = {detail['name']: int(detail['index']) for detail in details}
    return {indices[name]: place for place, name in enumerate(names)}


def _aligned(shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Zeros in memory that LiteRT uses as it is, where it would copy any other."""
    count = int(np.prod(shape))
    room = np.zeros(count + ALIGNMENT // ITEM, np.float32)
    first = -room.ctypes.data % ALIGNMENT // ITEM
    head: npt.NDArray[np.float32] = room[first:first + count].reshape(shape)
    return head
