"""Plays one camera of a recording into its feed."""
from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import ImageError, SourceError
from movenet_ros.files.recorded_people import RecordedPeople
from movenet_ros.files.source import Frame
from movenet_ros.ros.diagnostics.levels import Level
from movenet_ros.tools.pose_statistics import latency
from movenet_ros.tools.view.feed import Feed
from movenet_ros.tools.view.jpeg import to_jpeg
from movenet_ros.tools.view.moments import Moment, RecordedCamera
from movenet_ros.tools.view.page_picture import PagePicture, page_picture
from movenet_ros.tools.view.playhead import POLL, Playhead
from movenet_ros.tools.view.record import (
    CameraStatusView,
    PersonPosition,
    TargetView,
    ViewFrame,
    encode_record,
)

LATE = 0.1
"""Images that are later than this are left out [s] ..."""
LATEST = 0.5
"""... and when one is later than this, the clock is held back [s]."""


class CameraPlayer:
    """Plays a camera, in a thread, while its feed has watchers.

    Attributes:
        feed: The records.
        is_done: Whether the end has been shown.
    """

    def __init__(self, camera: RecordedCamera, playhead: Playhead, duration: float,
                 white_level: int, at_end: Callable[[], None]) -> None:
        """Plays nothing yet.

        Args:
            camera: What is played.
            playhead: The clock, of all cameras of the recording.
            duration: Of the recording [s].
            white_level: Of images of 16 bits.
            at_end: Called when the last image has been shown.
        """
        self.feed, self.is_done = Feed(), False
        playhead.add(self.feed)
        self._camera, self._playhead = camera, playhead
        self._duration, self._white_level, self._at_end = duration, white_level, at_end
        self._problems: list[str] = []
        self._shown: tuple[ViewFrame, bytes] | None = None
        self._stamps: deque[int] = deque()

    def run(self) -> None:
        """Plays until the playhead is closed."""
        while not self._playhead.closed:
            if self.feed.watchers:
                self._play_from(self._playhead.position, self._playhead.jumps)
            else:
                self._playhead.stop_if_unwatched()
                self._playhead.wait(POLL)

    def _play_from(self, start: float, jumps: int) -> None:
        self.is_done = False
        self._problems.clear()
        self._stamps.clear()
        is_first = True
        with closing(self._camera.moments(start, self._problems.append,
                                          partial(self._goes_on, jumps))) as moments:
            for moment in moments:
                self._count(moment)
                if not is_first and not self._wait_for(moment, jumps):
                    break
                if not is_first and self._is_to_be_left_out(moment):
                    continue
                self._show(moment)
                self._playhead.go(max(start, moment.position))
                is_first = False
            else:
                if self._goes_on(jumps):
                    self._show_the_end()
        while self.is_done and self._goes_on(jumps):
            self._tell_whether_paused()
            self._playhead.wait(POLL)

    def _goes_on(self, jumps: int) -> bool:
        """Whether what is read is still wanted."""
        return (not self._playhead.closed and self._playhead.jumps == jumps
                and self.feed.watchers > 0)

    def _wait_for(self, moment: Moment, jumps: int) -> bool:
        """Waits until a moment is due; tells whether it is still wanted."""
        while self._goes_on(jumps):
            self._tell_whether_paused()
            left = self._playhead.left(moment.position)
            if left is not None and left <= 0:
                return True
            self._playhead.wait(POLL if left is None else left)
        return False

    def _is_to_be_left_out(self, moment: Moment) -> bool:
        late = -(self._playhead.left(moment.position) or 0.0)
        if late > LATEST:
            self._playhead.hold_back(moment.position)
            return False
        return late > LATE

    def _show(self, moment: Moment) -> None:
        people, problem = self._people(moment)
        picture = PagePicture(b'', 0, 0)
        try:
            if moment.frame is not None:
                picture = _picture(moment.frame, self._white_level)
        except ImageError as error:
            problem = f'the image cannot be shown: {error}'
        frame = self._frame(moment, people, (picture.width, picture.height))
        if problem:
            frame = replace(frame, status=CameraStatusView(Level.WARN, problem, 0.0))
        self._publish(frame, picture.jpeg)

    def _publish(self, frame: ViewFrame, jpeg: bytes) -> None:
        frame = replace(frame, paused=self._playhead.paused)
        self._shown = frame, jpeg
        self.feed.publish(encode_record(frame, jpeg))

    def _tell_whether_paused(self) -> None:
        """Publishes the last image again if somebody has paused or continued since: all see it."""
        if self._shown is not None and self._shown[0].paused != self._playhead.paused:
            self._publish(*self._shown)

    def _people(self, moment: Moment) -> tuple[RecordedPeople | None, str]:
        try:
            return moment.people() if moment.people else None, ''
        except SourceError as error:
            return None, str(error)

    def _frame(self, moment: Moment, people: RecordedPeople | None,
               size: tuple[int, int]) -> ViewFrame:
        frame = ViewFrame(
            self._camera.name, self._camera.topic, moment.stamp_ns, 0,
            moment.frame.frame_id if moment.frame else '', *size, '', position=moment.position)
        if people is None:
            return frame
        poses, positions, target = people.poses, people.positions, people.target
        return replace(
            frame, sequence=poses.sequence, frame_id=poses.frame_id, model=poses.model,
            width=size[0] or poses.width, height=size[1] or poses.height, poses=poses.poses,
            positions=None if positions is None else [PersonPosition(*each) for each in positions],
            target=target and TargetView(*target), rate=self._rate(),
            latency=self._latency(people))

    def _count(self, moment: Moment) -> None:
        """Keeps the stamps of the poses in the last second, also of those that are not shown."""
        stamps, stamp_ns = self._stamps, moment.stamp_ns
        if moment.people is None:
            return
        if stamps and stamp_ns < stamps[-1]:
            stamps.clear()
        stamps.append(stamp_ns)
        while stamps[0] < stamp_ns - NANOSECONDS:
            stamps.popleft()

    def _rate(self) -> float | None:
        """Of the poses in the last second [Hz]."""
        span = self._stamps[-1] - self._stamps[0]
        return (len(self._stamps) - 1) * NANOSECONDS / span if span else None

    def _latency(self, people: RecordedPeople) -> float | None:
        """From the image's stamp until the recorder received the poses [s]."""
        if not self._camera.has_own_poses or people.receive_ns is None:
            return None
        return latency(people.poses.stamp_ns, people.receive_ns)

    def _show_the_end(self) -> None:
        """Shows the last image again, at the end, with what is wrong with the recording."""
        self.is_done = True
        self._at_end()
        if self._shown is not None:
            frame, jpeg = self._shown
            status = (CameraStatusView(Level.WARN, self._problems[0], 0.0) if self._problems
                      else frame.status)
            self._publish(
                replace(frame, position=self._duration or frame.position, status=status), jpeg)


def _picture(frame: Frame, white_level: int) -> PagePicture:
    if frame.message is not None:
        return page_picture(frame.message, white_level)
    picture = frame.picture(white_level)
    return PagePicture(to_jpeg(picture), picture.width, picture.height)
