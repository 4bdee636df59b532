"""The OpenCV engine: the DNN module of the OpenCV that resamples the pictures; CPU, float32.

It is slower than the others, but it is there wherever this package is: it needs nothing beyond what
a distribution packages.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from movenet_ros.core.network import NetworkInfo
from movenet_ros.engines.design import DESIGNS
from movenet_ros.engines.models import ModelEntry
from movenet_ros.engines.onnx.network import Array, OnnxNetwork
from movenet_ros.engines.onnx.writer import write_onnx
from movenet_ros.errors import EngineError, one_line

_ONE_AT_A_TIME = threading.Lock()
"""Two networks in two threads would otherwise give back the number of each other."""


def load(entry: ModelEntry, *, threads: int, device: str, precision: str,
         reason: str) -> OnnxNetwork:
    """Loads a model; it runs on the CPU, whatever `device` says, in float32.

    A batch is run picture by picture, which takes no longer. A picture of another size than the
    last one takes a few milliseconds more. Networks in several threads of a process take turns.

    Raises:
        ModelError: The file is missing or damaged, or is of another network.
        EngineError: OpenCV rejects the network.
    """
    content = write_onnx(entry)
    try:
        net = cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))
        # A build with other backends might choose one of them, with numbers of its own.
        net.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    except cv2.error as error:
        raise EngineError(
            f'OpenCV {cv2.__version__} cannot read the {entry.name} network '
            f'({one_line(error)}): '
            'install OpenCV 4.5.4 or newer, or set engine to another one'
        ) from error
    info = NetworkInfo(
        model=entry.name,
        engine=f'opencv {cv2.__version__}',
        device='cpu',
        threads=threads,
        sha256=entry.sha256,
        input_size=entry.input_size,
        reason=reason,
    )
    heads = DESIGNS[entry.name].heads

    def run(picture: Array) -> list[Array]:
        with opencv_threads(threads):
            net.setInput(picture)
            # By their names: the order of the outputs differs between the versions of OpenCV.
            return [np.asarray(each, np.float32) for each in net.forward(heads)]

    return OnnxNetwork(run, info, most_pictures=1)


@contextmanager
def opencv_threads(count: int) -> Iterator[None]:
    """Gives OpenCV's number of threads back afterwards: it is that of the whole process.

    The node resamples with one thread, which is too little work to share. One caller at a time is
    let in.
    """
    with _ONE_AT_A_TIME:
        before = cv2.getNumThreads()
        cv2.setNumThreads(count)
        try:
            yield
        finally:
            cv2.setNumThreads(before)
