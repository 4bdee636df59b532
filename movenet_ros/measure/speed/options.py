"""What is to be measured of the networks and the chain, and how the networks are loaded."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from movenet_ros.config import Config
from movenet_ros.core.network import Network
from movenet_ros.engines.loading import load_network
from movenet_ros.measure.speed.scenes import SIZES

Log = Callable[[str], None]
"""Takes a line that says what is going on."""

TITLES = {'lightning': 'Lightning', 'thunder': 'Thunder', 'multipose': 'MultiPose'}
"""The networks' names, for people."""


@dataclass(frozen=True)
class Options:
    """What to measure.

    Attributes:
        models: Names of networks; empty for those that a part cares for.
        engine: `litert` or `keras`.
        device: `cpu`, `gpu:N` or `auto`.
        precisions: What the bare networks compute in; all else takes the first one.
        batches: Pictures per call of the bare networks.
        sizes: Of the images: keys of `scenes.SIZES`.
        seconds: For each setting [s].
        tfjs: Folder with the TensorFlow.js peer, if there is one.
        clip: A video to show instead of the sample clips.
    """

    models: tuple[str, ...] = ()
    engine: str = 'litert'
    device: str = Config.device
    precisions: tuple[str, ...] = (Config.precision,)
    batches: tuple[int, ...] = (1,)
    sizes: tuple[str, ...] = tuple(SIZES)
    seconds: float = 5.0
    tfjs: Path | None = None
    clip: Path | None = None

    @property
    def threads(self) -> tuple[int, ...]:
        """How many CPU threads to compare: of Keras, a process keeps the number it began with."""
        return (1, 2) if self.engine == 'litert' else (Config.threads,)

    def load(self, model: str, threads: int, precision: str | None = None) -> Network:
        """Loads a network.

        Raises:
            ModelError: Its file is missing or damaged.
            EngineError: The runtime is not installed or rejects it.
        """
        return load_network(model, engine=self.engine, device=self.device, threads=threads,
                            precision=precision or self.precisions[0])
