"""movenet_ros/PoseArray3D as serialized bytes (CDR), as the node publishes it and a bag holds it.

Both use it, so that live recordings and offline results have the same bytes.
"""
from __future__ import annotations

import struct

import numpy as np

from movenet_ros.core.geometry.poses_3d import Poses3D
from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.core.types import Poses
from movenet_ros.messages.published_image import PublishedImage

POSE_ARRAY_3D = 'movenet_ros/msg/PoseArray3D'
"""The type's full name."""

# Keypoint3D.msg ends with two numbers of one byte, and what follows it begins at a multiple of 4.
_PADDING = 2
_KEYPOINT = np.dtype([
    ('position', '<f4', 3), ('ray', '<f4', 3), ('spread', '<f4'), ('score', '<f4'),
    ('visible', '?'), ('reason', 'u1'), ('padding', f'V{_PADDING}')])
PERSON_3D = np.dtype([
    ('id', '<i4'), ('score', '<f4'), ('ray', '<f4', 3), ('position', '<f4', 3),
    ('velocity', '<f4', 3), ('distance', '<f4'), ('extent', '<f4', 2),
    ('keypoints', _KEYPOINT, KEYPOINTS)])
"""A PersonPose3D, little-endian, with the padding that comes before the next one."""


def serialize_3d(image: PublishedImage, poses: Poses, poses_3d: Poses3D) -> bytes:
    """The bytes of a message, encapsulation included.

    Args:
        image: As its PoseArray was published.
        poses: The people in it.
        poses_3d: The same in metres.

    Raises:
        struct.error: A number is too large for its field.
        UnicodeEncodeError: A text cannot be written as UTF-8.
    """
    # Nothing follows the last keypoint.
    people = _people(poses, poses_3d)[:-_PADDING]
    return b''.join((image.header, struct.pack('<II', image.sequence, len(poses)), people))


def _people(poses: Poses, poses_3d: Poses3D) -> bytes:
    rows = np.zeros(len(poses), PERSON_3D)
    rows['id'], rows['score'] = poses.id, poses.score
    for name in ('ray', 'position', 'velocity', 'distance', 'extent'):
        rows[name] = getattr(poses_3d, name)
    keypoints = rows['keypoints']
    for name in ('position', 'ray', 'spread', 'reason'):
        keypoints[name] = getattr(poses_3d, f'keypoint_{name}')
    keypoints['score'], keypoints['visible'] = poses.keypoint_score, poses.visible
    return rows.tobytes()
