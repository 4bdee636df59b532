"""Where depth images come from: a subscription of which every image is kept for a while."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from movenet_ros.core.geometry.pairing import MOST_DEPTHS
from movenet_ros.ros.subscription.adaptive_subscription import AdaptiveSubscription
from movenet_ros.ros.subscription.image_advice import endpoint_name
from movenet_ros.ros.subscription.image_topic import depth_topic_name, type_name

if TYPE_CHECKING:
    # Jazzy passes it without having a name for it
    from rclpy.subscription import MessageInfo

DEPTH_TRANSPORTS: dict[str, type[Image] | type[CompressedImage]] = {
    'raw': Image, 'compressedDepth': CompressedImage}

QUEUE = MOST_DEPTHS
"""Messages: while the networks run on an image, its depth must not be pushed out by later ones.

At 30 Hz it is 0.7 s, in which most networks are done with five people.
"""

LONGEST_DELIVERY = 3.0
"""Where the shared memory is too small, reliable messages may be so late [s]."""


class DepthInput:
    """A subscription to registered depth images.

    Attributes:
        kind: Type of the messages, e.g. 'sensor_msgs/msg/Image'.
        relative_name: Of the topic, the one that is remapped.
    """

    def __init__(self, node: Node, camera: str, transport: str,
                 on_depth: Callable[[bytes], None]) -> None:
        """Subscribes.

        Args:
            node: Who subscribes.
            camera: Name of the camera; may be empty.
            transport: A key of `DEPTH_TRANSPORTS`.
            on_depth: Called with each message, serialized.

        Raises:
            ParameterError: An override of the quality of service means nothing.
        """
        self._node, self._on_depth = node, on_depth
        self.kind = type_name(DEPTH_TRANSPORTS[transport])
        self.relative_name = depth_topic_name(camera, transport)
        self._subscription = AdaptiveSubscription(
            node, DEPTH_TRANSPORTS[transport], self.relative_name, depth=QUEUE,
            on_message=self._receive, on_lost=_ignore, on_restart=_ignore, on_check=_ignore)

    def close(self) -> None:
        """Unsubscribes."""
        self._subscription.close()

    @property
    def topic(self) -> str:
        """The full name of the topic."""
        return self._subscription.topic

    def advice(self, lag: float | None) -> str:
        """What to check where no depth comes in time.

        Args:
            lag: By how much the latest depth is behind the latest image, by the stamps [s]; None
                if none has come, or if that is not what is wrong.
        """
        publishers = self._subscription.publishers
        if not publishers:
            return (f'no publisher on {self.topic}: remap it with -r '
                    f'{self.relative_name}:=TOPIC to depth that is registered to the image')
        first = publishers[0]
        if first.topic_type != self.kind:
            return (f'{endpoint_name(first)} publishes {first.topic_type} on {self.topic}, not '
                    f'{self.kind}: set the parameter depth.transport')
        return f'{endpoint_name(first)} publishes on {self.topic}{lag_advice(lag)}'

    def poll(self) -> None:
        """Hands out what has come, without waiting for the executor.

        That works on the next image first, where there is one.
        """
        for _ in range(QUEUE):
            if (message := self._subscription.take()) is None:
                return
            self._on_depth(message[0])

    def _receive(self, message: bytes, _: MessageInfo) -> None:
        self._on_depth(message)
        # The executor takes one between two images, and would fall behind.
        self.poll()


def lag_advice(lag: float | None) -> str:
    """How late depth is, and the remedy, as the end of a sentence; see `DepthInput.advice`."""
    if lag is None:
        return ''
    text = (f', and the latest stamp of depth is {abs(lag):.2f} s '
            f'{"behind" if lag > 0 else "ahead of"} that of the images')
    if not 0 < lag < LONGEST_DELIVERY:
        return f'{text}: has it stopped, or another clock?'
    return (f'{text}: depth that is late needs a larger shared memory at its publisher, see '
            'config/fastdds_large_images.xml')


def _ignore(*_: Any) -> None:
    """Depth that is lost shows as images without depth, which are counted."""
