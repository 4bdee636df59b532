"""movenet_ros/PersonEvent as serialized bytes (CDR), for the node and bags alike."""
from __future__ import annotations

import struct

from movenet_ros.core.events import Event
from movenet_ros.messages.published_image import PublishedImage

PERSON_EVENT = 'movenet_ros/msg/PersonEvent'
"""The type's full name."""


def serialize_event(image: PublishedImage, event: Event) -> bytes:
    """The bytes of a message, encapsulation included.

    Args:
        image: In which the event was noticed.
        event: What happened.

    Raises:
        struct.error: A number is too large for its field.
        UnicodeEncodeError: A text cannot be written as UTF-8.
    """
    # sequence, kind, edge, padding to a multiple of 4, id, time_unseen, box
    return image.header + struct.pack(
        '<IBBxxi5f', image.sequence, event.kind.value, event.edge.value, event.id,
        event.time_unseen, *event.box)
