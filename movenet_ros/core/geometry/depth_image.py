"""A depth image: along the camera's optical axis (REP-118), as it is in the message.

Pixels without depth are those that REP-117 and REP-118 name: 0 in integers; NaN (unknown), -Inf
(too close), +Inf (too far) and anything not above 0 in floats.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.errors import ImageError

MILLIMETRES, METRES = 0.001, 1.0
"""Metres per unit of the pixels, of integers and of floats."""

NEAREST, FARTHEST = 1e-4, 1000.0
"""Numbers beyond these [m] are damage: no camera measures so near or so far."""


@dataclass(frozen=True, eq=False)
class DepthImage:
    """Depth of each pixel, as a view of the message's buffer.

    Attributes:
        pixels: uint16 or float32 [H,W], of any byte order and stride.
        scale: Metres per unit of the pixels.
        frame_id: Of the message; the optical frame that depth is measured in.
        stamp_ns: Of the message [ns].

    Raises:
        ImageError: Shape or type do not fit.
    """

    pixels: NDArray[Any]
    scale: float
    frame_id: str
    stamp_ns: int

    def __post_init__(self) -> None:
        if self.pixels.ndim != 2 or self.pixels.dtype.newbyteorder('=') not in ('u2', 'f4'):
            raise ImageError('a depth image must be uint16 or float32 [H,W], '
                             f'not {self.pixels.dtype} {list(self.pixels.shape)}')
        if 0 in self.pixels.shape:
            raise ImageError(f'the depth image is empty: {self.width} x {self.height}')

    @property
    def height(self) -> int:
        """Height [px]."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Width [px]."""
        return int(self.pixels.shape[1])

    def metres(self, row: NDArray[np.intp], column: NDArray[np.intp]) -> NDArray[np.float32]:
        """Depth of some pixels.

        Args:
            row: Of any shape, from 0 to `height` - 1.
            column: Of the same shape, or one that broadcasts, from 0 to `width` - 1.

        Returns:
            float32, of that shape [m]; NaN where there is no depth.
        """
        depth: NDArray[np.float32] = self.pixels[row, column].astype(np.float32)
        depth *= np.float32(self.scale)
        # NaN fails both comparisons.
        depth[~((depth >= NEAREST) & (depth <= FARTHEST))] = np.nan
        return depth
