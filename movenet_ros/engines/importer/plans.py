"""What is made of each published graph: the inputs and outputs of its file."""

from __future__ import annotations

from dataclasses import dataclass

from movenet_ros.core.multipose_decode import HEADS
from movenet_ros.core.network import HEAD_STRIDE
from movenet_ros.engines.models import TensorSpec

CENTER_WEIGHT = 'center_weight'

# The nodes of the published MultiPose graph that hold the raw maps.
HEAD_NODES = {
    'center_heatmap': ('center_0/conv2d_4', 1),
    'keypoint_regression': ('kpt_regress_0/conv2d_8', 34),
    'keypoint_heatmap': ('kpt_heatmap_0/conv2d_7', 17),
    'keypoint_offset': ('kpt_offset_0/conv2d_9', 34),
    'box_scale': ('box_scale_0/conv2d_5', 2),
    'box_offset': ('box_offset_0/conv2d_6', 2),
}


@dataclass(frozen=True)
class Plan:
    """What to make of one published graph; a side of None is one that the caller chooses."""

    name: str
    side: int | None
    check_sizes: tuple[tuple[int, int], ...]

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What the file takes."""
        side = self.side or -1
        layout = 'NHWC, RGB, 0..255' + ('' if self.side else '; H and W multiples of 32')
        picture = TensorSpec('picture', 'input', (1, side, side, 3), 'uint8', layout)
        if self.side is None:
            return (picture,)
        maps = self.side // HEAD_STRIDE
        layout = 'HWC at a quarter of the picture: what the centre of a person counts there'
        return (picture, TensorSpec(
            'center_weight', CENTER_WEIGHT, (maps, maps, 1), 'float32', layout))

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What the file gives."""
        if self.side is not None:
            layout = 'NPKC: (y, x, score), y and x normalised to the picture'
            return (TensorSpec('keypoints', 'Identity', (1, 1, 17, 3), 'float32', layout),)
        return tuple(_head_spec(head) for head in HEADS)


PLANS = (
    Plan('lightning', 192, ((192, 192),)),
    Plan('thunder', 256, ((256, 256),)),
    Plan('multipose', None, ((192, 256), (256, 160), (256, 256))),
)


def _head_spec(head: str) -> TensorSpec:
    node, channels = HEAD_NODES[head]
    pairs = ', (y, x) pairs' if channels in (2, 34) else ''
    layout = 'NHWC at a quarter of the picture, raw' + pairs
    tensor = f'StatefulPartitionedCall/{node}/BiasAdd'
    return TensorSpec(head, tensor, (1, -1, -1, channels), 'float32', layout)
