"""A running node as the subject of `movenet view`.

It subscribes like anybody else, and only while a page is open, so that the node pays nothing.
"""
from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Literal

import rclpy
from rclpy.context import Context
from rclpy.impl.logging_severity import LoggingSeverity

from movenet_ros.core.target.selection import Selection
from movenet_ros.errors import MovenetError
from movenet_ros.ros.executor import create_executor
from movenet_ros.tools.discovery import what_to_check
from movenet_ros.tools.node_status import CameraStatus, NodeStatusInput
from movenet_ros.tools.view.feed import Feed
from movenet_ros.tools.view.live_camera import LiveCamera
from movenet_ros.tools.view.node_topics import NodeTopics, find_topics
from movenet_ros.tools.view.white_level import WhiteLevel

POLL = 0.2
"""How soon it is noticed that somebody watches [s]."""
SEARCH_PERIOD = 1.0  # s


class LiveSubject:
    """A running node, whether it runs already or not; used as a context manager.

    `run` does the work, in one thread; the other methods may be called from any.
    """

    def __init__(self, owner: str = '/movenet', *, context: Context | None = None) -> None:
        """Takes part in ROS.

        Args:
            owner: Full name of the node.
            context: An initialised rclpy context; None for the default one.
        """
        self._owner = owner
        self._node = rclpy.create_node(
            'movenet_view', context=context, enable_rosout=False, start_parameter_services=False)
        # What it does about the quality of service is not of interest here.
        self._node.get_logger().set_level(LoggingSeverity.ERROR)
        self._executor = create_executor(context)
        self._executor.add_node(self._node)
        self._statuses = NodeStatusInput(self._node, self._receive_statuses)
        self._white_level = WhiteLevel(self._node, owner)
        self._configuration = ''
        self._reported: tuple[str, ...] = ()
        self._next_search = float('-inf')
        # Replaced as a whole, as other threads read it.
        self._cameras: dict[str, LiveCamera] = {}
        self._set_cameras(('',))

    def __enter__(self) -> LiveSubject:
        return self

    def __exit__(self, *error: object) -> None:
        for camera in self._cameras.values():
            camera.close()
        self._executor.shutdown()
        self._white_level.close()
        self._statuses.close()
        self._node.destroy_node()

    @property
    def kind(self) -> Literal['live', 'recording']:
        """It is happening now."""
        return 'live'

    @property
    def title(self) -> str:
        """The node's full name."""
        return self._owner

    @property
    def can_select(self) -> bool:
        """A target can be chosen."""
        return True

    @property
    def duration(self) -> float | None:
        """It has no end."""
        return None

    def cameras(self) -> tuple[str, ...]:
        """The names of the cameras; one without a name until others are known."""
        return tuple(self._cameras)

    def feed(self, camera: str) -> Feed:
        """The records of a camera.

        Raises:
            KeyError: There is no such camera.
        """
        return self._cameras[camera].feed

    def select(self, camera: str, selection: Selection) -> str:
        """Has the node follow another target.

        Raises:
            MovenetError: The node rejects it or does not answer, or there is no such camera.
        """
        if (chosen := self._cameras.get(camera)) is None:
            raise MovenetError(f'the node {self._owner} has no camera {camera!r} any more')
        return chosen.target.select(selection)

    def play(self, paused: bool | None, position: float | None) -> None:
        """Cannot be done.

        Raises:
            MovenetError: Always.
        """
        raise MovenetError('only a recording can be paused or moved')

    def run(self, stopped: Callable[[], bool]) -> None:
        """Receives, and publishes records, until it is stopped.

        Args:
            stopped: Whether it is; asked at least every `POLL` seconds, and after `wake`.
        """
        wait = 0.0
        while not stopped():
            self._executor.spin_once(timeout_sec=wait)
            now = time.monotonic()
            if now >= self._next_search:
                self._next_search = now + SEARCH_PERIOD
                self._search()
            dues = [camera.tend(now) for camera in self._cameras.values()]
            wait = min((due for due in dues if due is not None), default=POLL)

    def wake(self) -> None:
        """Has `run` ask at once whether it is stopped."""
        self._executor.wake()

    def _search(self) -> None:
        """Looks for the node, its cameras and their topics."""
        found = find_topics(self._node, self._owner)
        self._white_level.update(self._configuration)
        names = self._reported or (found.cameras if found is not None else ())
        if found is not None and names:
            self._set_cameras(names)
        absence = ''
        if found is None:
            absence = f'the node {self._owner} is not found: {what_to_check(self._node)}'
        for camera in self._cameras.values():
            camera.update(found or NodeTopics(self._owner, {}), absence)

    def _set_cameras(self, names: Sequence[str]) -> None:
        """Ends the records of cameras that are gone, so that pages ask for the names again."""
        if tuple(names) == tuple(self._cameras):
            return
        before = self._cameras
        self._cameras = {
            name: before.get(name) or LiveCamera(self._node, self._owner, name, self._white_level)
            for name in names}
        for name, camera in before.items():
            if name not in self._cameras:
                camera.close()

    def _receive_statuses(self, statuses: Sequence[CameraStatus]) -> None:
        own = {status.camera: status for status in statuses if status.full_name == self._owner}
        if not own:
            return
        if tuple(own) != self._reported:
            self._reported = tuple(own)
            self._next_search = float('-inf')
        self._set_cameras(self._reported)
        for name, status in own.items():
            self._cameras[name].receive_status(status)
            self._configuration = status.values.get('configuration', '')
