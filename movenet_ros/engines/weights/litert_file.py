"""The constants of a LiteRT file and what uses them, read without LiteRT.

A LiteRT file is a FlatBuffer: tables that lie anywhere in the file and point to one another. Of
its schema only what leads to the weights is read here, in a few lines that need neither the
runtime (other engines have no use for it) nor generated code.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

IDENTIFIER = b'TFL3'

# Field numbers of the schema's tables.
_MODEL_CODES, _MODEL_GRAPHS, _MODEL_BUFFERS = 1, 2, 4
_GRAPH_TENSORS, _GRAPH_OPERATORS = 0, 3
_TENSOR_SHAPE, _TENSOR_TYPE, _TENSOR_BUFFER, _TENSOR_NAME = 0, 1, 2, 3
_OPERATOR_CODE, _OPERATOR_INPUTS, _OPERATOR_OUTPUTS = 0, 1, 2
_BUFFER_DATA = 0

_DTYPES: dict[int, np.dtype[Any]] = {0: np.dtype('<f4'), 1: np.dtype('<f2')}


@dataclass(frozen=True)
class Tensor:
    """One tensor of the file.

    Attributes:
        name: Its name.
        values: A constant's values as they are stored, read-only; None if it is computed or is
            of a type that weights never have.
    """

    name: str
    values: npt.NDArray[Any] | None


@dataclass(frozen=True)
class Operator:
    """One step of the file's graph.

    Attributes:
        code: Number of the operation in the schema, e.g. 3 for CONV_2D.
        inputs: Indices of tensors; -1 where an optional one is left out.
        outputs: Indices of tensors.
    """

    code: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_litert_graph(content: bytes) -> tuple[list[Tensor], list[Operator]]:
    """Reads the first (with our files: the only) graph of a LiteRT file.

    Args:
        content: The whole file; constants are views of it.

    Raises:
        ValueError: It is not a LiteRT file, or is damaged.
    """
    if content[4:8] != IDENTIFIER:
        raise ValueError(f'it does not begin as a LiteRT file does ({content[:8]!r})')
    try:
        model = _Table(content, struct.unpack_from('<I', content, 0)[0])
        graph = model.tables(_MODEL_GRAPHS)[0]
        buffers = model.tables(_MODEL_BUFFERS)
        codes = [_builtin(code) for code in model.tables(_MODEL_CODES)]
        tensors = [_tensor(table, buffers) for table in graph.tables(_GRAPH_TENSORS)]
        operators = [_operator(table, codes) for table in graph.tables(_GRAPH_OPERATORS)]
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError(f'it is damaged ({type(error).__name__}: {error})') from error
    return tensors, operators


class _Table:
    """One table: where it lies, and its fields by their numbers."""

    def __init__(self, content: bytes, position: int) -> None:
        self._content = content
        self._position = position

    def number(self, field: int, code: str) -> int:
        """A scalar, by its struct code; 0 where it is left out, as the schema's defaults are."""
        place = self._place(field)
        return int(struct.unpack_from('<' + code, self._content, place)[0]) if place else 0

    def array(self, field: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """A vector of numbers, [N]; a view of the file."""
        start, count = self._vector(field)
        return np.frombuffer(self._content, dtype, count, start)

    def text(self, field: int) -> str:
        """A string."""
        start, count = self._vector(field)
        return self._content[start : start + count].decode()

    def tables(self, field: int) -> list[_Table]:
        """A vector of tables."""
        start, count = self._vector(field)
        places = np.frombuffer(self._content, '<u4', count, start).tolist()
        return [_Table(self._content, start + 4 * i + place) for i, place in enumerate(places)]

    def _vector(self, field: int) -> tuple[int, int]:
        """Where a vector's elements begin, and how many they are."""
        place = self._place(field)
        if not place:
            return 0, 0
        start = place + self._u32(place)
        return start + 4, self._u32(start)

    def _place(self, field: int) -> int:
        """Where a field lies; 0 where it is left out."""
        (back,) = struct.unpack_from('<i', self._content, self._position)
        layout, entry = self._position - back, 4 + 2 * field
        if layout < 0 or entry >= self._u16(layout):
            return 0
        offset = self._u16(layout + entry)
        return self._position + offset if offset else 0

    def _u16(self, place: int) -> int:
        return int(struct.unpack_from('<H', self._content, place)[0])

    def _u32(self, place: int) -> int:
        return int(struct.unpack_from('<I', self._content, place)[0])


def _builtin(table: _Table) -> int:
    """The operation's number: a byte in old files, a wider field since there are too many."""
    return max(table.number(0, 'b'), table.number(3, 'i'))


def _tensor(table: _Table, buffers: list[_Table]) -> Tensor:
    name = table.text(_TENSOR_NAME)
    dtype = _DTYPES.get(table.number(_TENSOR_TYPE, 'b'))
    data = buffers[table.number(_TENSOR_BUFFER, 'I')].array(_BUFFER_DATA, np.uint8)
    if dtype is None or not data.size:
        return Tensor(name, None)
    shape = table.array(_TENSOR_SHAPE, '<i4').tolist()
    return Tensor(name, data.view(dtype).reshape(shape))


def _operator(table: _Table, codes: list[int]) -> Operator:
    return Operator(
        codes[table.number(_OPERATOR_CODE, 'I')],
        tuple(table.array(_OPERATOR_INPUTS, '<i4').tolist()),
        tuple(table.array(_OPERATOR_OUTPUTS, '<i4').tolist()),
    )
