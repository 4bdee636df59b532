"""Assertions on poses, whose messages name image, person, keypoint and distance."""
from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from movenet_ros.comparison import Tolerances, as_text, compare
from movenet_ros.files.source import PathLike
from movenet_ros.messages.pose_array import PoseMessage
from movenet_ros.testing.recordings import pose_messages

if TYPE_CHECKING:
    from movenet_ros.msg import PoseArray


def assert_poses_close(a: PathLike | Iterable[PoseMessage | PoseArray],
                       b: PathLike | Iterable[PoseMessage | PoseArray], *, px: float,
                       score: float = 0.01, min_keypoint_score: float = 0.0) -> None:
    """Fails unless two runs have the same images, people and ids, and nearly the same poses.

    Images are joined by their stamps.

    Args:
        a: PoseArray messages, what `movenet_ros.files.recorded_poses.read_poses` gives, or the
            path of a recording: a bag (with one PoseArray topic) or a .jsonl file.
        b: The same.
        px: How far keypoints and edges of boxes may be apart [px].
        score: How far scores of people and keypoints may differ.
        min_keypoint_score: Keypoints below this score in both are not compared, and boxes neither.

    Raises:
        AssertionError: They differ; the message names the differences.
        SourceError: A recording cannot be read.
    """
    __tracebackhide__ = True
    found = compare(pose_messages(a), pose_messages(b), Tolerances(px, score, min_keypoint_score))
    if not any(found.counts):
        raise AssertionError('there are no poses on either side')
    if not found.equal:
        raise AssertionError(as_text(found, *(_name(poses) for poses in (a, b))))


def _name(poses: object) -> str:
    return str(poses) if isinstance(poses, str) or hasattr(poses, '__fspath__') else 'messages'
