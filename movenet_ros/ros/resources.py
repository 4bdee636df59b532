"""What a configured node has: networks that are loaded and warm, and publishers."""
from __future__ import annotations

import mmap
from dataclasses import dataclass

import numpy as np
from rclpy.node import Node

from movenet_ros.config import Config
from movenet_ros.core.inference import InferenceRequest, run_batched
from movenet_ros.core.network import Networks
from movenet_ros.core.pipeline import process_image
from movenet_ros.core.state import State
from movenet_ros.core.types import Picture
from movenet_ros.engines.loading import load_networks
from movenet_ros.engines.models import FLOAT32
from movenet_ros.errors import EngineError, ModelError, MovenetError
from movenet_ros.ros.network_timer import NetworkTimer
from movenet_ros.ros.outputs import Outputs
from movenet_ros.ros.refine_cost import RefineCost

# MultiPose adapts to the shape of the image: the two usual ones.
WARM_UP_SIZES = ((640, 480), (1280, 720))

FALLBACK = {'engine': 'auto', 'device': 'cpu', 'precision': FLOAT32}


@dataclass(frozen=True)
class WarmNetworks:
    """Networks that have run once.

    Attributes:
        networks: The loaded networks.
        seconds: How long they took for their first pictures [s].
        cost: What an image costs with `refine`; None without.
    """

    networks: Networks
    seconds: float
    cost: RefineCost | None

    @classmethod
    def load(cls, config: Config) -> WarmNetworks:
        """Loads the networks and warms them up.

        Raises:
            MovenetError: A file is missing or damaged, or a runtime rejects it.
        """
        networks = load_networks(config)
        try:
            # All that will be asked of the networks: what they have no memory for shows here.
            seconds = _warm_up(networks, config)
            cost = RefineCost.measure(networks, _blank(*_upright_sizes(config)[-1]), config)
        except Exception:
            networks.close()
            raise
        return cls(networks, seconds, cost)


@dataclass(frozen=True)
class Resources:
    """What a configured node has.

    Attributes:
        networks: The loaded networks.
        outputs: The publishers.
        warm_up: How long the networks took for their first pictures [s].
        cost: What an image costs with `refine`; None without.
    """

    networks: Networks
    outputs: Outputs
    warm_up: float
    cost: RefineCost | None = None

    @classmethod
    def load(cls, node: Node, config: Config) -> Resources:
        """Loads and warms up the networks, and creates the publishers on `node`.

        Raises:
            MovenetError: A file is missing or damaged, a runtime rejects it, or an override of
                the quality of service means nothing.
        """
        try:
            warm = WarmNetworks.load(config)
        except (EngineError, ModelError) as error:
            if not _other_way(config, error):
                raise
            node.get_logger().warning(f'{error}. Falling back to float32 on the CPU')
            warm = WarmNetworks.load(config.replace(FALLBACK))
        if warm.cost is not None and (text := warm.cost.warning(config)):
            node.get_logger().warning(text)
        try:
            outputs = Outputs(node, config)
        except Exception:
            warm.networks.close()
            raise
        return cls(warm.networks, outputs, warm.seconds, warm.cost)

    def close(self) -> None:
        """Releases everything."""
        self.outputs.close()
        self.networks.close()

    def __str__(self) -> str:
        info = self.networks.info
        return (f'{info.model} on {info.engine} ({info.device}, {info.threads} threads; '
                f'{info.reason})')


def _other_way(config: Config, error: MovenetError) -> bool:
    """Whether float32 on the CPU may be tried, and may help, after an error."""
    if isinstance(error, ModelError) and config.precision == FLOAT32:
        return False  # The same file would be read again.
    return config.fallback and config.replace(FALLBACK) != config


def _warm_up(networks: Networks, config: Config) -> float:
    """Runs the networks on blank pictures, in all the batches that the cameras can make.

    Returns:
        How long they ran [s].
    """
    timer = NetworkTimer()
    upright = config.replace({'rotate': 0})
    cameras = len(config.cameras) if networks.info.batches else 1
    for width, height in _upright_sizes(config):
        blank = _blank(width, height)
        for count in _doublings(cameras):
            run_batched([process_image(State(), blank, 0, networks, upright)
                         for _ in range(count)], timer.run)
    if networks.refine is not None:
        # In blank pictures there is no person to read.
        side = networks.refine.info.input_size or 0
        people = cameras * config.people.max_people if networks.info.batches else 1
        for count in _doublings(people):
            pictures = np.zeros((count, side, side, 3), np.uint8)
            timer.run(InferenceRequest(networks.refine, pictures))
    return timer.seconds


def _upright_sizes(config: Config) -> list[tuple[int, int]]:
    """Widths and heights of the usual images, rotated as those of the cameras are [px]."""
    return list(dict.fromkeys(
        size[::-1] if degrees % 180 else size
        for degrees in config.rotate for size in WARM_UP_SIZES))


def _blank(width: int, height: int) -> Picture:
    """A black picture in memory of its own, which goes back to the system with it.

    The process keeps what its heap has once taken (see `memory`), and in a heap that is in
    pieces a block of this size takes a new place now and then, at any configure.
    """
    pixels = np.frombuffer(mmap.mmap(-1, height * width * 3), np.uint8)
    return Picture(pixels.reshape(height, width, 3))


def _doublings(most: int) -> list[int]:
    """1, 2, 4 and so on until `most` or more: batches in between are filled up to these."""
    return [1 << power for power in range((most - 1).bit_length() + 1)]
