"""The weights of every convolution, read from the same files that LiteRT runs.

The files keep the names of the published graphs. They are mapped to the names of the layers that
`engines.design` explains.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from movenet_ros.engines.models import REMEDY
from movenet_ros.engines.weights.litert_file import Operator, Tensor, read_litert_graph
from movenet_ros.errors import ModelError

Array = npt.NDArray[np.float32]

# Numbers of the operations in the schema of LiteRT files.
CONVOLUTIONS = (3, 4)  # CONV_2D, DEPTHWISE_CONV_2D
DEQUANTIZE = 6

HEAD_SCOPES = {
    'center_0': 'center_heatmap',
    'kpt_regress_0': 'keypoint_regression',
    'kpt_heatmap_0': 'keypoint_heatmap',
    'kpt_offset_0': 'keypoint_offset',
    'box_scale_0': 'box_scale',
    'box_offset_0': 'box_offset',
}
"""The heads by their scopes in the published graphs."""

# What a kernel is called in the published graphs, and the layer that it belongs to. The numbers
# that the graphs give to the layers of heads and the first number of a kind (none) say nothing.
_NAMES = (
    (re.compile(r'/Conv1_relu/'), 'stem'),
    (re.compile(r'/expanded_conv_(depthwise|project)'), r'block_0_\1'),
    (re.compile(r'/(block_\d+_(?:expand|depthwise|project))'), r'\1'),
    (re.compile(r'/out_relu/'), 'top'),
    (re.compile(r'/model_1/conv2d/'), 'lateral_0'),
    (re.compile(r'/model_1/conv2d_(\d+)/'), r'lateral_\1'),
    (re.compile(r'/model_1/separable_conv2d/'), 'merge_0_depthwise'),
    (re.compile(r'/model_1/separable_conv2d_(\d+)/'), r'merge_\1_depthwise'),
    (re.compile(r'/model_1/re_lu/'), 'merge_0_pointwise'),
    (re.compile(r'/model_1/re_lu_(\d+)/'), r'merge_\1_pointwise'),
    (re.compile(r'/(\w+_0)/separable_conv2d_\d+/'), r'\1 depthwise'),
    (re.compile(r'/(\w+_0)/re_lu_\d+/'), r'\1 pointwise'),
    (re.compile(r'/(\w+_0)/conv2d_\d+/'), r'\1 map'),
)


@dataclass(frozen=True, eq=False)
class Convolution:
    """The weights of one convolution, in the order of axes that TensorFlow and Keras use.

    Attributes:
        kernel: [height, width, channels in, channels out]; depthwise [height, width, channels, 1].
        bias: [channels out].
    """

    kernel: Array
    bias: Array


def read_weights(content: bytes, path: Path) -> dict[str, Convolution]:
    """Reads the weights out of a LiteRT file.

    Args:
        content: The file's content.
        path: Where it lies, for messages.

    Returns:
        Every convolution by the name of its layer.

    Raises:
        ModelError: It is not a LiteRT file of a MoveNet.
    """
    try:
        tensors, operators = read_litert_graph(content)
        constants = _constants(tensors, operators)
        convolutions: dict[str, Convolution] = {}
        for operator in operators:
            if operator.code in CONVOLUTIONS:
                name, convolution = _convolution(operator, tensors, constants)
                if name in convolutions:
                    raise ValueError(f'layer {name} is in it twice')
                convolutions[name] = convolution
    except (ValueError, IndexError) as error:
        raise ModelError(f'{path} holds no weights of a MoveNet: {error}; {REMEDY}') from error
    return convolutions


def layer_name(tensor: str) -> str:
    """The name of our layer to which a kernel of the published graphs belongs.

    Raises:
        ValueError: It is of no layer that we know.
    """
    for pattern, name in _NAMES:
        match = pattern.search(tensor)
        if match:
            scope, _, part = match.expand(name).partition(' ')
            if not part:
                return scope
            if scope in HEAD_SCOPES:
                return f'{HEAD_SCOPES[scope]}_{part}'
    raise ValueError(f'no layer has the weights {tensor!r}')


def _constants(tensors: list[Tensor], operators: list[Operator]) -> dict[int, Array]:
    """The constants by tensor, also those that are stored as float16 and widened by a step."""
    values = {i: tensor.values for i, tensor in enumerate(tensors) if tensor.values is not None}
    for operator in operators:
        if operator.code == DEQUANTIZE and operator.inputs[0] in values:
            values[operator.outputs[0]] = values.pop(operator.inputs[0])
    return {i: array.astype(np.float32) for i, array in values.items()}


def _convolution(
    operator: Operator, tensors: list[Tensor], constants: Mapping[int, Array]
) -> tuple[str, Convolution]:
    """The layer's name and its weights, in the order of axes of `Convolution`."""
    kernel, bias = operator.inputs[1:3]
    if kernel not in constants or bias not in constants:
        raise ValueError(f'the weights of {tensors[kernel].name!r} are no constants')
    # [out, height, width, in] or, depthwise, [1, height, width, channels].
    turned = np.ascontiguousarray(constants[kernel].transpose(1, 2, 3, 0))
    return layer_name(tensors[kernel].name), Convolution(turned, constants[bias])
