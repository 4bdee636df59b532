"""The columns of a Parquet file of poses: one row for each person in each image.

Every file has all of them, so that files of several recordings can be read as one table; what is
unknown is null. docs/recordings.md lists them.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.geometry.poses_3d import Poses3D, Reason
from movenet_ros.core.gestures.angles import JOINT_NAMES
from movenet_ros.core.gestures.gesture import Gestures, Posture
from movenet_ros.core.skeleton import KEYPOINT_NAMES, KEYPOINTS
from movenet_ros.core.types import Poses
from movenet_ros.files.sink import Result
from movenet_ros.messages.gesture_array import FLAGS

POSTURES = np.array([posture.name.lower() for posture in Posture], object)


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        name: Its name.
        kind: Its type: the name of pyarrow's function for it.
        unit: Of the values, or an empty text.
    """

    name: str
    kind: str
    unit: str = ''


def _axes(name: str, axes: str, unit: str) -> list[Column]:
    return [Column(f'{name}_{axis}', 'float32', unit) for axis in axes]


COLUMNS = (
    Column('recording', 'string'), Column('stamp_ns', 'int64', 'ns'), Column('frame_id', 'string'),
    Column('width', 'int32', 'px'), Column('height', 'int32', 'px'), Column('model', 'string'),
    Column('id', 'int32'), Column('score', 'float32'), Column('age', 'float32', 's'),
    Column('time_unseen', 'float32', 's'), Column('truncated', 'bool_'),
    *(Column(name, 'float32', 'px') for name in ('x_min', 'y_min', 'x_max', 'y_max')),
    *_axes('velocity', 'xy', 'px/s'),
    *(column for name in KEYPOINT_NAMES for column in (
        *_axes(name, 'xy', 'px'), Column(f'{name}_score', 'float32'),
        Column(f'{name}_visible', 'bool_'))),
    *_axes('ray', 'xyz', ''), *_axes('position', 'xyz', 'm'), *_axes('velocity_3d', 'xyz', 'm/s'),
    *(Column(name, 'float32', 'm') for name in ('distance', 'near', 'far')),
    *(column for name in KEYPOINT_NAMES for column in _axes(f'{name}_position', 'xyz', 'm')),
    *(Column(flag.name.lower(), 'bool_') for flag in FLAGS), Column('posture', 'string'),
    *(Column(f'{name}_angle', 'float32', 'rad') for name in JOINT_NAMES))


@dataclass(frozen=True, eq=False)
class ImageRows:
    """What is kept of a result until it is written: all but the picture.

    Attributes:
        common: What is the same in all rows, in the order of the first columns.
        poses, poses_3d, gestures: As in the result; None where there are none.
    """

    common: tuple[str | int, ...]
    poses: Poses
    poses_3d: Poses3D | None
    gestures: Gestures | None

    @classmethod
    def of(cls, result: Result, recording: str) -> ImageRows:
        """The rows of one image."""
        common = (recording, result.stamp_ns, result.frame_id, result.picture.width,
                  result.picture.height, result.model)
        return cls(common, result.poses, result.observation.poses_3d, result.observation.gestures)


def column_values(images: Sequence[ImageRows]) -> list[NDArray[Any]]:
    """The values of all columns, in their order; NaN and None are unknown.

    Args:
        images: At least one.
    """
    counts = [len(image.poses) for image in images]
    common = [np.repeat(np.array(values, object if isinstance(values[0], str) else np.int64),
                        counts) for values in zip(*(image.common for image in images), strict=True)]
    return [*common, *_of_poses([image.poses for image in images]),
            *_of_positions([image.poses_3d or Poses3D.unknown(
                image.poses.id, Reason.NO_DEPTH_IMAGE) for image in images]),
            *_of_gestures(images)]


def _of_poses(people: Sequence[Poses]) -> Iterator[NDArray[Any]]:
    for field in ('id', 'score', 'age', 'time_unseen', 'truncated'):
        yield _joined(people, field)
    yield from _joined(people, 'box').T
    yield from _joined(people, 'velocity').T
    xy, score, visible = (_joined(people, field) for field in ('xy', 'keypoint_score', 'visible'))
    for keypoint in range(KEYPOINTS):
        yield from (xy[:, keypoint, 0], xy[:, keypoint, 1], score[:, keypoint],
                    visible[:, keypoint])


def _of_positions(people: Sequence[Poses3D]) -> Iterator[NDArray[Any]]:
    for field in ('ray', 'position', 'velocity'):
        yield from _joined(people, field).T
    yield _joined(people, 'distance')
    yield from _joined(people, 'extent').T
    yield from _joined(people, 'keypoint_position').reshape(-1, 3 * KEYPOINTS).T


def _of_gestures(images: Sequence[ImageRows]) -> Iterator[NDArray[Any]]:
    rows = [_gesture_rows(image) for image in images]
    flags, angles = (np.concatenate(arrays) for arrays in zip(*rows, strict=True))
    yield from flags.T
    yield from angles.T


def _gesture_rows(image: ImageRows) -> tuple[NDArray[Any], NDArray[np.float32]]:
    """Gestures and posture [N,F+1], and joint angles [N,8]; unknown where none are recognised."""
    found, count = image.gestures, len(image.poses)
    if found is None:
        return (np.full((count, len(FLAGS) + 1), None, object),
                np.full((count, len(JOINT_NAMES)), np.nan, np.float32))
    named = np.column_stack([found.active[:, FLAGS].astype(object), POSTURES[found.posture]])
    return named, found.joint_angle


def _joined(items: Sequence[Any], field: str) -> NDArray[Any]:
    return np.concatenate([getattr(item, field) for item in items])
