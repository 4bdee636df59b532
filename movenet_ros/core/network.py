"""The interface between the pipeline and a network, whatever runtime runs it."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

HEAD_STRIDE = 4
"""Pixels of a network's input per pixel of its heatmaps, along each side."""

REFERENCE_PEOPLE = 6
"""People that the published MultiPose graph decodes; its heads tell of more."""


@dataclass(frozen=True)
class NetworkInfo:
    """What a loaded network is.

    Attributes:
        model: 'lightning', 'thunder' or 'multipose'.
        engine: The runtime and its version, e.g. 'litert 2.3.0', and a precision other than
            float32, e.g. 'litert 2.3.0, int8'.
        device: Where it runs, e.g. 'cpu'.
        threads: How many threads it may use.
        sha256: Of the weights file that was loaded.
        input_size: Side of the square input [px]; None where height and width may be any
            multiples of 32.
        batches: Whether a batch takes less time than its pictures one after the other.
        reason: Why this engine was chosen, and this precision if nobody set it, for the log.
        precision: What it computes in: 'float32', 'float16', 'bfloat16' or 'int8'.
    """

    model: str
    engine: str
    device: str
    threads: int
    sha256: str
    input_size: int | None
    batches: bool = False
    reason: str = ''
    precision: str = 'float32'


class Network(Protocol):
    """A loaded network."""

    @property
    def info(self) -> NetworkInfo:
        """What this network is."""

    def infer(self, pictures: NDArray[np.uint8],
              center_weight: NDArray[np.float32] | None = None,
              max_people: int = REFERENCE_PEOPLE) -> NDArray[np.float32]:
        """Runs the network.

        Args:
            pictures: uint8 [B,H,W,3], RGB.
            center_weight: Single person: float32 [B,H/4,W/4], what the centre of a person counts
                at each pixel of the center heatmap; None for the published weight, by which the
                person nearest to the middle of the picture is read.
            max_people: MultiPose: number of people to decode, K, at most one for each pixel of the
                center heatmap.

        Returns:
            A new array; coordinates are normalised to the input's height and width. Single person:
            float32 [B,17,3], rows of y, x, score. MultiPose: float32 [B,K,56], for each
            person 17 x (y, x, score), then y_min, x_min, y_max, x_max, person score.

        Raises:
            ImageError: The pictures or the weights have another shape or type.
            EngineError: The runtime failed, or the network is closed.
        """

    def close(self) -> None:
        """Frees the memory; the network cannot be used afterwards. May be called twice."""


@dataclass(frozen=True)
class Networks:
    """The networks that a configuration needs.

    Attributes:
        main: The one that `model` names.
        refine: The one that `refine` names, if any.
    """

    main: Network
    refine: Network | None = None

    @property
    def info(self) -> NetworkInfo:
        """What they are together: names and hashes joined by '+', and what else differs too."""
        main = self.main.info
        if self.refine is None:
            return main
        second = self.refine.info
        return replace(
            main, model=f'{main.model}+{second.model}', sha256=f'{main.sha256}+{second.sha256}',
            engine=_joined(' + ', main.engine, second.engine),
            precision=_joined('+', main.precision, second.precision),
            reason=main.reason if main.reason == second.reason else
            f'{main.model}: {main.reason}; {second.model}: {second.reason}')

    def close(self) -> None:
        """Frees the memory of all."""
        self.main.close()
        if self.refine is not None:
            self.refine.close()


def _joined(separator: str, first: str, second: str) -> str:
    return first if first == second else first + separator + second
