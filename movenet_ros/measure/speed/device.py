"""What a device reaches at best under Keras, to hold the networks against."""
from __future__ import annotations

import importlib
import time
from dataclasses import dataclass
from statistics import median

import numpy as np

from movenet_ros.engines.keras.backends import Run, load_backend
from movenet_ros.engines.keras.network import find_device
from movenet_ros.measure.speed.timing import MILLISECONDS

TERA = 1e12
DTYPES = ('float32', 'float16')
SIDES = (256, 512, 1024, 2048, 4096, 8192)
"""Sides of the matrices; the first ones also for slow devices."""
LONG_CALL = 0.2
"""A call that takes longer is large enough [s]."""
PRODUCTS = 8
SMALL_SIDE, MANY = 32, 256
"""Products that are next to no work: what they take is the start of each."""
CALLS = 7
PICTURE = np.zeros((1, 32, 32, 3), np.uint8)


@dataclass(frozen=True)
class Limit:
    """What a device reaches with one type of number.

    Attributes:
        dtype: `float32` or `float16`.
        side: Of the matrices with which it reached it.
        tflops: Products of large matrices [TFLOP/s]; a multiply-add is two.
        start: Of one operation in a program [ms].
        call: Of a program with next to nothing in it, with the copies there and back [ms].
    """

    dtype: str
    side: int
    tflops: float
    start: float
    call: float


def device_limits(device: str) -> dict[str, Limit]:
    """What the device reaches, by type of number.

    Args:
        device: `cpu`, `gpu:N` or `auto`.

    Raises:
        EngineError: Keras is not installed, or there is no such device.
    """
    return {dtype: _limit(device, dtype) for dtype in DTYPES}


def _limit(device: str, dtype: str) -> Limit:
    best = 0.0, 0
    for side in SIDES:
        taken = _time(device, dtype, side, PRODUCTS)
        best = max(best, (PRODUCTS * 2 * side ** 3 / taken / TERA, side))
        if taken > LONG_CALL:
            break
    call = _time(device, dtype, SMALL_SIDE, 1)
    start = max(0.0, _time(device, dtype, SMALL_SIDE, MANY) - call) / (MANY - 1)
    return Limit(dtype, best[1], best[0], start * MILLISECONDS, call * MILLISECONDS)


def _time(device: str, dtype: str, side: int, count: int) -> float:
    """Median time of a call, or the time of one that takes long [s]."""
    backend = load_backend()
    # Imported late: it imports Keras.
    products = importlib.import_module('movenet_ros.measure.speed.matrix_products')
    run = products.compiled_products(side, count, dtype, backend, find_device(device, backend))
    run(PICTURE)
    first = _timed(run)
    return first if first > LONG_CALL else median([first, *(_timed(run) for _ in range(CALLS))])


def _timed(run: Run) -> float:
    start = time.perf_counter()
    run(PICTURE)
    return time.perf_counter() - start
