"""The white level with which a node reads images of 16 bits."""
from __future__ import annotations

from typing import Any

from rcl_interfaces.msg import ParameterType
from rcl_interfaces.srv import GetParameters
from rclpy.node import Node

from movenet_ros.images.encodings import WHITE_LEVEL

NAME = 'white_level'


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
        self._configuration = ''
        self._node = node
        self._client: Any = node.create_client(GetParameters, f'{owner}/get_parameters')

    def close(self) -> None:
        """Ends the client."""
        self._node.destroy_client(self._client)

    def update(self, configuration: str) -> None:
        """Asks if the node has another configuration; the answer comes while the node is spun.

        Args:
            configuration: Digest of the node's parameters.
        """
        if configuration != self._configuration and self._client.service_is_ready():
            self._configuration = configuration
            request = GetParameters.Request(names=[NAME])
            self._client.call_async(request).add_done_callback(self._keep)

    def _keep(self, future: Any) -> None:
        values = future.result().values
        if values and values[0].type == ParameterType.PARAMETER_INTEGER:
            self.value = values[0].integer_value
