"""MoveNet as a Keras 3 model: MobileNetV2, a feature pyramid, and heads.

Import this module only after `backends.load_backend`: it imports Keras. Weights are assigned by
the names of the layers, see `weights`. There is no batch normalisation, because it is folded
into the published weights.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.engines.design import (
    DESIGNS,
    EXPANSION,
    GROUPS,
    PIXEL_OFFSET,
    PIXEL_SCALE,
    TAPS,
)

MAP_CHANNELS = {
    'center_heatmap': 1,
    'keypoint_regression': 2 * KEYPOINTS,
    'keypoint_heatmap': KEYPOINTS,
    'keypoint_offset': 2 * KEYPOINTS,
    'box_scale': 2,
    'box_offset': 2,
}
"""Channels of the maps that the heads give."""

STEM_CHANNELS = 32
TOP_CHANNELS = 1280
# Channels of the pyramid before and after its levels at strides 16, 8 and 4.
PYRAMID_CHANNELS = (64, 32, 24, 24)
HEAD_CHANNELS = 96


def build_model(name: str, policy: str) -> Any:
    """Builds a network without weights.

    Args:
        name: A key of `DESIGNS`.
        policy: Keras' dtype policy of the layers: `float32` or `mixed_float16`. The last
            layer of every head computes in float32 in any case: it is small, and its results
            are compared with one another.

    Returns:
        A `keras.Model`: uint8 [B,H,W,3], RGB, H and W multiples of 32 -> a list of the raw
        heads, float32 [B,H/4,W/4,C] each.
    """
    design = DESIGNS[name]
    pictures = keras.Input((None, None, 3), dtype='uint8', name='pictures')
    net = _Layers(policy)
    scaled = ops.cast(pictures, 'float32') * PIXEL_SCALE + PIXEL_OFFSET
    features = _pyramid(net, *_backbone(net, scaled, design.width))
    heads = [_head(net, features, head) for head in design.heads]
    return keras.Model(pictures, heads, name=name)


class _Layers:
    """Makes convolutions of one dtype policy: padded to keep the size, with a bias."""

    def __init__(self, policy: str) -> None:
        self._policy = policy

    def conv(
        self, x: Any, channels: int, name: str, activation: str | None = None,
        *, size: int = 1, stride: int = 1, dtype: str | None = None,
    ) -> Any:
        """[B,h,w,c] -> [B,h/stride,w/stride,channels]."""
        layer = layers.Conv2D(
            channels, size, stride, padding='same', activation=activation, name=name,
            dtype=dtype or self._policy,
        )
        return layer(x)

    def depthwise(
        self, x: Any, name: str, activation: str | None = None, *, stride: int = 1,
        bias: bool = True,
    ) -> Any:
        """[B,h,w,c] -> [B,h/stride,w/stride,c], every channel by itself, 3x3 pixels."""
        layer = layers.DepthwiseConv2D(
            3, stride, padding='same', activation=activation, use_bias=bias, name=name,
            dtype=self._policy,
        )
        return layer(x)


def _backbone(net: _Layers, x: Any, width: float) -> tuple[Any, list[Any]]:
    """MobileNetV2: [B,H,W,3] -> [B,H/32,W/32,1280], and what the pyramid taps on the way."""
    x = net.conv(x, _channels(STEM_CHANNELS, width), 'stem', 'relu6', size=3, stride=2)
    outputs: list[Any] = []
    for channels, count, stride in GROUPS:
        for i in range(count):
            block = len(outputs)
            x = _inverted_residual(
                net, x, _channels(channels, width), block, stride if i == 0 else 1
            )
            outputs.append(x)
    return net.conv(x, TOP_CHANNELS, 'top', 'relu6'), [outputs[block] for block in TAPS]


def _inverted_residual(net: _Layers, x: Any, channels: int, block: int, stride: int) -> Any:
    """Expand, depthwise, project; with a residual where input and output have the same shape."""
    wide = x
    # The first block is as wide as what it gets.
    if block:
        wide = net.conv(x, EXPANSION * x.shape[-1], f'block_{block}_expand', 'relu6')
    seen = net.depthwise(wide, f'block_{block}_depthwise', 'relu6', stride=stride)
    narrow = net.conv(seen, channels, f'block_{block}_project')
    return x + narrow if stride == 1 and x.shape[-1] == channels else narrow


def _pyramid(net: _Layers, top: Any, taps: list[Any]) -> Any:
    """From the top down, each level adds finer features: -> [B,H/4,W/4,24]."""
    x = net.conv(top, PYRAMID_CHANNELS[0], 'lateral_0')
    for level, tap in enumerate(taps):
        channels, following = PYRAMID_CHANNELS[level : level + 2]
        x = _doubled(x) + net.conv(tap, channels, f'lateral_{level + 1}')
        x = net.depthwise(x, f'merge_{level}_depthwise', bias=False)
        x = net.conv(x, following, f'merge_{level}_pointwise', 'relu')
    return x


def _head(net: _Layers, features: Any, head: str) -> Any:
    """[B,h,w,24] -> the raw map [B,h,w,C] in float32."""
    x = net.depthwise(features, f'{head}_depthwise', bias=False)
    x = net.conv(x, HEAD_CHANNELS, f'{head}_pointwise', 'relu')
    return net.conv(x, MAP_CHANNELS[head], f'{head}_map', dtype='float32')


def _doubled(x: Any) -> Any:
    """Bilinear, to twice the height and width: [B,h,w,c] -> [B,2h,2w,c].

    Written as additions, which XLA fuses with what follows; resizing would be a step of its own.
    """
    for axis in (1, 2):
        near = ops.repeat(x, 2, axis=axis)
        before = ops.concatenate([_cut(near, axis, 0, 1), _cut(near, axis, 0, -1)], axis)
        after = ops.concatenate([_cut(near, axis, 1, None), _cut(near, axis, -1, None)], axis)
        x = near * 0.5 + (before + after) * 0.25
    return x


def _cut(x: Any, axis: int, start: int, stop: int | None) -> Any:
    """x[start:stop] along one axis."""
    index = (*(slice(None),) * axis, slice(start, stop))
    return x[index]


def _channels(base: int, width: float) -> int:
    """Channels of a layer in a network `width` times as wide: the nearest multiple of 8."""
    return max(8, int(base * width + 4) // 8 * 8)
