"""Whether somebody who appears is the target that was lost, by the colours of the torso.

Nobody is taken for the target who was in an image together with the target. Of the others,
somebody is the target who over several images looks like the target, and clearly more so than
like anybody who was seen with the target, and than anybody else who appears. Else the answer is
"not sure". docs/target.md has what was measured.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.target.memory import Evidence, Memory, Other
from movenet_ros.core.target.torso_colors import torso_colors, usable_torsos
from movenet_ros.core.types import NANOSECONDS, Picture, Poses

LEARNING_PERIOD = 0.2
"""Time between two images from which views are learned [s]."""

MIN_VIEWS = 5
"""Nobody is recognised by fewer views of the target than this."""

OTHER_VIEWS = 5
"""Views that are remembered of each other person."""

MOST_OTHERS = 20
"""Other people who are remembered, the latest."""

MOST_CANDIDATES = 50
"""People who appeared and are compared with the target, the latest; more than are there at once."""

MIN_SIMILARITY = 0.9
"""Smallest mean similarity of the target."""

MARGIN = 0.05
"""The mean similarity to anybody else is smaller by at least this."""

UNSURE_SIMILARITY = 0.75
"""Somebody with at least this mean similarity might be the target."""


@dataclass(frozen=True)
class Recognition:
    """The answer for one image.

    Attributes:
        row: The target in the poses; None if nobody is.
        similarity: Mean similarity of that person, or of the most similar one; 0 if nobody is
            there who could be compared.
        is_unsure: Whether somebody might be the target, but not clearly enough.
    """

    row: int | None = None
    similarity: float = 0.0
    is_unsure: bool = False


def learn(memory: Memory, picture: Picture, poses: Poses, row: int, clock_ns: int) -> Memory:
    """What is remembered after an image in which the target is seen.

    Args:
        memory: Before.
        picture: The image.
        poses: The people in it.
        row: The target.
        clock_ns: The target's clock [ns].
    """
    others = dict(memory.others)
    for number in poses.id.tolist():
        if number != poses.id[row]:
            known = others.get(number, Other(clock_ns))
            others[number] = replace(known, seen_ns=clock_ns)
    memory = replace(memory, others=_latest(others), evidence={})
    last = memory.learned_ns
    if last is not None and clock_ns - last < LEARNING_PERIOD * NANOSECONDS:
        return memory
    usable = usable_torsos(poses, picture.width, picture.height)
    if picture.order == 'mono' or not usable[row]:
        return memory
    return _with_views(memory, picture, poses, row, np.flatnonzero(usable), clock_ns)


def recognise(memory: Memory, picture: Picture, poses: Poses,
              clock_ns: int) -> tuple[Memory, Recognition]:
    """Looks for the target in an image in which its id is not.

    Args:
        memory: Before.
        picture: The image.
        poses: The people in it.
        clock_ns: The target's clock [ns].
    """
    new = [row for row, number in enumerate(poses.id.tolist()) if number not in memory.others]
    if not new or len(memory.target) < MIN_VIEWS or picture.order == 'mono':
        return memory, Recognition()
    usable = usable_torsos(poses, picture.width, picture.height)
    rows = [row for row in new if usable[row]]
    if rows:
        memory = _with_evidence(memory, torso_colors(picture, poses, rows),
                                poses.id[rows].tolist(), clock_ns)
    return memory, _decide(memory, poses, new, clock_ns)


def _with_views(memory: Memory, picture: Picture, poses: Poses, row: int,
                rows: NDArray[np.intp], clock_ns: int) -> Memory:
    others, target = dict(memory.others), memory.target
    for person, colors in zip(rows.tolist(), torso_colors(picture, poses, rows), strict=True):
        number = int(poses.id[person])
        if person == row:
            target = target.with_view(colors)
        elif number in others:
            known = others[number]
            others[number] = replace(
                known, appearance=known.appearance.with_view(colors, OTHER_VIEWS))
    return replace(memory, target=target, others=others, learned_ns=clock_ns)


def _with_evidence(memory: Memory, colors: NDArray[np.float32], ids: Sequence[int],
                   clock_ns: int) -> Memory:
    similarity = memory.target.similarity(colors)
    other = np.max([np.zeros(len(ids), np.float32), *(
        other.appearance.similarity(colors) for other in memory.others.values())], axis=0)
    evidence = dict(memory.evidence)
    for index, number in enumerate(ids):
        # At the end, as the latest.
        before = evidence.pop(number, Evidence(clock_ns))
        evidence[number] = before.with_image(float(similarity[index]), float(other[index]))
    return replace(memory, evidence=dict(list(evidence.items())[-MOST_CANDIDATES:]))


def _decide(memory: Memory, poses: Poses, rows: Sequence[int], clock_ns: int) -> Recognition:
    """Judges those of the people in the image who were not seen with the target."""
    known = [(row, memory.evidence[number]) for row in rows
             if (number := int(poses.id[row])) in memory.evidence]
    ranked = sorted(known, key=lambda pair: -pair[1].similarity)
    if not ranked or not ranked[0][1].is_enough(clock_ns):
        return Recognition(similarity=ranked[0][1].similarity if ranked else 0.0)
    row, best = ranked[0]
    second = max(best.other_similarity, ranked[1][1].similarity if len(ranked) > 1 else 0.0)
    required = max(MIN_SIMILARITY, memory.likeness_of_others + MARGIN)
    if best.similarity >= required and best.similarity - second >= MARGIN:
        return Recognition(row, best.similarity)
    return Recognition(None, best.similarity, best.similarity >= UNSURE_SIMILARITY)


def _latest(others: Mapping[int, Other]) -> dict[int, Other]:
    if len(others) <= MOST_OTHERS:
        return dict(others)
    kept = sorted(others.items(), key=lambda pair: pair[1].seen_ns)[-MOST_OTHERS:]
    return dict(kept)
