"""The layers of a LiteRT file that are to be quantised, and their weights."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Convolution:
    """A 1x1 convolution.

    Attributes:
        input: Name of the tensor that it takes.
        weights: Name of the tensor of its weights.
        index: Of that tensor.
    """

    input: str
    weights: str
    index: int


class LiteRtModel:
    """A LiteRT file in float32, of which some layers are looked at and changed."""

    def __init__(self, content: bytes, layers: str) -> None:
        """Reads a file.

        Args:
            content: Of the file.
            layers: A regular expression for the outputs of the layers to look at.
        """
        self._files = importlib.import_module('ai_edge_quantizer.utils.tfl_flatbuffer_utils')
        self._model = self._files.read_model(bytearray(content))
        self._tensors = self._model.subgraphs[0].tensors
        self._names = [tensor.name.decode() for tensor in self._tensors]
        self._layers = layers

    def activations(self) -> set[str]:
        """Names of the tensors that enter or leave the layers, constants apart."""
        return {
            self._names[index] for operation in self._operations()
            for index in (*operation.inputs, *operation.outputs)
            if index >= 0 and self._buffer(index).data is None
        }

    def pointwise_convolutions(self) -> list[Convolution]:
        """The 1x1 convolutions among the layers."""
        found = []
        for operation in self._operations():
            source, index = operation.inputs[:2]
            kind = self._model.operatorCodes[operation.opcodeIndex].builtinCode
            if (self._files.TFL_OP_CODE_TO_NAME[kind] == 'CONV_2D'
                    and tuple(self._tensors[index].shape[1:3]) == (1, 1)):
                found.append(Convolution(self._names[source], self._names[index], int(index)))
        return found

    def weights(self, convolution: Convolution) -> NDArray[np.float32]:
        """float32 [O,I], of O output and I input channels."""
        data = bytes(self._buffer(convolution.index).data)
        return np.frombuffer(data, np.float32).reshape(self._tensors[convolution.index].shape[0],
                                                       -1)

    def set_weights(self, convolution: Convolution, weights: NDArray[np.float32]) -> None:
        """Replaces weights, float32 [O,I]."""
        self._buffer(convolution.index).data = np.frombuffer(weights.tobytes(), np.uint8)

    def content(self) -> bytes:
        """The file with the weights as they are now."""
        tools = importlib.import_module('ai_edge_litert.tools.flatbuffer_utils')
        return bytes(tools.convert_object_to_bytearray(self._model))

    def _operations(self) -> Iterator[Any]:
        for operation in self._model.subgraphs[0].operators:
            if any(re.match(self._layers, self._names[index]) for index in operation.outputs):
                yield operation

    def _buffer(self, index: int) -> Any:
        return self._model.buffers[self._tensors[index].buffer]
