"""Reads what a node publishes of one image from its bytes.

Filling the message objects of five people takes ten times as long.
"""
from __future__ import annotations

import math

import numpy as np

from movenet_ros.core.types import NANOSECONDS, Poses
from movenet_ros.errors import ImageError
from movenet_ros.images.message_reader import MessageReader
from movenet_ros.messages.pose_array import PERSON, PoseMessage
from movenet_ros.messages.pose_array_3d import PERSON_3D
from movenet_ros.messages.target import target_words
from movenet_ros.tools.view.record import PersonPosition, TargetView

ARRAYS = ('score', 'box', 'age', 'velocity', 'time_unseen')
"""Fields of a PersonPose that are as in `Poses`."""


def read_pose_array(raw: bytes) -> PoseMessage:
    """A serialized PoseArray.

    Raises:
        ImageError: It is damaged.
    """
    reader = MessageReader(raw)
    stamp, frame_id = reader.header()
    width, height, sequence = reader.numbers('III')
    model = reader.text()
    count, = reader.numbers('I')
    people = reader.structures(PERSON, count)
    keypoints = people['keypoints']
    poses = Poses(
        **{name: np.ascontiguousarray(people[name], np.float32) for name in ARRAYS},
        xy=np.ascontiguousarray(keypoints['xy'], np.float32),
        keypoint_score=np.ascontiguousarray(keypoints['score'], np.float32),
        id=np.ascontiguousarray(people['id'], np.int32),
        visible=np.ascontiguousarray(keypoints['visible']),
        truncated=np.ascontiguousarray(people['truncated']))
    return PoseMessage(stamp, frame_id, width, height, sequence, model, poses)


def read_positions(raw: bytes) -> tuple[int, tuple[PersonPosition, ...]]:
    """Stamp [ns] of a serialized PoseArray3D, and where its people are.

    Raises:
        ImageError: It is damaged.
    """
    reader = MessageReader(raw)
    (seconds, nanoseconds), _ = reader.header()
    _, count = reader.numbers('II')
    people = reader.structures(PERSON_3D, count)
    found = zip(people['id'].tolist(), people['position'].tolist(), people['distance'].tolist(),
                strict=True)
    return seconds * NANOSECONDS + nanoseconds, tuple(
        PersonPosition(number, None if math.isnan(distance) else (x, y, z),
                       None if math.isnan(distance) else distance)
        for number, (x, y, z), distance in found)


def read_target(raw: bytes) -> tuple[int, TargetView]:
    """Stamp [ns] of a serialized Target, and who it is.

    Raises:
        ImageError: It is damaged, or of another version.
    """
    reader = MessageReader(raw)
    (seconds, nanoseconds), _ = reader.header()
    # sequence; state, origin, unsure, criterion; time_unseen, confidence; id
    _, state, _, _, criterion, _, _, number = reader.numbers('IBBBBffi')
    try:
        words = target_words(state, criterion)
    except ValueError as error:
        raise ImageError(str(error), cause='damaged_message') from error
    return seconds * NANOSECONDS + nanoseconds, TargetView(number, *words)
