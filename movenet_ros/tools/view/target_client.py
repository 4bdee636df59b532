"""Asks a node to follow another target."""
from __future__ import annotations

import threading
from typing import Any

from rclpy.node import Node

from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.errors import MovenetError
from movenet_ros.messages.target import CRITERIA
from movenet_ros.ros.subscription.image_topic import within
from movenet_ros.srv import SelectTarget

DISCOVERY = 1.0
"""How long to wait for the service [s]."""
TIMEOUT = 1.5
"""How long to wait for an answer [s]."""
ATTEMPTS = 2
"""The node may discover who asks only after the first request."""


class TargetClient:
    """A client of `~/select_target` of one camera; somebody else spins its node."""

    def __init__(self, node: Node, owner: str, camera: str) -> None:
        """Prepares to ask.

        Args:
            node: Who asks.
            owner: Full name of the node that is asked.
            camera: Name of the camera; may be empty.
        """
        self._node = node
        self._name = f'{owner}/{within(camera, "select_target")}'
        self._client: Any = node.create_client(SelectTarget, self._name)

    def close(self) -> None:
        """Ends the client."""
        self._node.destroy_client(self._client)

    def select(self, selection: Selection) -> str:
        """Asks, and waits for the answer; may be called from any thread but the spinning one.

        Returns:
            What is followed, in words.

        Raises:
            MovenetError: The node rejects it, or does not answer.
        """
        try:
            return self._select(selection)
        except RuntimeError as error:
            # Client or context are closed: InvalidHandle, or RCLError, which rclpy does not export.
            raise MovenetError(f'{self._name} has ended meanwhile') from error

    def _select(self, selection: Selection) -> str:
        if not self._client.wait_for_service(DISCOVERY):
            raise MovenetError(f'{self._name} is not there: is the node active?')
        request = SelectTarget.Request(
            criterion=CRITERIA.index(selection.criterion), id=selection.id,
            x=float(selection.x), y=float(selection.y))
        for _ in range(ATTEMPTS):
            if (response := self._answer(request)) is not None:
                if not response.accepted:
                    raise MovenetError(response.message)
                return _words(selection)
        raise MovenetError(f'{self._name} has not answered in {ATTEMPTS * TIMEOUT:g} s')

    def _answer(self, request: SelectTarget.Request) -> Any:
        """The answer to a request; None if there is none in time."""
        answered = threading.Event()
        future = self._client.call_async(request)
        future.add_done_callback(lambda _: answered.set())
        if answered.wait(TIMEOUT):
            return future.result()
        self._client.remove_pending_request(future)
        return None


def _words(selection: Selection) -> str:
    if selection.criterion is Criterion.NONE:
        return 'nobody is followed'
    if selection.criterion is Criterion.ID:
        return f'person {selection.id} is followed'
    if selection.criterion is Criterion.POINT:
        return f'the person at {selection.x:.0f}, {selection.y:.0f} px is followed'
    return f'the {selection.criterion.value} person is followed'
