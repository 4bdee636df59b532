"""The white level with which a node reads images of 16 bits."""
from __future__ import annotations

import time
from functools import partial
from typing import Any

from rcl_interfaces.msg import ParameterType
from rcl_interfaces.srv import GetParameters
from rclpy.node import Node

from movenet_ros.images.encodings import WHITE_LEVEL

NAME = 'white_level'
PATIENCE = 2.0
"""How long to wait for an answer until it is asked again [s]: it may be lost."""


class WhiteLevel:
    """The parameter `white_level` of a node, as it was when it was last asked for.

    Attributes:
        value: The parameter; its default until the node has answered.
    """

    def __init__(self, node: Node, owner: str) -> None:
        """Prepares to ask.

        Args:
            node: Who asks.
            owner: Full name of the node that is asked.
        """
        self.value = WHITE_LEVEL
        self._configuration = self._asked_for = ''
        self._asked = float('-inf')
        self._request: Any = None
        self._node = node
        self._client: Any = node.create_client(GetParameters, f'{owner}/get_parameters')

    def close(self) -> None:
        """Ends the client."""
        self._node.destroy_client(self._client)

    def update(self, configuration: str) -> None:
        """Asks if the node has another configuration; the answer comes while the node is spun.

        To be called again and again, as it asks again where no answer comes.

        Args:
            configuration: Digest of the node's parameters.
        """
        now = time.monotonic()
        is_awaited = configuration == self._asked_for and now - self._asked < PATIENCE
        if configuration == self._configuration or is_awaited:
            return
        if self._client.service_is_ready():
            self._asked_for, self._asked = configuration, now
            self._client.remove_pending_request(self._request)
            self._request = self._client.call_async(GetParameters.Request(names=[NAME]))
            self._request.add_done_callback(partial(self._keep, configuration))

    def _keep(self, configuration: str, future: Any) -> None:
        values = future.result().values
        self._configuration = configuration
        if values and values[0].type == ParameterType.PARAMETER_INTEGER:
            self.value = values[0].integer_value
