"""Writes a network as an ONNX file, in memory, from the weights of its LiteRT file.

The file ends at the heads, and is written so that every runtime reads it, back to the OpenCV 4.5.4
of Ubuntu 22.04:

- Opset 10, whose Clip has its limits as attributes: as inputs they fail in OpenCV 4.5.5 and 4.6.
- The bilinear doubling of the pyramid is a nearest-neighbour Resize and two averages over 2x2
  pixels, which give the same numbers also at the edges; runtimes do not agree on other ways.
- Batch, height and width are free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from movenet_ros.core.network import HEAD_STRIDE
from movenet_ros.engines.design import DESIGNS, GROUPS, PIXEL_OFFSET, PIXEL_SCALE, TAPS
from movenet_ros.engines.models import REMEDY, ModelEntry, read_verified
from movenet_ros.engines.onnx import messages
from movenet_ros.engines.weights.convolutions import Convolution, read_weights
from movenet_ros.errors import ModelError

IR_VERSION = 6
OPSET = 10
PRODUCER = 'movenet_ros'
INPUT = 'pictures'


def write_onnx(entry: ModelEntry) -> bytes:
    """Makes the ONNX file of a network.

    Its input `pictures` is float32 [N,3,H,W], RGB, 0..255, H and W multiples of 32. Its outputs are
    the raw heads, float32 [N,C,H/4,W/4], with the names and in the order of
    `core.multipose_decode.HEADS`; a single-person network has the first four.

    Args:
        entry: The model, from the manifest.

    Returns:
        The content of the file; the same for the same weights.

    Raises:
        ModelError: The model's file is missing, damaged, or not of this network.
    """
    if entry.name not in DESIGNS:
        raise ModelError(f'no network {entry.name!r} can be written as ONNX, only {list(DESIGNS)}')
    net = _Graph(read_weights(read_verified(entry), entry.path))
    try:
        features = _pyramid(net, *_backbone(net))
        outputs = [_head(net, features, head) for head in DESIGNS[entry.name].heads]
    except KeyError as error:
        raise _other_network(entry, f'no weights of the layer {error}') from None
    if net.left:
        raise _other_network(entry, f'weights of {", ".join(sorted(net.left))} beside those of it')
    inputs = [messages.value_info(INPUT, ('N', 3, 'H', 'W'))]
    graph = messages.graph(entry.name, net.nodes, net.tensors, inputs, outputs)
    metadata = {'weights_sha256': entry.sha256, 'licence': entry.licence,
                'attribution': str(entry.origin.get('attribution', ''))}
    return messages.model(graph, ir_version=IR_VERSION, opset=OPSET, producer=PRODUCER,
                          metadata=metadata)


def _other_network(entry: ModelEntry, found: str) -> ModelError:
    return ModelError(f'{entry.path} is not of the network {entry.name}, it has {found}: {REMEDY}')


class _Graph:
    """Collects the nodes and constants of a graph; every method returns the name of a value."""

    def __init__(self, weights: Mapping[str, Convolution]) -> None:
        self.left = dict(weights)
        self.nodes: list[bytes] = []
        self.tensors: list[bytes] = []
        self._two = self.constant('two_times', (1, 1, 2, 2))

    def node(self, op: str, inputs: Sequence[str], output: str,
             **attributes: messages.Attribute) -> str:
        """One operation."""
        self.nodes.append(messages.node(op, inputs, output, attributes))
        return output

    def constant(self, name: str, values: npt.ArrayLike) -> str:
        """Values that belong to the file."""
        self.tensors.append(messages.tensor(name, np.asarray(values, np.float32)))
        return name

    def conv(self, x: str, layer: str, output: str = '', *, stride: int = 1,
             depthwise: bool = False) -> str:
        """A convolution with its bias, padded to keep the size, or half of it with stride 2."""
        weights = self.left.pop(layer)
        # [height, width, in, out] -> [out, in, height, width]; depthwise: one for each channel.
        kernel = weights.kernel.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
        size = kernel.shape[2]
        # With stride 2, TensorFlow pads an even side at its end only.
        before, after = (size - stride) // 2, size // 2
        inputs = (x, self.constant(f'{layer}_kernel', kernel),
                  self.constant(f'{layer}_bias', weights.bias))
        return self.node('Conv', inputs, output or layer, kernel_shape=(size, size),
                         group=len(kernel) if depthwise else 1, strides=(stride, stride),
                         pads=(before, before, after, after))

    def relu6(self, x: str) -> str:
        """Limits the values to 0..6."""
        return self.node('Clip', (x,), f'{x}_relu6', min=0.0, max=6.0)

    def relu(self, x: str) -> str:
        """Limits the values to 0 and more."""
        return self.node('Relu', (x,), f'{x}_relu')

    def doubled(self, x: str) -> str:
        """Bilinear, to twice the height and width."""
        near = self.node('Resize', (x, self._two), f'{x}_near', mode='nearest')
        wide = self.node('AveragePool', (near,), f'{x}_wide', kernel_shape=(2, 2),
                         pads=(1, 1, 1, 1), strides=(1, 1))
        return self.node('AveragePool', (wide,), f'{x}_doubled', kernel_shape=(2, 2),
                         pads=(0, 0, 0, 0), strides=(1, 1))


def _backbone(net: _Graph) -> tuple[str, list[str]]:
    """MobileNetV2: the top at stride 32, and what the pyramid taps on the way."""
    scaled = net.node('Mul', (INPUT, net.constant('pixel_scale', PIXEL_SCALE)), 'scaled')
    x = net.node('Add', (scaled, net.constant('pixel_offset', PIXEL_OFFSET)), 'normalised')
    x = net.relu6(net.conv(x, 'stem', stride=2))
    outputs: list[str] = []
    for _, count, stride in GROUPS:
        for i in range(count):
            x = _inverted_residual(net, x, len(outputs), stride if i == 0 else 1, residual=i > 0)
            outputs.append(x)
    return net.relu6(net.conv(x, 'top')), [outputs[block] for block in TAPS]


def _inverted_residual(net: _Graph, x: str, block: int, stride: int, *, residual: bool) -> str:
    """Expand, depthwise, project; with a residual where input and output have the same shape."""
    name = f'block_{block}'
    # The first block is as wide as what it gets.
    wide = net.relu6(net.conv(x, f'{name}_expand')) if block else x
    seen = net.relu6(net.conv(wide, f'{name}_depthwise', stride=stride, depthwise=True))
    narrow = net.conv(seen, f'{name}_project')
    return net.node('Add', (x, narrow), f'{name}_sum') if residual else narrow


def _pyramid(net: _Graph, top: str, taps: Sequence[str]) -> str:
    """From the top down, each level adds finer features: the last is at stride 4."""
    x = net.conv(top, 'lateral_0')
    for level, tap in enumerate(taps):
        lateral = net.conv(tap, f'lateral_{level + 1}')
        x = net.node('Add', (net.doubled(x), lateral), f'merge_{level}_sum')
        x = net.conv(x, f'merge_{level}_depthwise', depthwise=True)
        x = net.relu(net.conv(x, f'merge_{level}_pointwise'))
    return x


def _head(net: _Graph, features: str, head: str) -> bytes:
    """Adds one head; returns the description of its map."""
    x = net.conv(features, f'{head}_depthwise', depthwise=True)
    x = net.relu(net.conv(x, f'{head}_pointwise'))
    channels = len(net.left[f'{head}_map'].bias)
    net.conv(x, f'{head}_map', head)
    return messages.value_info(head, ('N', channels, f'H/{HEAD_STRIDE}', f'W/{HEAD_STRIDE}'))
