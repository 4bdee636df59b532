"""The few messages of an ONNX file that a network needs, as bytes.

An ONNX file is one protobuf message. Protobuf's wire format is a row of fields: a key (the number
of the field and how its value is written), then the value. The numbers are those of onnx.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Attribute = float | int | str | Sequence[int]

# How a value is written.
_VARINT, _BYTES, _FLOAT = 0, 2, 5

# Element type of tensors and types of attributes.
_FLOAT32 = 1
_ATTRIBUTE_FLOAT, _ATTRIBUTE_INT, _ATTRIBUTE_STRING, _ATTRIBUTE_INTS = 1, 2, 3, 7


def node(op: str, inputs: Iterable[str], output: str, attributes: Mapping[str, Attribute]) -> bytes:
    """A NodeProto with one output, whose name is also that of the node."""
    return b''.join((
        *(_text(1, name) for name in inputs),
        _text(2, output),
        _text(3, output),
        _text(4, op),
        *(_bytes(5, _attribute(name, value)) for name, value in attributes.items()),
    ))


def tensor(name: str, values: npt.NDArray[np.float32]) -> bytes:
    """A TensorProto of float32 values."""
    return b''.join((
        *(_int(1, side) for side in values.shape),
        _int(2, _FLOAT32),
        _text(8, name),
        _bytes(9, values.astype('<f4', copy=False).tobytes()),
    ))


def value_info(name: str, shape: Iterable[int | str]) -> bytes:
    """A ValueInfoProto of float32 values; a side that is free is given by a name."""
    sides = (_int(1, side) if isinstance(side, int) else _text(2, side) for side in shape)
    dimensions = b''.join(_bytes(1, side) for side in sides)
    return _text(1, name) + _bytes(2, _bytes(1, _int(1, _FLOAT32) + _bytes(2, dimensions)))


def graph(name: str, nodes: Iterable[bytes], tensors: Iterable[bytes],
          inputs: Iterable[bytes], outputs: Iterable[bytes]) -> bytes:
    """A GraphProto."""
    return b''.join((
        *(_bytes(1, each) for each in nodes),
        _text(2, name),
        *(_bytes(5, each) for each in tensors),
        *(_bytes(11, each) for each in inputs),
        *(_bytes(12, each) for each in outputs),
    ))


def model(content: bytes, *, ir_version: int, opset: int, producer: str,
          metadata: Mapping[str, str]) -> bytes:
    """A ModelProto, which is the content of a file, around a GraphProto."""
    return b''.join((
        _int(1, ir_version),
        _text(2, producer),
        _bytes(7, content),
        _bytes(8, _int(2, opset)),
        *(_bytes(14, _text(1, key) + _text(2, value)) for key, value in metadata.items()),
    ))


def _attribute(name: str, value: Attribute) -> bytes:
    """An AttributeProto."""
    if isinstance(value, float):
        typed = _key(2, _FLOAT) + struct.pack('<f', value) + _int(20, _ATTRIBUTE_FLOAT)
    elif isinstance(value, int):
        typed = _int(3, value) + _int(20, _ATTRIBUTE_INT)
    elif isinstance(value, str):
        typed = _text(4, value) + _int(20, _ATTRIBUTE_STRING)
    else:
        typed = b''.join(_int(8, each) for each in value) + _int(20, _ATTRIBUTE_INTS)
    return _text(1, name) + typed


def _int(field: int, value: int) -> bytes:
    return _key(field, _VARINT) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _bytes(field: int, value: bytes) -> bytes:
    return _key(field, _BYTES) + _varint(len(value)) + value


def _key(field: int, kind: int) -> bytes:
    return _varint(field << 3 | kind)


def _varint(value: int) -> bytes:
    """A number >= 0 in groups of seven bits, the lowest first; all but the last have bit 7 set."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)
