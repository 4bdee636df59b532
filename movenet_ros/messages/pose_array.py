"""movenet_ros/PoseArray as serialized bytes (CDR), as the node publishes it and a bag holds it.

Both use it, so that live recordings and offline results have the same bytes. It is also faster:
filling the message objects of six people takes 0.1 ms, and serializing them as long again.
"""
from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.core.types import NANOSECONDS, Poses
from movenet_ros.messages.published_image import PublishedImage, text

POSE_ARRAY = 'movenet_ros/msg/PoseArray'
"""The type's full name."""

# Numbers of 4 bytes begin at a multiple of 4. What comes after the last bool of a message is
# not padded.
_PADDING = 3
_KEYPOINT = np.dtype([('xy', '<f4', 2), ('score', '<f4'), ('visible', '?'),
                      ('padding', f'V{_PADDING}')])
PERSON = np.dtype([
    ('id', '<i4'), ('score', '<f4'), ('age', '<f4'), ('time_unseen', '<f4'), ('box', '<f4', 4),
    ('velocity', '<f4', 2), ('truncated', '?'), ('padding', f'V{_PADDING}'),
    ('keypoints', _KEYPOINT, KEYPOINTS)])
"""A PersonPose, little-endian, with the padding that comes before the next one."""

PERSON_SIZE = PERSON.itemsize - _PADDING
"""Size of a PersonPose that is the last field of a message [bytes]."""


@dataclass(frozen=True, eq=False)
class PoseMessage:
    """The content of a PoseArray.

    Attributes:
        stamp: Seconds and nanoseconds of the image's header.
        frame_id: Of the image's header.
        width, height: Of the image [px].
        sequence: Number of the message since activation.
        model: The model that detected the people.
        poses: The people.
    """

    stamp: tuple[int, int]
    frame_id: str
    width: int
    height: int
    sequence: int
    model: str
    poses: Poses

    @property
    def image(self) -> PublishedImage:
        """All but the people."""
        return PublishedImage(self.stamp, self.frame_id, self.width, self.height, self.sequence,
                              self.model)

    @property
    def stamp_ns(self) -> int:
        """The stamp as one integer [ns]."""
        return self.stamp[0] * NANOSECONDS + self.stamp[1]


def serialize(message: PoseMessage) -> bytes:
    """The bytes of a message, encapsulation included.

    Raises:
        struct.error: A number is too large for its field.
        UnicodeEncodeError: A text cannot be written as UTF-8.
    """
    return b''.join((
        message.image.header,
        struct.pack('<III', message.width, message.height, message.sequence),
        text(message.model), struct.pack('<I', len(message.poses)),
        serialized_people(message.poses)))


def serialized_people(poses: Poses) -> bytes:
    """PersonPoses one after the other, as the last field of a message, from a multiple of 4 on."""
    people = np.zeros(len(poses), PERSON)
    for name in ('id', 'score', 'age', 'time_unseen', 'box', 'velocity', 'truncated'):
        people[name] = getattr(poses, name)
    people['keypoints']['xy'] = poses.xy
    people['keypoints']['score'] = poses.keypoint_score
    people['keypoints']['visible'] = poses.visible
    return people.tobytes()[:-_PADDING]
