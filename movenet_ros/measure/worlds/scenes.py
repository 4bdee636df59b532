"""What happens in each world: who walks where and when, as plain values."""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Path = tuple[tuple[float, float], ...]
"""Times [s] and places: the middle of the person in widths of the image."""

LEFT, RIGHT = -math.inf, math.inf
"""Places just outside of the image."""
SMOOTHED = 0.2
"""People start and stop in this time [s]."""
TOP = 0.35
"""Height of the camera's horizon, in heights of the image from the top."""


@dataclass(frozen=True)
class Actor:
    """A person of a scene. Taller ones are nearer to the camera.

    Attributes:
        height: In heights of the image.
        path: Where they walk.
    """

    height: float
    path: Path

    @property
    def ground(self) -> float:
        """Where they stand, in heights of the image: the camera is at the height of a chest."""
        return TOP + 0.85 * self.height


@dataclass(frozen=True)
class Camera:
    """How the camera moves.

    Attributes:
        pan: How far it turns to either side, in widths of the image.
        period: Of turning there and back [s].
        shake: About how far it shakes [px].
    """

    pan: float = 0.0
    period: float = 4.0
    shake: float = 0.0


@dataclass(frozen=True)
class Scene:
    """One world.

    Attributes:
        seconds: How long it lasts.
        actors: The people.
        posts: Left edges and widths of posts in front of everybody, in widths of the image.
        camera: How the camera moves.
    """

    seconds: float
    actors: tuple[Actor, ...] = ()
    posts: tuple[tuple[float, float], ...] = ()
    camera: Camera = Camera()


def _exchanging(heights: Sequence[float], leg: float,
                legs: Sequence[Sequence[tuple[int, int]]]) -> tuple[Actor, ...]:
    """People on evenly spaced places, who change places in pairs.

    Args:
        heights: Of the people, in heights of the image.
        leg: How long they take to change places [s].
        legs: The pairs of places between which people are exchanged, one after the other.
    """
    step = 0.8 / (len(heights) - 1)
    places = list(range(len(heights)))
    rows = [list(places)]
    for pairs in legs:
        target = {a: b for pair in pairs for a, b in (pair, pair[::-1])}
        places = [target.get(place, place) for place in places]
        rows.append(list(places))
    return tuple(Actor(height, tuple((leg * index, 0.1 + step * row[person])
                                     for index, row in enumerate(rows)))
                 for person, height in enumerate(heights))


_FOUR = _exchanging((0.62, 0.56, 0.66, 0.59), 2.0, (
    ((0, 2), (1, 3)), ((0, 3), (1, 2)), ((0, 2), (1, 3)), ((0, 1), (2, 3))))

_ACROSS = ((0, 3), (1, 2), (4, 7), (5, 6)), ((0, 1), (2, 5), (3, 4), (6, 7))
_NEXT = ((0, 1), (2, 3), (4, 5), (6, 7)), ((1, 2), (3, 4), (5, 6))

_BEHIND = (
    Actor(0.66, ((0.0, 0.30), (7.0, 0.33))),
    Actor(0.62, ((0.0, 0.70), (7.0, 0.67))),
    # behind one, 0.5 s there, and on to behind the other
    Actor(0.56, ((0.0, 0.08), (1.5, 0.31), (2.0 + SMOOTHED, 0.31), (4.2, 0.68),
                 (4.7 + SMOOTHED, 0.68), (6.4, 0.92), (7.0, 0.92))),
    Actor(0.52, ((0.0, 0.92), (2.2, 0.69), (2.7 + SMOOTHED, 0.69), (4.9, 0.32),
                 (5.4 + SMOOTHED, 0.32), (7.0, 0.08))))

_POSTS = (
    Actor(0.60, ((0.0, 0.08), (3.5, 0.92), (7.0, 0.08))),
    Actor(0.54, ((0.0, 0.92), (4.0, 0.08), (7.0, 0.80))),
    # hidden by the wider post for half a second
    Actor(0.50, ((0.0, 0.45), (1.2, 0.68), (1.7 + SMOOTHED, 0.68), (4.2, 0.18), (7.0, 0.60))))

_LEAVING = (
    # Briskly, so that they are hardly visible for little longer than they are away.
    Actor(0.62, ((0.0, 0.32), (0.7, 0.30), (1.5, LEFT), (1.7 + SMOOTHED, LEFT), (2.7, 0.33),
                 (4.2, 0.35), (5.0, LEFT), (5.2 + SMOOTHED, LEFT), (6.2, 0.33), (7.5, 0.30))),
    Actor(0.56, ((0.0, 0.75), (1.5, RIGHT), (4.5 + SMOOTHED, RIGHT), (7.5, 0.60))),
    Actor(0.50, ((0.0, 0.50), (3.0, 0.60), (7.5, 0.45))))

_CLOSE = (
    Actor(0.61, ((0.0, 0.42), (2.5, 0.42), (4.0, 0.20), (5.0, 0.20), (6.5, 0.43), (7.0, 0.43))),
    Actor(0.59, ((0.0, 0.58), (2.5, 0.58), (4.0, 0.80), (5.0, 0.80), (6.5, 0.57), (7.0, 0.57))))

SCENES = {
    'crossing': Scene(8.0, _FOUR),
    'behind': Scene(7.0, _BEHIND),
    'posts': Scene(7.0, _POSTS, posts=((0.28, 0.06), (0.61, 0.15))),
    'leave_return': Scene(7.5, _LEAVING),
    'crowd': Scene(7.0, _exchanging(
        (0.33, 0.26, 0.38, 0.29, 0.40, 0.25, 0.35, 0.31), 1.75, (*_ACROSS, *_ACROSS))),
    'far': Scene(8.0, _exchanging(
        (0.15, 0.12, 0.17, 0.13, 0.18, 0.14, 0.16, 0.125), 2.0, (
            *_NEXT, ((0, 2), (1, 3), (4, 6), (5, 7)), _NEXT[0]))),
    'pan': Scene(8.0, _FOUR, camera=Camera(pan=0.12)),
    'shake': Scene(8.0, _FOUR, camera=Camera(shake=3.0)),
    'close': Scene(7.0, _CLOSE),
    'empty': Scene(6.0, camera=Camera(pan=0.12)),
}
"""By name."""
