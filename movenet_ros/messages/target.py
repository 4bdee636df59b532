"""movenet_ros/Target as serialized bytes (CDR), for the node and bags alike."""
from __future__ import annotations

import struct

from movenet_ros.core.target.selection import Criterion
from movenet_ros.core.target.target import Status, Target
from movenet_ros.messages.pose_array import PERSON_SIZE, serialized_people
from movenet_ros.messages.published_image import PublishedImage

TARGET = 'movenet_ros/msg/Target'
"""The type's full name."""

CRITERIA = tuple(Criterion)
"""In the order of the constants of SelectTarget."""


def target_words(state: int, criterion: int) -> tuple[str, str]:
    """State and criterion of a message, in words.

    Raises:
        ValueError: This version does not know one of them.
    """
    if state not in set(Status) or criterion not in range(len(CRITERIA)):
        raise ValueError(f'the target has the state {state} and the criterion {criterion}, '
                         'which this version does not know')
    return Status(state).name.lower(), CRITERIA[criterion].value


def serialize_target(image: PublishedImage, target: Target) -> bytes:
    """The bytes of a message, encapsulation included.

    Args:
        image: The image.
        target: The target in it.

    Raises:
        struct.error: A number is too large for its field.
        UnicodeEncodeError: A text cannot be written as UTF-8.
    """
    # sequence; state, origin, unsure, criterion; time_unseen, confidence; pose
    numbers = struct.pack(
        '<IBB?Bff', image.sequence, target.status, target.origin, target.is_unsure,
        CRITERIA.index(target.selection.criterion), target.time_unseen, target.confidence)
    return image.header + numbers + (serialized_people(target.pose) or bytes(PERSON_SIZE))
