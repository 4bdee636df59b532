"""Poses in a Python program, without ROS: the pipeline of the node as one object.

    >>> import cv2
    >>> from movenet_ros import KEYPOINT_NAMES, MoveNet
    >>> net = MoveNet(model='lightning')
    >>> poses = net.detect(cv2.imread('astronaut.jpg'))
    >>> len(poses)
    1
    >>> x, y = poses.xy[0, KEYPOINT_NAMES.index('nose')]
    >>> print(f'{x:.0f} {y:.0f}')
    222 121
    >>> net.close()

The same pictures, stamps and parameters give the same numbers as the node and `movenet process`.
"""
from __future__ import annotations

import operator
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config, files
from movenet_ros.config.no_effect import without_effect, without_effect_offline
from movenet_ros.core.network import NetworkInfo
from movenet_ros.core.pipeline import advance
from movenet_ros.core.state import State
from movenet_ros.core.types import Picture, Poses
from movenet_ros.engines.loading import load_networks
from movenet_ros.errors import ImageError, ParameterError
from movenet_ros.images.overlay import draw

ORDERS = {'bgr': {1: 'mono', 3: 'bgr', 4: 'bgra'}, 'rgb': {1: 'mono', 3: 'rgb', 4: 'rgba'}}
"""Meaning of 1, 3 and 4 channels, by the order that the caller names."""

LARGEST_STAMP = 2**63 - 1


class Stream:
    """The images of one camera or video: people are tracked and smoothed from one to the next.

    Made by `MoveNet.stream`; uses the networks of that.
    """

    def __init__(self, net: MoveNet) -> None:
        self._net = net
        self._state = State()

    def __call__(self, picture: Picture | NDArray[np.uint8], *, stamp_ns: int,
                 order: str = 'bgr') -> Poses:
        """The poses in the next image.

        Args:
            picture: uint8 [H,W,3], [H,W,4], [H,W] or [H,W,1], or a `Picture`. Is not changed.
            stamp_ns: When the image was taken [ns], on any clock; only differences count. Equal
                and earlier stamps are handled as in the node, see `core.state`.
            order: Order of the colour channels: 'bgr', as OpenCV reads images, or 'rgb'. Of
                no importance for one channel or a `Picture`.

        Returns:
            The people in it [px of the picture], highest score first; ids stay with them.

        Raises:
            ImageError: The picture cannot be used.
            ParameterError: `stamp_ns` or `order` has a value that it must not have.
            EngineError: A network failed or is closed.
        """
        self._state, poses = self._net._advance(
            self._state, to_picture(picture, order), _checked_stamp(stamp_ns))
        return poses

    def reset(self) -> None:
        """Forgets all people; their ids are given out again."""
        self._state = State()


