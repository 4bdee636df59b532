"""One chosen person, followed from image to image.

    none -> (a selection finds somebody) -> tracked <-> held -> searching -> lost

- tracked: the person's id is in this image.
- held: it is not, for at most `tracker.max_age`: the tracker may still find the person again.
- searching: for longer. Whoever appears is compared with the target (`reidentification`).
- lost: for longer than `target.search_time`. The target is given up.

A selection chooses once. Afterwards the target remains the same person, however near or large
others become, until another selection is asked for, or, with `target.reselect`, the target is
lost. The ids of the poses are not changed: when the target is recognised under a new id, that id
is the target's from then on.

Times are those of a clock that adds up the steps of the images' stamps. A step back adds
nothing, and a single step adds at most `LONGEST_STEP`, so that an outlying stamp does not end
the search.
"""
from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config
from movenet_ros.core.target.memory import Memory
from movenet_ros.core.target.reidentification import Recognition, learn, recognise
from movenet_ros.core.target.selection import IMMEDIATE, Criterion, Selection, chosen_row
from movenet_ros.core.types import NANOSECONDS, Picture, Poses

LONGEST_STEP = 10.0
"""The most that the target's clock advances from one image to the next [s]."""


class Status(enum.IntEnum):
    """What is known of the target in an image; the values are those of Target.msg."""

    NONE = 0
    """Nobody has been selected, or nobody yet who fits the selection."""
    TRACKED = 1
    """In this image."""
    HELD = 2
    """Not seen for a moment."""
    SEARCHING = 3
    """Not seen for longer; looked for by appearance."""
    LOST = 4
    """Given up."""


class Origin(enum.IntEnum):
    """How the id came to be the target's; the values are those of Target.msg."""

    NONE = 0
    """There is no id."""
    SELECTED = 1
    """By the selection."""
    REIDENTIFIED = 2
    """By appearance."""


@dataclass(frozen=True)
class Target:
    """The target as it is in one image.

    Attributes:
        status: What is known of it.
        id: Its id, or the last one; 0 if there is none.
        row: Its place in the poses; None if it is not in this image.
        pose: The target alone, as last seen: one person, or none where there is no target.
        time_unseen: Time since it was last seen, 0 while it is tracked [s].
        origin: How the id came to be the target's.
        confidence: That this is the person who was selected, 0..1: 1 for an id that was selected,
            the similarity for one that was recognised, 0 where there is no target.
        is_unsure: Somebody in the image might be the target, but not clearly enough.
        selection: What was asked for.
    """

    status: Status = Status.NONE
    id: int = 0
    row: int | None = None
    pose: Poses = field(default_factory=Poses.empty)
    time_unseen: float = 0.0
    origin: Origin = Origin.NONE
    confidence: float = 0.0
    is_unsure: bool = False
    selection: Selection = Selection()


@dataclass(frozen=True, eq=False)
class TargetState:
    """What is remembered of the target between two images.

    Attributes:
        selection: What was asked for.
        latest: The target in the last image.
        stamp_ns: The latest stamp of an image; None before the first [ns].
        clock_ns: The target's clock [ns].
        seen_ns: When the target was last seen, or since when a selection finds nobody, by the
            target's clock [ns].
        memory: What the target and the others look like.
    """

    selection: Selection = Selection()
    latest: Target = Target()
    stamp_ns: int | None = None
    clock_ns: int = 0
    seen_ns: int = 0
    memory: Memory = Memory()

    @property
    def time_unseen(self) -> float:
        """Time since the target was last seen [s]."""
        return (self.clock_ns - self.seen_ns) / NANOSECONDS


def initial_state(config: Config) -> TargetState:
    """The state before the first image, with the selection of the parameter `target.select`."""
    return TargetState(Selection(Criterion(config.target.select)))


def select(state: TargetState, selection: Selection) -> TargetState:
    """The state after another selection was asked for, which the next image decides on."""
    return TargetState(selection, Target(selection=selection), state.stamp_ns, state.clock_ns,
                       state.clock_ns)


