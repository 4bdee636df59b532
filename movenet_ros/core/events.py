"""What happens to the people in a camera's images: they come, go, and are seen again."""
from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.types import NANOSECONDS, Poses


class EventKind(enum.Enum):
    """What happened; the values are those of PersonEvent.msg."""

    APPEARED = 1
    LOST = 2
    RETURNED = 3
    LEFT = 4


class Edge(enum.Enum):
    """An edge of the image; the values are those of PersonEvent.msg."""

    NONE = 0
    LEFT = 1
    TOP = 2
    RIGHT = 3
    BOTTOM = 4


@dataclass(frozen=True, eq=False)
class Event:
    """Something that happened to a person.

    Attributes:
        kind: What.
        id: Of the person.
        stamp_ns: Stamp of the image in which it was noticed [ns].
        time_unseen: For how long the person has not been seen [s].
        box: float32 [4], x_min, y_min, x_max, y_max, when they were last seen [px].
        edge: Where they left.
    """

    kind: EventKind
    id: int
    stamp_ns: int
    time_unseen: float
    box: NDArray[np.float32]
    edge: Edge = Edge.NONE


@dataclass(frozen=True, eq=False)
class KnownPerson:
    """A person when they were last seen.

    Attributes:
        last_ns: Time of that image [ns].
        box: float32 [4] [px].
    """

    last_ns: int
    box: NDArray[np.float32]


@dataclass(frozen=True)
class EventState:
    """Who is known.

    Attributes:
        people: By id.
    """

    people: Mapping[int, KnownPerson] = field(default_factory=dict)


def find_events(state: EventState, poses: Poses, time_ns: int, stamp_ns: int,
                max_age: float) -> tuple[EventState, tuple[Event, ...]]:
    """What has happened since the image before.

    Args:
        state: After the image before.
        poses: The people in this image.
        time_ns: Its time: the latest stamp until now [ns].
        stamp_ns: Its own stamp [ns].
        max_age: After this time without being seen a person is lost [s].

    Returns:
        The state after this image, and the events.
    """
    people, events = dict(state.people), []
    for number, box in zip(poses.id.tolist(), poses.box, strict=True):
        if number not in people:
            events.append(Event(EventKind.APPEARED, number, stamp_ns, 0.0, box))
        people[number] = KnownPerson(time_ns, box)
    for number, person in state.people.items():
        unseen = (time_ns - people[number].last_ns) / NANOSECONDS
        if unseen > max_age:
            del people[number]
            events.append(Event(EventKind.LOST, number, stamp_ns, unseen, person.box))
    return EventState(people), tuple(events)


def all_lost(state: EventState, stamp_ns: int) -> tuple[Event, ...]:
    """The events when everything starts again with an image of this stamp."""
    return tuple(Event(EventKind.LOST, number, stamp_ns, 0.0, person.box)
                 for number, person in state.people.items())
