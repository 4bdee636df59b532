"""movenet_ros/GestureArray as serialized bytes (CDR), for the node and bags alike."""
from __future__ import annotations

import struct

import numpy as np

from movenet_ros.core.gestures.gesture import POSTURES, Gesture, Gestures
from movenet_ros.messages.published_image import PublishedImage

GESTURE_ARRAY = 'movenet_ros/msg/GestureArray'
"""The type's full name."""

FLAGS = [gesture for gesture in Gesture if gesture not in POSTURES]
"""Those that are each a bool of the message, in its order."""

_JOINTS = 8
# Every number begins at a multiple of its size, and a person ends at a multiple of 4.
_PERSON = np.dtype([
    ('id', '<i4'), ('flags', '?', len(FLAGS)), ('posture', 'u1'), ('direction', '<f4', (2, 2)),
    ('ray', '<f4', (2, 3)), ('joint_angle', '<f4', _JOINTS), ('is_spatial', '?', _JOINTS)])


def serialize_gestures(image: PublishedImage, gestures: Gestures) -> bytes:
    """The bytes of a message, encapsulation included.

    Args:
        image: As its PoseArray was published.
        gestures: What the people in it do.

    Raises:
        struct.error: A number is too large for its field.
        UnicodeEncodeError: A text cannot be written as UTF-8.
    """
    people = np.zeros(len(gestures), _PERSON)
    people['flags'] = gestures.active[:, FLAGS]
    for name in ('id', 'posture', 'direction', 'ray', 'joint_angle', 'is_spatial'):
        people[name] = getattr(gestures, name)
    return b''.join((image.header, struct.pack('<II', image.sequence, len(gestures)),
                     people.tobytes()))
