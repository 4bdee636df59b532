"""Results to write, and what writing them has given."""
from importlib.util import find_spec

import numpy as np
import pytest

from movenet_ros.core.types import Picture, Poses
from movenet_ros.files.sinks import Result, open_sink

HEIGHT, WIDTH = 48, 64
START = 1_700_000_000_123_456_789
NAMES = ('poses.jsonl', 'poses.mcap', 'poses', 'overlay.mp4', 'overlay.webm', 'sheet.png',
         'sheet.jpg')
RERUN = pytest.param('recording.rrd', marks=pytest.mark.skipif(
    find_spec('rerun') is None, reason='Rerun is not installed'))
"""An output that also has an identity of its own, so that its bytes are never the same again."""
PARQUET = pytest.param('poses.parquet', marks=pytest.mark.skipif(
    find_spec('pyarrow') is None, reason='pyarrow is not installed'))


def random_poses(count, seed=0):
    rng = np.random.default_rng(seed)

    def random(*shape):
        return (rng.random(shape) * 60).astype(np.float32)

    return Poses(xy=random(count, 17, 2), keypoint_score=random(count, 17), box=random(count, 4),
                 score=random(count), id=np.arange(1, count + 1, dtype=np.int32),
                 age=random(count), visible=rng.random((count, 17)) < 0.5,
                 velocity=random(count, 2), truncated=rng.random(count) < 0.5,
                 time_unseen=random(count))


def results(number, *, height=HEIGHT, width=WIDTH):
    """0, 1, 2, 0, 1, ... people in pictures 40 ms apart."""
    for index in range(number):
        pixels = np.full((height, width, 3), 2 * index, np.uint8)
        yield Result(START + index * 40_000_000, 'camera', index, 'multipose',
                     Picture(pixels, 'rgb'), random_poses(index % 3, index))


def write(path, items):
    with open_sink(path, fps=25.0) as sink:
        for item in items:
            sink.write(item)
    return path


def content(path):
    if path.is_dir():
        return {item.name: item.read_bytes() for item in path.iterdir()}
    return path.read_bytes()
