"""`~/select_target`: the service that chooses the target of one camera."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from rclpy.node import Node

from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.messages.target import CRITERIA
from movenet_ros.ros.subscription.image_topic import within
from movenet_ros.srv import SelectTarget


class TargetService:
    """The service, from an activation to its end."""

    def __init__(self, node: Node, camera: str, on_select: Callable[[Selection], None]) -> None:
        """Offers it.

        Args:
            node: Who offers it.
            camera: Name of the camera; may be empty.
            on_select: Called with each selection that makes sense.
        """
        self._node, self._on_select = node, on_select
        self._service = node.create_service(
            SelectTarget, f'~/{within(camera, "select_target")}', self._select)

    def close(self) -> None:
        """Ends the service."""
        self._node.destroy_service(self._service)

    def _select(self, request: Any, response: Any) -> Any:
        response.message = _problem(request)
        response.accepted = not response.message
        if response.accepted:
            self._on_select(Selection(CRITERIA[request.criterion], request.id, request.x,
                                      request.y))
        return response


def _problem(request: Any) -> str:
    """Why a request makes no sense; an empty text if it does."""
    if request.criterion >= len(CRITERIA):
        return f'criterion is {request.criterion}: it must be 0 to {len(CRITERIA) - 1}'
    criterion = CRITERIA[request.criterion]
    if criterion is Criterion.ID and request.id < 1:
        return f'id is {request.id}: ids start at 1'
    if criterion is Criterion.POINT and not (
            math.isfinite(request.x) and math.isfinite(request.y)):
        return f'x, y is {request.x}, {request.y}: they must be finite numbers'
    return ''
