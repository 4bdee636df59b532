"""The pipeline on one clip, beside the bare network on the same inputs."""
from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config
from movenet_ros.core.crop import first_crop
from movenet_ros.core.decode import decode_multi, decode_single
from movenet_ros.core.inference import InferenceRequest, run_inference, run_request
from movenet_ros.core.network import Network, NetworkInfo, Networks
from movenet_ros.core.pipeline import process_image
from movenet_ros.core.resample import multipose_size
from movenet_ros.core.state import State
from movenet_ros.core.types import NANOSECONDS, Crop, Detections, Picture
from movenet_ros.measure.speed.timing import MILLISECONDS, Interleaved

INTERVAL_NS = NANOSECONDS // 30
WARM_UP = 2
"""Images at the start that do not count: in the first one no person is tracked yet, and the network
runs twice."""
CHAIN, ENGINE = 'chain', 'engine'
STEPS = ('crop, resample', 'infer', 'decode', 'track, filter')


class RequestRecorder:
    """Runs inference requests, and keeps of the last one what it was, gave and took.

    Attributes:
        pictures: What the network was run on.
        rows: What it gave.
        started, ended: When it ran [s].
    """

    def __init__(self) -> None:
        self.pictures: NDArray[np.uint8] = np.empty((0, 0, 0, 3), np.uint8)
        self.rows: NDArray[np.float32] = np.empty((0, 0, 0), np.float32)
        self.started = self.ended = 0.0

    def run(self, request: InferenceRequest) -> NDArray[np.float32]:
        """Runs a request; a `core.inference.RunRequest`."""
        self.pictures = request.pictures
        self.started = time.perf_counter()
        self.rows = run_request(request)
        self.ended = time.perf_counter()
        return self.rows


class Route:
    """One network with its clip, which is played from the start again and again.

    The pipeline is deterministic, so the inputs of the network are known from the first time,
    which does not count, and the bare network can be run on the same inputs, in turns before and
    after the pipeline.

    Attributes:
        timer: Times of the pipeline and of the bare network.
        steps: Times of the pipeline's steps, by name [ms].
        people: Number of people in each image.
    """

    def __init__(self, network: Network, pictures: Sequence[Picture], config: Config) -> None:
        """Plays the clip once, which also warms up what is to be measured.

        Args:
            network: Stays with whoever loaded it.
            pictures: The clip.
            config: All parameters.

        Raises:
            EngineError: The network failed.
        """
        self._network, self._recorder = network, RequestRecorder()
        self._networks = Networks(network)
        self._pictures, self._config = pictures, config
        self._state, self._begun = State(), 0.0
        self.timer = Interleaved()
        self.steps: dict[str, list[float]] = {step: [] for step in STEPS}
        self.people: list[int] = []
        self._seen = []
        for index in range(len(pictures)):
            self._advance(index)
            self._seen.append(self._recorder.pictures)

    @property
    def info(self) -> NetworkInfo:
        """What the network is."""
        return self._network.info

    def play(self) -> None:
        """Plays the clip once, and measures."""
        self._state = State()
        self.people.clear()
        for index, seen in enumerate(self._seen):
            if index < WARM_UP:
                self._advance(index)
                continue
            crop = self._state.crop
            taken = self.timer.round({CHAIN: partial(self._advance, index),
                                      ENGINE: partial(self._network.infer, seen)})
            self._note_steps(taken[CHAIN], self._time_decode(index, crop))

    def _advance(self, index: int) -> None:
        self._begun = time.perf_counter()
        self._state, poses = run_inference(process_image(
            self._state, self._pictures[index], index * INTERVAL_NS, self._networks, self._config),
            self._recorder.run)
        self.people.append(len(poses))

    def _note_steps(self, chain: float, decode: float) -> None:
        before = (self._recorder.started - self._begun) * MILLISECONDS
        infer = (self._recorder.ended - self._recorder.started) * MILLISECONDS
        for step, taken in zip(STEPS, (before, infer, decode, chain - before - infer - decode),
                               strict=True):
            self.steps[step].append(taken)

    def _time_decode(self, index: int, crop: Crop | None) -> float:
        """What the decoding of the last answer takes by itself [ms]."""
        size = self._pictures[index].width, self._pictures[index].height
        start = time.perf_counter()
        self._decode(crop or first_crop(*size, self._config.crop), size)
        return (time.perf_counter() - start) * MILLISECONDS

    def _decode(self, crop: Crop, size: tuple[int, int]) -> Detections:
        rows, multipose = self._recorder.rows[0], self._config.multipose
        if self.info.input_size is not None:
            return decode_single(rows, crop, *size, self._config)
        height, width = self._recorder.pictures.shape[1:3]
        return decode_multi(rows, multipose_size(*size, multipose.long_side), (width, height),
                            multipose.min_pose_score, self._config.tfjs)
