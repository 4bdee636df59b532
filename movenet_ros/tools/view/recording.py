"""A recording of images and poses as the subject of `movenet view`; it needs no ROS."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class RecordingSubject:
    """A recording that is played while somebody watches."""


@contextmanager
def open_recording(path: str, *, poses: str | None = None, topic: str | None = None,
                   poses_topic: str | None = None) -> Iterator[RecordingSubject]:
    """Opens a recording of images and poses.

    Args:
        path: A bag, a video or pictures.
        poses: A .jsonl file or a bag with the poses, where they are not in the recording.
        topic: The image topic of a bag; None for all that have poses.
        poses_topic: The topic with the poses.

    Raises:
        SourceError: It cannot be read, or has no poses.
    """
    yield RecordingSubject()
