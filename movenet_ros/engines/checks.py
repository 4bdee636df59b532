"""Checks of the arguments that all engines take: pictures, weights, the name of a device."""
from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from movenet_ros.config.declarations import SIDE_MULTIPLE
from movenet_ros.core.network import HEAD_STRIDE
from movenet_ros.errors import EngineError, ImageError, ParameterError

DEVICES: Mapping[str, tuple[str, ...]] = {
    'keras': ('cpu', 'gpu:N'),
    'openvino': ('cpu', 'gpu:N'),
    'onnxruntime': ('cpu', 'gpu:N', 'tensorrt:N', 'openvino'),
}
"""The devices of the engines that have others than the CPU."""
GPU_DEVICES = ('gpu', 'tensorrt')
"""How the names of those begin that are GPUs."""


def check_device(device: str) -> None:
    """Checks the name of a device.

    Raises:
        ParameterError: It is not `auto`, `cpu`, `gpu:N`, `tensorrt:N` or `openvino`.
    """
    if not re.fullmatch(r'auto|cpu|openvino|(gpu|tensorrt):\d+', device):
        raise ParameterError('device', device,
                             'must be auto, cpu, gpu:N, tensorrt:N or openvino, e.g. gpu:0')


def check_engine_device(engine: str, device: str) -> None:
    """Checks that an engine has a device.

    Args:
        engine: A key of `loading.LOADERS`.
        device: What `check_device` accepts.

    Raises:
        EngineError: It has not.
    """
    kind = re.sub(r'\d+', 'N', device)
    if kind in ('auto', 'cpu') or kind in DEVICES.get(engine, ()):
        return
    able = ' or '.join(other for other, devices in DEVICES.items() if kind in devices)
    raise EngineError(f'the {engine} engine has no device {device}, only '
                      f'{", ".join(DEVICES.get(engine, ("cpu",)))}: set engine to {able}')


def not_installed(engine: str, package: str, error: ImportError) -> EngineError:
    """The error of an engine whose runtime cannot be imported.

    Args:
        engine: A key of `loading.LOADERS`, and the extra that brings the runtime.
        package: Its name on the package index.
        error: Why it cannot be imported.
    """
    return EngineError(f'the {engine} engine cannot import {package} ({error}): '
                       f"in a checkout of this package: `pip install '.[{engine}]'`")


def check_pictures(pictures: npt.NDArray[np.uint8], input_size: int | None) -> None:
    """Checks the input of a network.

    Args:
        pictures: uint8 [B,H,W,3], B >= 1.
        input_size: H and W that the network takes [px]; None for any multiples of 32.

    Raises:
        ImageError: They have another shape or type.
    """
    expected = f'[B, {input_size or "H"}, {input_size or "W"}, 3] uint8'
    fits = pictures.dtype == np.uint8 and pictures.ndim == 4 and pictures.shape[3:] == (3,)
    if input_size is None:
        expected += f' with H and W multiples of {SIDE_MULTIPLE}'
    if fits:
        batch, height, width, _ = pictures.shape
        if input_size is None:
            fits = all(side and side % SIDE_MULTIPLE == 0 for side in (height, width))
        else:
            fits = height == width == input_size
        fits = fits and batch >= 1
    if not fits:
        found = f'{list(pictures.shape)} {pictures.dtype}'
        raise ImageError(f'the network takes {expected}, got {found}')


def check_center_weight(
    center_weight: npt.NDArray[np.float32] | None, batch: int, input_size: int | None
) -> None:
    """Checks the weight of the center heatmap.

    Args:
        center_weight: float32 [B,S/4,S/4] for a single-person network; None for the published one.
        batch: Number of pictures, B.
        input_size: Side S of the network's input [px]; None for MultiPose, which takes no weight.

    Raises:
        ImageError: It has another shape or type, or is given to MultiPose.
    """
    if center_weight is None:
        return
    found = f'{list(center_weight.shape)} {center_weight.dtype}'
    if input_size is None:
        raise ImageError(f'MultiPose takes no weight of the center heatmap, got {found}')
    side = input_size // HEAD_STRIDE
    if center_weight.dtype != np.float32 or center_weight.shape != (batch, side, side):
        raise ImageError(
            f'the weight of the center heatmap must be [{batch}, {side}, {side}] float32, '
            f'one for each picture, got {found}'
        )
