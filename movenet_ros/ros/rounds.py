"""Several cameras on a network that sees several pictures in little more time than one."""
from __future__ import annotations

from collections.abc import Callable, Sequence

from rclpy.node import Node

from movenet_ros.ros.camera import Camera, Shot


class Rounds:
    """Gathers the images that are there at the same time, for one run of the network."""

    def __init__(self, node: Node, answer: Callable[[Sequence[Shot]], None]) -> None:
        """Gathers nothing yet.

        Args:
            node: Whose executor calls, when it has heard the cameras.
            answer: Called with the newest image of each camera that has one.
        """
        self._node, self._answer = node, answer
        self._waiting: dict[Camera, Shot] = {}
        self._heard = node.create_guard_condition(self._answer_waiting)

    def close(self) -> None:
        """Forgets the images that are not answered."""
        self._node.destroy_guard_condition(self._heard)

    def take(self, shot: Shot) -> None:
        """Leaves an image for the round that begins when the other cameras have been heard."""
        if self._waiting.pop(shot.camera, None):
            shot.camera.monitor.overtaken(shot.started)
        self._waiting[shot.camera] = shot
        self._heard.trigger()

    def _answer_waiting(self) -> None:
        shots, self._waiting = list(self._waiting.values()), {}
        self._answer(shots)
