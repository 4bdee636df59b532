"""What is to be measured of the networks and the chain, and how the networks are loaded."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from movenet_ros.config import Config
from movenet_ros.core.network import Network
from movenet_ros.engines.checks import GPU_DEVICES
from movenet_ros.engines.loading import ONE_NUMBER, load_network
from movenet_ros.measure.speed.scenes import SIZES

Log = Callable[[str], None]
"""Takes a line that says what is going on."""

TITLES = {'lightning': 'Lightning', 'thunder': 'Thunder', 'multipose': 'MultiPose'}
"""The networks' names, for people."""


MULTIPOSE_SIDE = 256
"""Of the square that the bare MultiPose is shown [px]."""


@dataclass(frozen=True)
class AnnotatedPictures:
    """Where the pictures are on which accuracy is measured.

    Attributes:
        images: Their folder.
        annotations: Their people, in COCO's format.
        split: Only pictures with this `coco_split`; None for all.
    """

    images: Path
    annotations: Path
    split: str | None = None


@dataclass(frozen=True)
class Options:
    """What to measure.

    Attributes:
        models: Names of networks; empty for those that a part cares for.
        engines: What runs the bare networks, keys of `loading.LOADERS`; all else takes the first.
        device: What the parameter `device` takes.
        precisions: What the bare networks compute in; all else takes the first one.
        threads: CPU threads of a network; empty for those of `threads_of`.
        batches: Pictures per call of the bare networks.
        sizes: Of the images: keys of `scenes.SIZES`.
        seconds: For each setting [s].
        starts: How many processes are started to measure start-up and memory of a bare network.
        pictures: For the accuracy of the bare networks; None: it is not measured.
        tfjs: Folder with the TensorFlow.js peer, if there is one.
        clip: A video to show instead of the sample clips.
    """

    models: tuple[str, ...] = ()
    engines: tuple[str, ...] = ('litert',)
    device: str = Config.device
    precisions: tuple[str, ...] = (Config.precision,)
    threads: tuple[int, ...] = ()
    batches: tuple[int, ...] = (1,)
    sizes: tuple[str, ...] = tuple(SIZES)
    seconds: float = 5.0
    starts: int = 3
    pictures: AnnotatedPictures | None = None
    tfjs: Path | None = None
    clip: Path | None = None

    def threads_of(self, engine: str) -> tuple[int, ...]:
        """How many CPU threads to compare: of Keras, a process keeps the number it began with."""
        if self.threads:
            return self.threads
        one_number = engine in ONE_NUMBER or self.device.startswith(GPU_DEVICES)
        return (Config.threads,) if one_number else (1, 2)

    def load(self, model: str, threads: int, engine: str | None = None,
             precision: str | None = None) -> Network:
        """Loads a network.

        Args:
            model: Its name.
            threads: CPU threads.
            engine: None for the first one.
            precision: None for the first one.

        Raises:
            ModelError: Its file is missing or damaged.
            EngineError: The runtime is not installed, rejects it, or has no such precision.
        """
        return load_network(model, engine=engine or self.engines[0], device=self.device,
                            threads=threads, precision=precision or self.precisions[0])
