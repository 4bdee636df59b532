"""What is measured over DDS, and for how long."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from movenet_ros.config import Config

Log: TypeAlias = Callable[[str], None]


@dataclass(frozen=True)
class NodeOptions:
    """How to measure.

    Attributes:
        seconds: How long each setting is measured in each round [s].
        rounds: How often all settings are gone through, one after the other: what the
            machine does otherwise then falls on all of them.
        threads: CPU threads of the network.
        engine: What runs it, in the node and alone: a name of the parameter `engine`.
        precision: What it computes in.
        sizes: Of the images: keys of `benchmark.scenes.SIZES`.
        clip: A video to show instead of the sample clip.
    """

    seconds: float = 5.0
    rounds: int = 3
    threads: int = 1
    engine: str = 'litert'
    precision: str = Config.precision
    sizes: tuple[str, ...] = ('vga', '720p', '1080p')
    clip: Path | None = None

    @property
    def network(self) -> dict[str, str | int]:
        """How the network is run: parameters of the node, arguments of `load_network`."""
        return {'engine': self.engine, 'precision': self.precision, 'threads': self.threads}
