"""The values that the pipeline passes on: pictures in, poses out.

Two units of coordinates, each with x to the right, y down, and the origin at the outer corner
of the image's top-left pixel:

- pixels of the input image [px]: `Crop` and `Poses`;
- image-normalised, pixels divided by the image's width and height: `Detections`, and all that
  tracking and filtering keep of them. So thresholds hold for images of any size, as in the
  reference implementation.

Stamps are integer nanoseconds, intervals are seconds.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.errors import ImageError

CHANNELS = {'rgb': 3, 'bgr': 3, 'rgba': 4, 'bgra': 4, 'mono': 1}
NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, eq=False)
class Picture:
    """An image, as a view of its buffer, in its own channel order.

    Attributes:
        pixels: uint8 [H,W,C]; rows may be padded (any stride), the rest is contiguous.
        order: Meaning of the channels, a key of `CHANNELS`.
        source_bits: Bits per sample of the file that it was decoded from.

    Raises:
        ImageError: Shape or type do not fit.
    """

    pixels: NDArray[np.uint8]
    order: str = 'rgb'
    source_bits: int = 8

    def __post_init__(self) -> None:
        if self.order not in CHANNELS:
            raise ImageError(
                f'channel order {self.order!r} is unknown; known are: {", ".join(CHANNELS)}')
        shape, wanted = self.pixels.shape, CHANNELS[self.order]
        if self.pixels.dtype != np.uint8 or len(shape) != 3 or shape[2] != wanted:
            raise ImageError(f'a picture in {self.order} must be uint8 [H,W,{wanted}], '
                             f'not {self.pixels.dtype} {list(shape)}')
        if 0 in shape:
            raise ImageError(f'the picture is empty: height {shape[0]}, width {shape[1]}')

    @property
    def height(self) -> int:
        """Height [px]."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Width [px]."""
        return int(self.pixels.shape[1])


@dataclass(frozen=True)
class Crop:
    """The part of the image that is a network's input; it may extend beyond the image.

    Attributes:
        x_min, y_min, x_max, y_max: Edges [px of the input image].
    """

    x_min: float
    y_min: float
    x_max: float
    y_max: float


@dataclass(frozen=True, eq=False)
class Poses:
    """The people in one image, N of them; N = 0 is legal.

    Attributes:
        xy: float32 [N,17,2], keypoints [px], in COCO order.
        keypoint_score: float32 [N,17].
        box: float32 [N,4], x_min, y_min, x_max, y_max [px], limited to the image.
        score: float32 [N], of the person; falling.
        id: int32 [N], from 1.
        age: float32 [N], time for which the id has been followed [s].
        visible: bool [N,17], whether a keypoint is seen in the image, see `core.visibility`.
        velocity: float32 [N,2], low-passed velocity of the person in the image [px/s].
        truncated: bool [N], whether the box touches an edge of the image: part of the person is
            probably outside.
        time_unseen: float32 [N], for how long the person was not seen before this image [s]; 0
            where they were seen in the image before, and in their first.
    """

    xy: NDArray[np.float32]
    keypoint_score: NDArray[np.float32]
    box: NDArray[np.float32]
    score: NDArray[np.float32]
    id: NDArray[np.int32]
    age: NDArray[np.float32]
    visible: NDArray[np.bool_]
    velocity: NDArray[np.float32]
    truncated: NDArray[np.bool_]
    time_unseen: NDArray[np.float32]

    def __post_init__(self) -> None:
        count = len(self.id)
        shapes = {'xy': (count, KEYPOINTS, 2), 'keypoint_score': (count, KEYPOINTS),
                  'box': (count, 4), 'score': (count,), 'id': (count,), 'age': (count,),
                  'visible': (count, KEYPOINTS), 'velocity': (count, 2), 'truncated': (count,),
                  'time_unseen': (count,)}
        others = {'id': np.int32, 'visible': np.bool_, 'truncated': np.bool_}
        for name, shape in shapes.items():
            array = getattr(self, name)
            wanted = others.get(name, np.float32)
            if array.shape != shape or array.dtype != wanted:
                raise ValueError(f'{name} must be {wanted.__name__} {list(shape)}, '
                                 f'not {array.dtype} {list(array.shape)}')

    def __len__(self) -> int:
        return len(self.id)

    def take(self, rows: Sequence[int] | NDArray[np.intp]) -> Poses:
        """The people of these rows, in their order."""
        chosen = np.asarray(rows, np.intp)
        return Poses(**{each.name: getattr(self, each.name)[chosen] for each in fields(self)})

    @classmethod
    @cache
    def empty(cls) -> Poses:
        """The poses of an image without people."""
        return cls(
            xy=np.empty((0, KEYPOINTS, 2), np.float32),
            keypoint_score=np.empty((0, KEYPOINTS), np.float32),
            box=np.empty((0, 4), np.float32), score=np.empty(0, np.float32),
            id=np.empty(0, np.int32), age=np.empty(0, np.float32),
            visible=np.empty((0, KEYPOINTS), np.bool_), velocity=np.empty((0, 2), np.float32),
            truncated=np.empty(0, np.bool_), time_unseen=np.empty(0, np.float32))


@dataclass(frozen=True, eq=False)
class Detections:
    """People as the networks gave them, before they are tracked; image-normalised.

    float64, because the reference computes its crops and filters so, and in the
    order in which the tracker matches them.

    Attributes:
        xy: float64 [N,17,2], x / width and y / height of the keypoints.
        keypoint_score: float64 [N,17].
        box: float64 [N,4], x_min, y_min, x_max, y_max, normalised in the same way.
        score: float64 [N].
    """

    xy: NDArray[np.float64]
    keypoint_score: NDArray[np.float64]
    box: NDArray[np.float64]
    score: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.score)

    @classmethod
    def empty(cls) -> Detections:
        """No detections."""
        return cls(np.empty((0, KEYPOINTS, 2)), np.empty((0, KEYPOINTS)), np.empty((0, 4)),
                   np.empty(0))

    @classmethod
    def joined(cls, parts: Sequence[Detections]) -> Detections:
        """The detections of several, in order."""
        if not parts:
            return cls.empty()
        return cls(*(np.concatenate(arrays) for arrays in zip(*(
            (part.xy, part.keypoint_score, part.box, part.score) for part in parts),
            strict=True)))

    def take(self, rows: Sequence[int] | NDArray[np.intp]) -> Detections:
        """The detections of these rows, in their order."""
        chosen = np.asarray(rows, np.intp)
        return Detections(self.xy[chosen], self.keypoint_score[chosen], self.box[chosen],
                          self.score[chosen])
