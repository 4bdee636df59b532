"""A process that does nothing but run the network.

In a process of its own, as a network that has the caches to itself is not the one that
the node runs: this one can be run at the pace of a camera.
"""
from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from movenet_ros.core.network import Network
from movenet_ros.engines.loading import load_network
from movenet_ros.measure.speed.node.json_commands import serve
from movenet_ros.measure.speed.scenes import scene

WARM_UP = 5


class Engine:
    """Lightning."""

    def __init__(self, clip: Path | None) -> None:
        """Prepares.

        Args:
            clip: A video to show; None for the sample clip.
        """
        self._clip = clip
        self._network: Network | None = None

    def load(self, engine: str, precision: str, threads: int) -> None:
        """Loads and warms up the network, see `load_network`."""
        self._network = load_network('lightning', engine=engine, precision=precision,
                                     threads=threads)
        side = self._network.info.input_size
        assert side is not None
        self._pictures = [np.ascontiguousarray(picture.pixels[None, :, :, ::-1])
                          for picture in scene('lightning', (side, side), self._clip)]
        for picture in self._pictures[:WARM_UP]:
            self._network.infer(picture)

    def run(self, rate: float, seconds: float) -> list[tuple[float, float]]:
        """Runs it.

        Args:
            rate: How often [Hz]; 0 for one call after the other.
            seconds: For how long [s].

        Returns:
            For each call, the time it took and the CPU time of all threads [ms].
        """
        calls: list[tuple[float, float]] = []
        started = time.monotonic()
        while (passed := time.monotonic() - started) < seconds:
            if rate and (wait := len(calls) / rate - passed) > 0.0:
                time.sleep(wait)
            calls.append(self._call(len(calls)))
        return calls

    def _call(self, index: int) -> tuple[float, float]:
        assert self._network is not None
        picture = self._pictures[index % len(self._pictures)]
        cpu, wall = time.process_time(), time.perf_counter()
        self._network.infer(picture)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return 1e3 * wall, 1e3 * cpu


def main() -> None:
    """The entry point."""
    engine = Engine(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    serve({'load': engine.load, 'run': engine.run})


if __name__ == '__main__':
    main()
