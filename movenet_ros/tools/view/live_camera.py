"""One camera of a running node: its records, while somebody watches."""
from __future__ import annotations

from dataclasses import replace

from rclpy.node import Node

from movenet_ros.ros.diagnostics.levels import Level
from movenet_ros.tools.node_status import CameraStatus
from movenet_ros.tools.reporting import Reporting
from movenet_ros.tools.view.camera_input import CameraInput
from movenet_ros.tools.view.feed import Feed
from movenet_ros.tools.view.node_topics import TYPES, NodeTopics
from movenet_ros.tools.view.page_image import NO_PICTURE
from movenet_ros.tools.view.page_picture import PagePicture, page_picture
from movenet_ros.tools.view.pairing import PairedImage
from movenet_ros.tools.view.record import CameraStatusView, ViewFrame, encode_record
from movenet_ros.tools.view.target_client import TargetClient
from movenet_ros.tools.view.white_level import WhiteLevel

KEEP = 3.0
"""How long it stays subscribed when nobody watches any more [s]: a page may be loaded again."""
STATUS_PERIOD = 1.0
"""Without images there is a record of the status alone, so often [s]."""


class LiveCamera:
    """One camera; all methods but those of `feed` and `target` are for the spinning thread.

    Attributes:
        feed: Its records.
        target: Chooses the target.
    """

    def __init__(self, node: Node, owner: str, name: str, white_level: WhiteLevel) -> None:
        """Prepares; nothing is subscribed to until somebody watches.

        Args:
            node: Who subscribes.
            owner: Full name of the node that is viewed.
            name: Of the camera; may be empty.
            white_level: As the node reads images.
        """
        self._node, self._name, self._white_level = node, name, white_level
        self.feed = Feed()
        self.target = TargetClient(node, owner, name)
        self._status: CameraStatus | None = None
        self._reporting: Reporting | None = None
        self._topics = NodeTopics(owner, {})
        self._absence = ''
        self._input: CameraInput | None = None
        self._lost_before = 0
        self._watched = self._published = float('-inf')

    def close(self) -> None:
        """Unsubscribes, and ends the records."""
        self.feed.close()
        self.target.close()
        self._unsubscribe()

    def update(self, topics: NodeTopics, absence: str) -> None:
        """What is found of the node is this, now.

        Args:
            topics: What it publishes.
            absence: Why there may be nothing to see; empty if the node is found.
        """
        self._topics, self._absence = topics, absence
        if self._input is not None:
            if self._input.topics != self._wanted_topics():
                self._unsubscribe()
                self._input = self._subscribed()
            self._input.find_images()

    def receive_status(self, status: CameraStatus) -> None:
        """The node has reported this of the camera."""
        self._status = status
        self._reporting = Reporting.after(self._reporting, status.received)

    def tend(self, now: float) -> float | None:
        """Subscribes while somebody watches, and publishes what is there.

        Args:
            now: The time, by `time.monotonic` [s].

        Returns:
            When to be called again at the latest [s]; None if that does not matter.
        """
        if self.feed.watchers:
            self._watched = now
            if self._input is None:
                self._published = float('-inf')
                self._input = self._subscribed()
        elif self._input is not None and now - self._watched > KEEP:
            self._unsubscribe()
        if self._input is None:
            return None
        if (moment := self._input.take(now)) is not None:
            self._publish(self._input, moment, now)
        elif now - self._published >= STATUS_PERIOD:
            self._publish(self._input, PairedImage(None, None), now)
        return self._input.due_in(now)

    def _subscribed(self) -> CameraInput:
        return CameraInput(self._node, self._wanted_topics(),
                           lambda message: page_picture(message, self._white_level.value))

    def _unsubscribe(self) -> None:
        if self._input is not None:
            self._lost_before += self._input.statistics.lost
            self._input.close()
            self._input = None
            # Who watches next is not to see what was there long before.
            self.feed.clear()

    def _wanted_topics(self) -> dict[str, str]:
        names = {kind: self._topics.name(self._name, kind) for kind in TYPES}
        if not self._is_calibrated():
            # The node would warn that it can give no positions.
            names['poses_3d'] = ''
        return {**names, 'image': self._status.topic if self._status is not None else ''}

    def _is_calibrated(self) -> bool:
        topic = self._status.values.get('camera_info topic') if self._status is not None else None
        return topic is not None and self._node.count_publishers(topic) > 0

    def _publish(self, source: CameraInput, moment: PairedImage, now: float) -> None:
        self._published = now
        if self.feed.watchers:
            picture = NO_PICTURE if moment.image is None else moment.image.picture()
            self.feed.publish(encode_record(self._frame(source, moment, picture, now),
                                            picture.jpeg))

    def _frame(self, source: CameraInput, moment: PairedImage, picture: PagePicture,
               now: float) -> ViewFrame:
        image, poses, statistics = moment.image, moment.poses, source.statistics
        stamp_ns, frame_id = (image.stamp_ns, image.frame_id) if image is not None else (0, '')
        frame = ViewFrame(
            self._name, source.topics['image'], stamp_ns, sequence=0, frame_id=frame_id,
            width=picture.width, height=picture.height, model='', positions=moment.positions,
            target=moment.target, lost=self._lost_before + statistics.lost,
            status=self._status_view(now))
        if poses is None:
            return frame
        return replace(
            frame, stamp_ns=poses.stamp_ns, sequence=poses.sequence, frame_id=poses.frame_id,
            width=poses.width, height=poses.height, model=poses.model, poses=poses.poses,
            rate=statistics.rate, latency=source.latency)

    def _status_view(self, now: float) -> CameraStatusView | None:
        if self._absence:
            return CameraStatusView(Level.STALE, self._absence, 0.0)
        status = self._status
        if status is None or self._reporting is None:
            return None
        level, message, age = status.level, status.message, now - status.received
        if self._reporting.is_silent(now):
            level, message = Level.STALE, f'silent for {age:.0f} s: {message}'
        return CameraStatusView(level, message, age, status.values)
