"""A process that loads one network, and tells what that took.

    python -m movenet_ros.measure.speed.engine.loading_process MODEL ENGINE PRECISION THREADS DEVICE

What a robot's process has in any case is imported before: NumPy, OpenCV, the pipeline. The last
line that is printed is the answer in JSON, see `start.Start`.
"""
from __future__ import annotations

import json
import sys
import time

import numpy as np

import movenet_ros.core.pipeline  # noqa: F401  (imported by every process that has a network)
from movenet_ros.engines.loading import load_network
from movenet_ros.measure.speed.memory import memory_of
from movenet_ros.measure.speed.options import MULTIPOSE_SIDE


def main(model: str, engine: str, precision: str, threads: str, device: str) -> None:
    """Loads the network, calls it, and prints what both took."""
    before, begun = memory_of(), time.perf_counter()
    network = load_network(model, engine=engine, precision=precision, threads=int(threads),
                           device=device)
    loaded = time.perf_counter()
    side = network.info.input_size or MULTIPOSE_SIDE
    network.infer(np.zeros((1, side, side, 3), np.uint8))
    called, after = time.perf_counter(), memory_of()
    print(json.dumps({
        'load': loaded - begun, 'first_call': called - loaded,
        **{name: after[name] - before[name] for name in ('private', 'rss')}}))


if __name__ == '__main__':
    main(*sys.argv[1:])