class MoveNet:
    """Detects people's poses in pictures, with networks that are loaded once.

    Calling it processes the images of one camera or video; `stream` makes further ones that share
    the networks; `detect` processes a picture by itself. One thread at a time may use a MoveNet
    and its streams.

    Attributes:
        config: All parameters.
        info: The networks, and what runs them.
    """

    def __init__(self, config: Config | None = None, /,
                 **parameters: bool | int | float | str | list[float] | tuple[float, ...]) -> None:
        """Loads the networks.

        Args:
            config: Values of parameters to begin with; by default the defaults.
            **parameters: Parameters by name, as in `movenet params`. Names with a dot are given as
                `MoveNet(**{'filter.beta': 20.0})`. Those that have no effect are warned of.

        Raises:
            ParameterError: A name is unknown, a value is rejected, or two contradict each other.
            ModelError: A model file is missing or damaged.
            EngineError: The runtime is not installed or rejects the model.
        """
        self.config = (config or Config()).replace(parameters)
        self.config.rotation()  # raises if there are several: all pictures are of one camera
        self._networks = load_networks(self.config)
        self.info: NetworkInfo = self._networks.info
        self._stream = Stream(self)
        for text in (*without_effect(self.config, parameters),
                     *without_effect_offline(self.config, parameters)):
            warnings.warn(text, stacklevel=2)

    @classmethod
    def from_files(cls, *paths: str | Path, node: str = files.NODE) -> MoveNet:
        """Loads the networks that ROS parameter files name.

        Args:
            *paths: Files as `ros2 run --params-file` takes them; later ones win.
            node: Full name of the node for which they are read.

        Raises:
            SourceError: A file cannot be read.
            MovenetError: As when a MoveNet is made.
        """
        return cls(Config().replace(files.read_for(node, *map(str, paths)).values))

    def __call__(self, picture: Picture | NDArray[np.uint8], *, stamp_ns: int,
                 order: str = 'bgr') -> Poses:
        """The poses in the next image of this object's own stream, see `Stream`."""
        return self._stream(picture, stamp_ns=stamp_ns, order=order)

    def reset(self) -> None:
        """Forgets all people of this object's own stream."""
        self._stream.reset()

    def stream(self) -> Stream:
        """Another stream of images, which shares the networks and nothing else."""
        return Stream(self)

    def detect(self, picture: Picture | NDArray[np.uint8], *, order: str = 'bgr') -> Poses:
        """The poses in one picture by itself: nothing is tracked, ids count from 1.

        Args:
            picture: As of `Stream`.
            order: As of `Stream`.

        Returns:
            The people in it [px of the picture], highest score first.

        Raises:
            ImageError: The picture cannot be used.
            ParameterError: `order` is unknown.
            EngineError: A network failed or is closed.
        """
        return self._advance(State(), to_picture(picture, order), 0)[1]

    def draw(self, picture: Picture | NDArray[np.uint8], poses: Poses, *,
             order: str = 'bgr') -> NDArray[np.uint8]:
        """A copy of the picture with the poses drawn on it.

        Args:
            picture: As of `Stream`.
            poses: In pixels of the picture.
            order: As of `Stream`.

        Returns:
            uint8 [H,W,3], with the channels in this order.
        """
        drawn = draw(to_picture(picture, order), poses, self.config.overlay)
        return drawn if order == 'bgr' else np.ascontiguousarray(drawn[:, :, ::-1])

    def close(self) -> None:
        """Frees the networks; nothing can be detected afterwards. May be called twice."""
        self._networks.close()

    def __enter__(self) -> MoveNet:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def _advance(self, state: State, picture: Picture, stamp_ns: int) -> tuple[State, Poses]:
        return advance(state, picture, stamp_ns, self._networks, self.config)


def to_picture(picture: Any, order: str = 'bgr') -> Picture:
    """A picture as the pipeline takes it, without a copy where that can be avoided.

    Args:
        picture: As of `Stream`.
        order: As of `Stream`.

    Raises:
        ImageError: It is something else.
        ParameterError: `order` is unknown.
    """
    if order not in ORDERS:
        raise ParameterError('order', order, f'must be one of {", ".join(ORDERS)}')
    if isinstance(picture, Picture):
        return picture
    expected = 'a NumPy array, uint8 [H,W], [H,W,1], [H,W,3] or [H,W,4]'
    if not isinstance(picture, np.ndarray):
        hint = ' (cv2.imread gives None for a file that it cannot read)' if picture is None else ''
        raise ImageError(f'a picture must be {expected}, not {type(picture).__name__}{hint}')
    pixels = picture[:, :, None] if picture.ndim == 2 else picture
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in ORDERS[order]:
        raise ImageError(
            f'a picture must be {expected}, not {picture.dtype} {list(picture.shape)}')
    if pixels.size and pixels.strides[1:] != (pixels.shape[2], 1):
        pixels = np.ascontiguousarray(pixels)
    return Picture(pixels, ORDERS[order][pixels.shape[2]])


def _checked_stamp(stamp_ns: object) -> int:
    try:
        stamp = operator.index(stamp_ns)  # type: ignore[arg-type]
    except TypeError as error:
        raise ParameterError('stamp_ns', stamp_ns,
                             'must be an integer number of nanoseconds') from error
    if isinstance(stamp_ns, bool) or abs(stamp) > LARGEST_STAMP:
        raise ParameterError('stamp_ns', stamp_ns, 'must be an integer of 64 bits')
    return stamp
