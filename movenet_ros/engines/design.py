"""What MoveNet is made of: MobileNetV2, a feature pyramid, and heads; the same for every runtime.

From the picture to the maps:

1. `stem`, then the blocks of `GROUPS` (`block_N_expand`, `_depthwise`, `_project`), then `top`.
2. `lateral_0` of the top is the pyramid at stride 32. For each of `TAPS` it is doubled in height
   and width, bilinearly, added to `lateral_N` of the tapped block, and goes through
   `merge_N_depthwise` and `merge_N_pointwise`.
3. Each head: `HEAD_depthwise`, `HEAD_pointwise`, `HEAD_map`.

There is no batch normalisation, because it is folded into the published weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from movenet_ros.core.multipose_decode import HEADS

# From the published graphs, which store 2/255 as float16: 0..255 becomes -1..1.
PIXEL_SCALE = 0.007843017578125
PIXEL_OFFSET = -1.0

PERSON_HEADS = HEADS[:4]
"""The heads of a single-person network; MultiPose has all."""

EXPANSION = 6
# MobileNetV2's blocks in groups: channels, how many, stride of the first.
GROUPS = ((16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))
# The blocks whose outputs the pyramid takes in, at strides 16, 8 and 4.
TAPS = (9, 5, 2)


@dataclass(frozen=True)
class Design:
    """The differences between the three networks.

    Attributes:
        width: Factor for the channels of the backbone.
        heads: Names of the maps, in the order in which they are given out.
    """

    width: float
    heads: tuple[str, ...]


DESIGNS: Mapping[str, Design] = {
    'lightning': Design(1.0, PERSON_HEADS),
    'thunder': Design(1.75, PERSON_HEADS),
    'multipose': Design(1.5, HEADS),
}