def update(state: TargetState, picture: Picture, poses: Poses, stamp_ns: int,
           distances: NDArray[np.float32] | None, config: Config) -> tuple[TargetState, Target]:
    """The target in the next image.

    Args:
        state: After the image before.
        picture: The image.
        poses: N people, as published.
        stamp_ns: Stamp of the image [ns].
        distances: float32 [N], of the people [m], NaN where unknown; None where none are known.
        config: All parameters.

    Returns:
        The state after this image, and the target.
    """
    state = _at_stamp(state, stamp_ns, config)
    if state.selection.is_none:
        return state, state.latest
    if _is_to_be_chosen(state, config):
        state = _choose(state, poses, (picture.width, picture.height), distances, config)
    elif state.latest.status is not Status.LOST:
        state = _follow(state, picture, poses, config)
    if state.latest.status is Status.LOST:
        state = replace(state, latest=replace(state.latest, time_unseen=state.time_unseen))
    if state.latest.row is not None and config.target.reidentify:
        state = replace(state, memory=learn(
            state.memory, picture, poses, state.latest.row, state.clock_ns))
    return state, state.latest


def _at_stamp(state: TargetState, stamp_ns: int, config: Config) -> TargetState:
    """The state with its clock advanced to a stamp; a late image does not change the latest."""
    if state.stamp_ns is None:
        return replace(state, stamp_ns=stamp_ns)
    step = stamp_ns - state.stamp_ns
    if -config.max_lateness * NANOSECONDS <= step < 0:
        return state
    advanced = min(max(0, step), round(LONGEST_STEP * NANOSECONDS))
    return replace(state, stamp_ns=stamp_ns, clock_ns=state.clock_ns + advanced)


def _is_to_be_chosen(state: TargetState, config: Config) -> bool:
    if state.latest.status is Status.LOST:
        return config.target.reselect and state.selection.criterion not in IMMEDIATE
    return state.latest.status is Status.NONE


def _choose(state: TargetState, poses: Poses, size: tuple[int, int],
            distances: NDArray[np.float32] | None, config: Config) -> TargetState:
    selection = state.selection
    row = chosen_row(selection, poses, size, distances)
    if row is not None:
        target = Target(id=int(poses.id[row]), origin=Origin.SELECTED, confidence=1.0,
                        selection=selection)
        return _seen(replace(state, memory=Memory()), target, poses, row)
    if selection.criterion in IMMEDIATE and state.time_unseen > config.tracker.max_age:
        lost = Target(Status.LOST, time_unseen=state.time_unseen, selection=selection)
        return replace(state, latest=lost)
    return state


def _follow(state: TargetState, picture: Picture, poses: Poses, config: Config) -> TargetState:
    rows = np.flatnonzero(poses.id == state.latest.id)
    if len(rows):
        return _seen(state, state.latest, poses, int(rows[0]))
    recognition = Recognition()
    if config.target.reidentify:
        memory, recognition = recognise(state.memory, picture, poses, state.clock_ns)
        state = replace(state, memory=memory)
    if recognition.row is not None:
        regained = replace(state.latest, id=int(poses.id[recognition.row]),
                           origin=Origin.REIDENTIFIED, confidence=recognition.similarity)
        return _seen(state, regained, poses, recognition.row)
    unseen = state.time_unseen
    status = (Status.HELD if unseen <= config.tracker.max_age
              else Status.SEARCHING if unseen <= config.target.search_time else Status.LOST)
    latest = replace(state.latest, status=status, row=None, time_unseen=unseen,
                     is_unsure=recognition.is_unsure)
    if status is Status.LOST:
        latest = replace(latest, confidence=0.0, is_unsure=False)
    return replace(state, latest=latest)


def _seen(state: TargetState, latest: Target, poses: Poses, row: int) -> TargetState:
    seen = replace(latest, status=Status.TRACKED, row=row, pose=poses.take([row]),
                   time_unseen=0.0, is_unsure=False)
    return replace(state, latest=seen, seen_ns=state.clock_ns)
