"""A recording of images and poses as the subject of `movenet view`; it needs no ROS."""
from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

from movenet_ros.core.target.selection import Selection
from movenet_ros.errors import MovenetError
from movenet_ros.images.encodings import WHITE_LEVEL
from movenet_ros.tools.view.camera_player import CameraPlayer
from movenet_ros.tools.view.feed import Feed
from movenet_ros.tools.view.moments import RecordedCamera
from movenet_ros.tools.view.playhead import Playhead
from movenet_ros.tools.view.recorded_cameras import find_cameras


class RecordingSubject:
    """A recording that is played while somebody watches, all cameras by one clock.

    Attributes:
        title: The name of the file.
        notes: What the user should know of how it is read.
    """

    kind: Literal['live', 'recording'] = 'recording'
    can_select = False

    def __init__(self, title: str, cameras: Sequence[RecordedCamera], duration: float,
                 notes: tuple[str, ...] = (), white_level: int = WHITE_LEVEL) -> None:
        """Takes what is played.

        Args:
            title: What to call it.
            cameras: Its cameras, at least one.
            duration: Of the recording [s].
            notes: What the user should know of it.
            white_level: Of images of 16 bits, see `encodings.to_8_bits`.
        """
        self.title, self.notes, self._duration = title, notes, duration
        self._playhead = Playhead()
        self._players = {
            camera.name: CameraPlayer(camera, self._playhead, duration, white_level, self._at_end)
            for camera in cameras}

    @property
    def duration(self) -> float | None:
        """Time from its beginning to its end [s]; 0 where it is unknown."""
        return self._duration

    def cameras(self) -> tuple[str, ...]:
        """The topics of the images, or the name of the file."""
        return tuple(self._players)

    def feed(self, camera: str) -> Feed:
        """The records of a camera; KeyError if there is no such."""
        return self._players[camera].feed

    def select(self, camera: str, selection: Selection) -> str:
        """Nobody can be selected.

        Raises:
            MovenetError: Always.
        """
        raise MovenetError('a recording shows the target as it was; another one can be selected '
                           'while the node runs, or with movenet process --param target.select=...')

    def play(self, paused: bool | None, position: float | None) -> None:
        """See `Subject.play`; going on at the end starts again."""
        self._playhead.play(paused, position)

    @contextmanager
    def playing(self) -> Iterator[None]:
        """Plays while somebody watches."""
        threads = [threading.Thread(target=player.run, name='recording', daemon=True)
                   for player in self._players.values()]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._playhead.close()
            for thread in threads:
                thread.join()
            for player in self._players.values():
                player.feed.close()

    def _at_end(self) -> None:
        """Ends the playing when all that are watched have come to their end."""
        if all(player.is_done for player in self._players.values() if player.feed.watchers):
            self._playhead.end()


@contextmanager
def open_recording(path: str, *, poses: str | None = None, topic: str | None = None,
                   poses_topic: str | None = None,
                   white_level: int = WHITE_LEVEL) -> Iterator[RecordingSubject]:
    """Opens a recording of images and poses.

    Args:
        path: A bag, a video or pictures; or poses alone, which are shown without images.
        poses: A .jsonl file or a bag with the poses, where they are not in the recording.
        topic: The image topic of a bag; None for all that have poses.
        poses_topic: The topic with the poses; None for all.
        white_level: Of images of 16 bits: a recording does not hold the node's.

    Yields:
        What can be played within the context, see `RecordingSubject.playing`.

    Raises:
        SourceError: It cannot be read, or has no poses.
        ParameterError: A topic has no meaning for it.
    """
    with ExitStack() as stack:
        found = find_cameras(stack, path, poses, topic, poses_topic)
        yield RecordingSubject(Path(path).name or path, found.cameras, found.duration,
                               found.notes, white_level)
