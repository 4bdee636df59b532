"""A network whose heads are computed by a runtime for ONNX files, and decoded in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from movenet_ros.core.center_weight import published_weights
from movenet_ros.core.multipose_decode import decode_multipose
from movenet_ros.core.network import HEAD_STRIDE, REFERENCE_PEOPLE, NetworkInfo
from movenet_ros.core.singlepose_decode import decode_singlepose
from movenet_ros.engines.checks import check_center_weight, check_pictures
from movenet_ros.errors import EngineError, one_line

Array = npt.NDArray[np.float32]

Run = Callable[[Array], Sequence[Array]]
"""Pictures, float32 [N,3,H,W], RGB, 0..255 -> the heads, float32 [N,C,H/4,W/4], as `write_onnx`
names and orders them."""

MOST_PICTURES = 16
"""Of one run, unless an engine says less; a larger batch is divided."""


class OnnxNetwork:
    """A network around a function that runs its ONNX file."""

    def __init__(self, run: Run, info: NetworkInfo, most_pictures: int = MOST_PICTURES) -> None:
        """Wraps a runtime.

        Args:
            run: Computes the heads. The arrays that it returns may change at its next call.
                Whatever it raises becomes an EngineError.
            info: What the network is.
            most_pictures: Of one call of `run`.
        """
        self._run: Run | None = run
        self._most_pictures = most_pictures
        self.info = info

    def infer(
        self,
        pictures: npt.NDArray[np.uint8],
        center_weight: Array | None = None,
        max_people: int = REFERENCE_PEOPLE,
    ) -> Array:
        """Runs the network on the pictures; see `Network.infer`."""
        check_pictures(pictures, self.info.input_size)
        check_center_weight(center_weight, len(pictures), self.info.input_size)
        if self.info.input_size is not None and center_weight is None:
            center_weight = published_weights(len(pictures), self.info.input_size // HEAD_STRIDE)
        rows: list[Array] = []
        for first in range(0, len(pictures), self._most_pictures):
            part = slice(first, first + self._most_pictures)
            heads = self._heads(pictures[part])
            if center_weight is None:
                rows += [decode_multipose(*maps, max_people=max_people)
                         for maps in zip(*heads, strict=True)]
            else:
                rows += [decode_singlepose(*maps)
                         for maps in zip(*heads, center_weight[part], strict=True)]
        return np.stack(rows)

    def close(self) -> None:
        """Frees the runtime's memory; may be called twice."""
        self._run = None

    def _heads(self, pictures: npt.NDArray[np.uint8]) -> list[Array]:
        """[N,H,W,3] -> the heads, [N,H/4,W/4,C] each; views."""
        if self._run is None:
            raise EngineError(f'the {self.info.model} network is closed: load it again')
        try:
            maps = self._run(pictures.transpose(0, 3, 1, 2).astype(np.float32, order='C'))
        except Exception as error:  # The runtimes have no common base of their errors.
            raise EngineError(
                f'{self.info.engine} on {self.info.device} failed on pictures of '
                f'{list(pictures.shape)} ({type(error).__name__}: {one_line(error)})'
            ) from error
        return [each.transpose(0, 2, 3, 1) for each in maps]
