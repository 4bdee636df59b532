"""How a pipeline requests runs of its networks, so that several cameras can share them.

Whatever needs a network is a generator, an `Inference`: it yields `InferenceRequest`s, is sent
the rows that the network gives for each, and returns a result. It never calls a network itself.
So its caller decides when and where the networks run: one request after the other, those of
several cameras as one batch, or in another thread.
"""
from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.network import REFERENCE_PEOPLE, Network
from movenet_ros.errors import EngineError

Result = TypeVar('Result')


@dataclass(frozen=True, eq=False)
class InferenceRequest:
    """Pictures that a network is to be run on.

    Attributes:
        network: The network.
        pictures: uint8 [B,H,W,3], RGB.
        center_weight: See `Network.infer`.
        max_people: See `Network.infer`.
    """

    network: Network
    pictures: NDArray[np.uint8]
    center_weight: NDArray[np.float32] | None = None
    max_people: int = REFERENCE_PEOPLE

    def goes_with(self, other: InferenceRequest) -> bool:
        """Whether both can be run as one batch."""
        return (self.network is other.network
                and self.pictures.shape[1:] == other.pictures.shape[1:]
                and self.max_people == other.max_people
                and (self.center_weight is None) == (other.center_weight is None))

    @classmethod
    def joined(cls, requests: Sequence[InferenceRequest]) -> InferenceRequest:
        """One request for the pictures of several that go together."""
        first = requests[0]
        weights = [request.center_weight for request in requests
                   if request.center_weight is not None]
        return replace(first, pictures=np.concatenate([request.pictures for request in requests]),
                       center_weight=np.concatenate(weights) if weights else None)


Inference = Generator[InferenceRequest, NDArray[np.float32], Result]
"""Yields requests, is sent the rows of each as `Network.infer` gives them, returns a result."""

RunRequest = Callable[[InferenceRequest], NDArray[np.float32]]
"""Runs a request; what it raises is raised where the inference waits for the rows."""


def run_request(request: InferenceRequest) -> NDArray[np.float32]:
    """Runs the network on the pictures of a request.

    Returns:
        What `Network.infer` returns.

    Raises:
        EngineError: It failed, or its output has NaN or infinite values.
    """
    rows = request.network.infer(request.pictures, request.center_weight, request.max_people)
    # One value that is not finite makes the sum so, and a sum is cheaper than a test of each.
    if not math.isfinite(np.add.reduce(rows, axis=None)):
        raise EngineError('the output of the network has NaN or infinite values')
    return rows


def run_inference(inference: Inference[Result], run: RunRequest = run_request) -> Result:
    """Runs an inference to its end, request by request.

    Args:
        inference: The inference.
        run: Runs each request.

    Raises:
        EngineError: As `run_request`.
    """
    # Not as a batch of one, whose bookkeeping would be done for each image.
    answer: NDArray[np.float32] | Exception | None = None
    while True:
        try:
            request = resume(inference, answer)
        except StopIteration as end:
            result: Result = end.value
            return result
        try:
            answer = run(request)
        except Exception as error:
            answer = error


def run_batched(inferences: Sequence[Inference[Result]],
                run: RunRequest = run_request) -> list[Result]:
    """Runs several inferences to their ends.

    Requests that are open at the same time, for the same network and with pictures of the same
    size, are run as one batch.

    Args:
        inferences: The inferences.
        run: Runs each request or batch of requests.

    Returns:
        The result of each.

    Raises:
        EngineError: As `run_request`, where an inference does not handle it.
    """
    results: dict[int, Result] = {}
    requests: dict[int, InferenceRequest] = {}

    for index, inference in enumerate(inferences):
        _resume(index, inference, None, requests, results)
    while requests:
        batch = _first_batch(requests)
        answers: Sequence[NDArray[np.float32] | Exception]
        try:
            answers = _run_as_one([requests[index] for index in batch], run)
        except Exception as error:
            answers = [error] * len(batch)
        for index, answer in zip(batch, answers, strict=True):
            del requests[index]
            _resume(index, inferences[index], answer, requests, results)
    return [results[index] for index in range(len(inferences))]


def resume(inference: Inference[Result],
           answer: NDArray[np.float32] | Exception | None) -> InferenceRequest:
    """Continues an inference up to its next request.

    Args:
        inference: The inference.
        answer: The rows of its request, or the error that it failed with; None to begin.

    Raises:
        StopIteration: It has ended; `value` is its result.
        Exception: The error, where the inference does not handle it.
    """
    if answer is None:
        return next(inference)
    if isinstance(answer, Exception):
        return inference.throw(answer)
    return inference.send(answer)


def _resume(index: int, inference: Inference[Result],
            answer: NDArray[np.float32] | Exception | None,
            requests: dict[int, InferenceRequest], results: dict[int, Result]) -> None:
    try:
        requests[index] = resume(inference, answer)
    except StopIteration as end:
        results[index] = end.value


def _first_batch(requests: dict[int, InferenceRequest]) -> list[int]:
    """The requests that can be run together with the first."""
    first = next(iter(requests.values()))
    return [index for index, request in requests.items() if request.goes_with(first)]


def _run_as_one(requests: Sequence[InferenceRequest],
                run: RunRequest) -> list[NDArray[np.float32]]:
    if len(requests) == 1:
        return [run(requests[0])]
    ends = np.cumsum([len(request.pictures) for request in requests])
    return np.split(run(InferenceRequest.joined(requests)), ends[:-1])
