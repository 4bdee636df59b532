"""What happens to the people in a camera's images: they come, go, and are seen again.

Each id that is followed for long enough appears once, and is lost, or leaves, once:

    appeared (returned)* (lost | left)

- Appeared: with a new id, and followed for `CONFIRM_TIME`. A false person of a few images is
  nobody.
- Returned: the same, after at least `RETURN_TIME` and two images without them.
- Lost: not seen for as long as the tracker keeps a track, so the id does not come back. Whoever
  keeps the id behind something is neither lost nor new. When everything starts again all are lost.
- Left: lost, and when last seen they were about to cross an edge of the image.
"""
from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.track_life import Intervals
from movenet_ros.core.types import NANOSECONDS, Poses

CONFIRM_TIME = 0.3
"""A person has to be followed for this time to count [s]."""

RETURN_TIME = 0.3
"""A person who is not seen for a shorter time was never away [s]."""

RETURN_IMAGES = 2
"""Nor is one who is missing in fewer images."""

LEAVING_TIME = 0.3
"""Whoever would cross an edge of the image within this time is about to leave [s]."""

LEAVING_SPEED = 0.05
"""And moves towards it at least at this speed [image size/s]: those who stand do not leave."""


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
        stamp_ns: Stamp of the image with which it is reported [ns].
        time_unseen: For how long the person has not been seen, or was not before they
            returned [s].
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
        since_ns: Time of the image since which they are followed, but for short gaps [ns].
        last_ns: Time of the last image that they were in [ns].
        image: Number of that image.
        box: float32 [4] [px].
        edge: Which they were about to cross.
        time_unseen: For how long they were not seen before `since_ns` [s].
        is_due: Whether it is to be reported that they appeared or returned.
        is_announced: Whether it was reported that they appeared.
    """

    since_ns: int
    last_ns: int
    image: int
    box: NDArray[np.float32]
    edge: Edge = Edge.NONE
    time_unseen: float = 0.0
    is_due: bool = True
    is_announced: bool = False


@dataclass(frozen=True)
class EventState:
    """Who is known.

    Attributes:
        people: By id.
        image: Number of the last image.
        intervals: Between images, on which the life of a track depends.
    """

    people: Mapping[int, KnownPerson] = field(default_factory=dict)
    image: int = 0
    intervals: Intervals = field(default_factory=Intervals)


def find_events(state: EventState, poses: Poses, size: tuple[int, int], time_ns: int,
                stamp_ns: int, max_age: float) -> tuple[EventState, tuple[Event, ...]]:
    """What has happened since the image before.

    Args:
        state: After the image before.
        poses: The people in this image.
        size: Its width and height [px].
        time_ns: Its time: the latest stamp until now [ns].
        stamp_ns: Its own stamp [ns].
        max_age: The parameter `tracker.max_age` [s].

    Returns:
        The state after this image, and the events.
    """
    image = state.image + 1
    life = state.intervals.life(time_ns, max_age)
    people, events = dict(state.people), []
    for number, box, velocity in zip(poses.id.tolist(), poses.box, poses.velocity, strict=True):
        person = _seen(people.get(number), time_ns, image, box, _edge_ahead(box, velocity, size))
        if person.is_due and time_ns - person.since_ns >= CONFIRM_TIME * NANOSECONDS:
            kind = EventKind.RETURNED if person.is_announced else EventKind.APPEARED
            events.append(Event(kind, number, stamp_ns, person.time_unseen, box))
            person = replace(person, is_due=False, is_announced=True)
        people[number] = person
    gone = [number for number, person in people.items()
            if time_ns - person.last_ns > life * NANOSECONDS]
    events += [_lost(number, people[number], stamp_ns, time_ns)
               for number in gone if people[number].is_announced]
    kept = {number: person for number, person in people.items() if number not in gone}
    return EventState(kept, image, state.intervals.add(time_ns)), tuple(events)


def all_lost(state: EventState, stamp_ns: int) -> tuple[Event, ...]:
    """The events when everything starts again with an image of this stamp."""
    time_ns = state.intervals.time_ns or 0
    return tuple(
        Event(EventKind.LOST, number, stamp_ns, _time_unseen(person, time_ns), person.box)
        for number, person in state.people.items() if person.is_announced)


def _seen(person: KnownPerson | None, time_ns: int, image: int, box: NDArray[np.float32],
          edge: Edge) -> KnownPerson:
    if person is None:
        return KnownPerson(time_ns, time_ns, image, box, edge)
    unseen, missed = (time_ns - person.last_ns) / NANOSECONDS, image - person.image - 1
    person = replace(person, last_ns=time_ns, image=image, box=box, edge=edge)
    if unseen < RETURN_TIME or missed < RETURN_IMAGES:
        return person
    # Who has not appeared yet was nobody, and is not unseen since then.
    return replace(person, since_ns=time_ns, is_due=True,
                   time_unseen=unseen if person.is_announced else 0.0)


def _lost(number: int, person: KnownPerson, stamp_ns: int, time_ns: int) -> Event:
    kind = EventKind.LOST if person.edge is Edge.NONE else EventKind.LEFT
    return Event(kind, number, stamp_ns, _time_unseen(person, time_ns), person.box, person.edge)


def _time_unseen(person: KnownPerson, time_ns: int) -> float:
    # With `tfjs.time`, time may have gone back.
    return max(0, time_ns - person.last_ns) / NANOSECONDS


def _edge_ahead(box: NDArray[np.float32], velocity: NDArray[np.float32],
                size: tuple[int, int]) -> Edge:
    """The edge that a person is about to cross; of two, the one approached faster."""
    width, height = size
    x_min, y_min, x_max, y_max = box.tolist()
    x_speed, y_speed = velocity.tolist()
    # outwards, and how far away
    edges = ((-x_speed / width, x_min / width, Edge.LEFT),
             (-y_speed / height, y_min / height, Edge.TOP),
             (x_speed / width, 1.0 - x_max / width, Edge.RIGHT),
             (y_speed / height, 1.0 - y_max / height, Edge.BOTTOM))
    crossed = [(speed, edge) for speed, distance, edge in edges
               if speed >= LEAVING_SPEED and distance <= speed * LEAVING_TIME]
    return max(crossed, key=lambda each: each[0], default=(0.0, Edge.NONE))[1]
