"""Keypoints over time, compared with the keypoints of drawn clips."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config.declarations import TrackerConfig
from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.core.types import Poses
from movenet_ros.errors import SourceError, one_line
from movenet_ros.measure.accuracy.dataset import LARGEST_JSON
from movenet_ros.measure.accuracy.identity import NOBODY, Boxes
from movenet_ros.regular_files import parse_json, read_regular_file

SEEN = 2
"""Visibility of a keypoint that nothing hides."""
FOUND = 0.5
"""OKS from which on a person's keypoints are found."""
SPREADS = 2 * np.array(TrackerConfig().oks_falloffs)
"""COCO's, float64 [17]: standard deviations relative to the root of the person's area."""


@dataclass(frozen=True, eq=False)
class Body:
    """The keypoints of one person in one image.

    Attributes:
        xy: float64 [17,2] [px].
        seen: bool [17], which are known and not hidden.
        area: Of the person [px^2].
    """

    xy: NDArray[np.float64]
    seen: NDArray[np.bool_]
    area: float


@dataclass(frozen=True)
class KeypointTracking:
    """How well keypoints stay with their people.

    Attributes:
        oks: Mean object keypoint similarity of people and the poses matched with them.
        oks_50: Share of people and images with an OKS of at least 0.5; without a pose it is 0.
        read_another: Share of matched people and images where the pose is more similar to another
            person than to its own.

    Each is None where there is nobody, or nobody matched. Only keypoints that nothing hides are
    compared, and only people count who count in the ground truth of boxes.
    """

    oks: float | None
    oks_50: float | None
    read_another: float | None

    def row(self) -> dict[str, float | None]:
        """The numbers by name, as in the command's JSON."""
        return asdict(self)


def read_keypoints(path: Path) -> list[dict[int, Body]]:
    """Reads keypoints.json of a drawn clip.

    Returns:
        For each image the people by id.

    Raises:
        SourceError: The file cannot be read or is no such JSON.
    """
    try:
        content: Any = parse_json(read_regular_file(path, LARGEST_JSON))
        return [{int(number): _body(keypoints, content['area'][number])
                 for number, keypoints in people.items()} for people in content['frames']]
    except OSError as error:
        raise SourceError(f'{path}: {one_line(error)}; give keypoints.json of a drawn clip') \
            from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(f'{path}: no keypoints of a drawn clip ({type(error).__name__}: '
                          f'{one_line(error)}); give what movenet draw-worlds wrote') from error


def compare_keypoints(bodies: Sequence[Mapping[int, Body]], truth: Mapping[int, Boxes],
                      poses: Sequence[Poses],
                      matched: Sequence[Mapping[int, int]]) -> KeypointTracking:
    """Compares published keypoints with those of the person whom each pose is of.

    Args:
        bodies: From `read_keypoints`.
        truth: By index of the image: who counts.
        poses: What was published, one for each image.
        matched: For each image the id of the pose by the id of the person, from
            `identity.matches`.

    Raises:
        SourceError: The keypoints are those of another clip.
    """
    if len(bodies) != len(poses):
        raise SourceError(f'there are keypoints of {len(bodies)} images, but the clip has '
                          f'{len(poses)}; are they those of another clip?')
    similar: list[float] = []
    another: list[bool] = []
    people = 0
    for frame, there in enumerate(bodies):
        for number in _counted(frame, there, truth):
            people += 1
            if (pose := matched[frame].get(number)) is not None:
                xy = poses[frame].xy[poses[frame].id == pose][0].astype(np.float64)
                own = oks(xy, there[number])
                similar.append(own)
                another.append(any(oks(xy, body) > own for body in there.values()))
    return KeypointTracking(
        float(np.mean(similar)) if similar else None,
        sum(value >= FOUND for value in similar) / people if people else None,
        float(np.mean(another)) if another else None)


def oks(xy: NDArray[np.float64], body: Body) -> float:
    """Object keypoint similarity, over the keypoints that are seen; 0 where there are none.

    Args:
        xy: float64 [17,2] [px], of a pose.
        body: Of the ground truth.
    """
    if not body.seen.any():
        return 0.0
    squared = ((xy - body.xy) ** 2).sum(axis=1)
    similarity = np.exp(-squared / (2 * body.area * SPREADS ** 2))
    return float(similarity[body.seen].mean())


def _counted(frame: int, there: Mapping[int, Body], truth: Mapping[int, Boxes]) -> list[int]:
    """Who counts and has a keypoint that is seen."""
    boxes = truth.get(frame, NOBODY)
    counted = boxes.id[boxes.counts].tolist()
    if missing := set(counted) - set(there):
        raise SourceError(f'image {frame + 1} has no keypoints of person {min(missing)}; are they '
                          'those of another clip?')
    return [number for number in counted if there[number].seen.any()]


def _body(keypoints: Sequence[Sequence[float]], area: float) -> Body:
    values = np.array(keypoints, np.float64)
    if values.shape != (KEYPOINTS, 3) or not np.isfinite(values).all() or not float(area) > 0:
        raise ValueError(f'a person must have {KEYPOINTS} times x, y, visibility, and an area')
    return Body(values[:, :2], values[:, 2] == SEEN, float(area))
