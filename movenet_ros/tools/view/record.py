"""What the page gets of one image: a record of JSON and a JPEG, for `/stream`.

A record is, with lengths as unsigned 32-bit big-endian integers:

    length of all that follows | length of the JSON | JSON (UTF-8) | JPEG (may be empty)

Picture and skeleton are in one record, so that the page never draws them from different images.
"""
from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.types import NANOSECONDS, Poses

LENGTHS = struct.Struct('>II')
PIXEL_DECIMALS = 1
SCORE_DECIMALS = 3
METRE_DECIMALS = 3

# Without NaN: no JSON parser of a browser reads it.
_to_json = json.JSONEncoder(separators=(',', ':'), allow_nan=False).encode


@dataclass(frozen=True)
class PersonPosition:
    """Where a person is.

    Attributes:
        id: As in `Poses`.
        position: x right, y down, z forward [m], in the camera's optical frame; None if unknown.
        distance: From the camera [m]; None if unknown.
    """

    id: int
    position: tuple[float, float, float] | None
    distance: float | None


@dataclass(frozen=True)
class TargetView:
    """The person who is followed.

    Attributes:
        id: As in `Poses`.
        state: A state of Target.msg, in words.
        criterion: By what the person was chosen, a value of `core.target.selection.Criterion`.
    """

    id: int
    state: str
    criterion: str


@dataclass(frozen=True)
class CameraStatusView:
    """The newest diagnostics of a camera.

    Attributes:
        level: Of diagnostic_msgs/DiagnosticStatus.
        message: Its summary.
        age: Time since it was received [s].
        values: Its key-value pairs.
    """

    level: int
    message: str
    age: float
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ViewFrame:
    """What is shown of one image.

    Attributes:
        camera: The camera's name.
        topic: Of the images.
        stamp_ns: Of the image's header [ns].
        sequence: Of the poses' message.
        frame_id: Of the image's header.
        width, height: Of the image [px].
        model: Which has computed the poses.
        poses: The people; None if nothing is known yet, in a record of the status alone.
        positions: Where they are; None without depth.
        target: Who is followed; None if nobody is or it is not known.
        rate: Poses per second.
        latency: From the image's stamp until the poses were received [s].
        lost: Messages of poses that did not come, since the view was started. A page counts those
            since it was opened.
        status: The node's diagnostics of this camera.
        position: Time since the recording's start [s]; None if live.
        paused: Whether the recording is paused; None if live.
    """

    camera: str
    topic: str
    stamp_ns: int
    sequence: int
    frame_id: str
    width: int
    height: int
    model: str
    poses: Poses | None = None
    positions: Sequence[PersonPosition] | None = None
    target: TargetView | None = None
    rate: float | None = None
    latency: float | None = None
    lost: int = 0
    status: CameraStatusView | None = None
    position: float | None = None
    paused: bool | None = None


def encode_record(frame: ViewFrame, jpeg: bytes) -> bytes:
    """The record of one image.

    Args:
        frame: What is known of it. NaN and infinities become null.
        jpeg: The picture; may be empty.
    """
    text = _to_json(_frame_fields(frame)).encode()
    return b''.join((LENGTHS.pack(4 + len(text) + len(jpeg), len(text)), text, jpeg))


def _frame_fields(frame: ViewFrame) -> dict[str, Any]:
    target, status = frame.target, frame.status
    return {
        'camera': frame.camera, 'topic': frame.topic, 'stamp': _seconds(frame.stamp_ns),
        'sequence': int(frame.sequence), 'frame_id': frame.frame_id, 'width': int(frame.width),
        'height': int(frame.height), 'model': frame.model,
        'people': None if frame.poses is None else _people_fields(frame.poses),
        'positions': None if frame.positions is None else [
            _position_fields(each) for each in frame.positions],
        'target': target and {
            'id': int(target.id), 'state': target.state, 'criterion': target.criterion},
        'rate': _finite(frame.rate), 'latency': _finite(frame.latency), 'lost': int(frame.lost),
        'status': status and {'level': int(status.level), 'message': status.message,
                              'age': _finite(status.age), 'values': dict(status.values)},
        'position': _finite(frame.position), 'paused': frame.paused}


def _people_fields(poses: Poses) -> list[dict[str, Any]]:
    columns = (
        poses.id.tolist(), _rounded(poses.score, SCORE_DECIMALS),
        _rounded(poses.box, PIXEL_DECIMALS), _rounded(poses.xy, PIXEL_DECIMALS),
        _rounded(poses.keypoint_score, SCORE_DECIMALS), poses.visible.astype(int).tolist(),
        poses.truncated.tolist(), _rounded(poses.time_unseen, SCORE_DECIMALS))
    return [{
        'id': number, 'score': score, 'box': box,
        'keypoints': [[x, y, keypoint_score, seen] for (x, y), keypoint_score, seen
                      in zip(xy, keypoint_scores, visible, strict=True)],
        'truncated': truncated, 'time_unseen': time_unseen,
    } for number, score, box, xy, keypoint_scores, visible, truncated, time_unseen
        in zip(*columns, strict=True)]


def _position_fields(person: PersonPosition) -> dict[str, Any]:
    position = person.position and [_finite(value, METRE_DECIMALS) for value in person.position]
    return {'id': int(person.id),
            'position': None if position is None or None in position else position,
            'distance': _finite(person.distance, METRE_DECIMALS)}


def _rounded(array: NDArray[np.float32], decimals: int) -> list[Any]:
    # in double precision: a rounded float32 has up to 17 digits as text
    values = np.round(array.astype(np.float64), decimals)
    finite = np.isfinite(values)
    if finite.all():
        return list(values.tolist())
    objects = values.astype(object)
    objects[~finite] = None
    return list(objects.tolist())


def _finite(value: float | None, decimals: int | None = None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return float(value) if decimals is None else round(float(value), decimals)


def _seconds(stamp_ns: int) -> str:
    whole, rest = divmod(abs(int(stamp_ns)), NANOSECONDS)
    return f'{"-" if stamp_ns < 0 else ""}{whole}.{rest:09d}'
