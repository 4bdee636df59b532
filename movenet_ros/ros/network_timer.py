"""Runs the networks, times them, and has the watchdog watch them."""
from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.inference import InferenceRequest, run_request


class NetworkTimer:
    """Runs inference requests and adds up how long they take.

    Attributes:
        seconds: Time of all runs until now [s].
    """

    def __init__(self, watchdog: AbstractContextManager[object] | None = None) -> None:
        """Starts at 0.

        Args:
            watchdog: Entered for each run.
        """
        self.seconds = 0.0
        self._watchdog = watchdog or nullcontext()

    def run(self, request: InferenceRequest) -> NDArray[np.float32]:
        """Runs a request; a `core.inference.RunRequest`.

        Raises:
            EngineError: As `run_request`.
        """
        started = time.perf_counter()
        try:
            with self._watchdog:
                return run_request(request)
        finally:
            self.seconds += time.perf_counter() - started
