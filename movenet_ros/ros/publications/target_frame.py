"""The frame `NODE_target` on /tf: where the target is; only where the package tf2_msgs is."""
from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from rclpy.qos import QoSProfile

from movenet_ros.config import Config
from movenet_ros.core.observation import Observation
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.conversions import to_header
from movenet_ros.ros.publications.optional_messages import find_messages
from movenet_ros.ros.publications.publication import CreatePublisher


class TargetFramePublication:
    """Publishes a transform from the image's frame whenever the target's position is known."""

    def __init__(self, create: CreatePublisher, messages: ModuleType, name: str) -> None:
        """Creates the publisher.

        Args:
            create: Creates it.
            messages: Those of tf2_msgs.
            name: Of the frame.
        """
        self._frame, self._messages = name, messages
        self._publisher = create(messages.TFMessage, '/tf', QoSProfile(depth=100))

    def publish(self, image: PublishedImage, observation: Observation) -> None:
        """See `Publication`."""
        position = observation.target_position
        if position is None or not image.frame_id:
            return
        x, y, z = position.tolist()
        self._publisher.publish(self._messages.TFMessage(transforms=[TransformStamped(
            header=to_header(image.stamp, image.frame_id), child_frame_id=self._frame,
            transform=Transform(translation=Vector3(x=x, y=y, z=z),
                                rotation=Quaternion(w=1.0)))]))


def frame_name(target_topic: str) -> str:
    """The name of the frame: that of the topic, with `_` between its parts.

    Args:
        target_topic: Full name of `~/target`, e.g. `/robot1/movenet/target`.
    """
    return target_topic.strip('/').replace('/', '_')


def missing_packages(config: Config) -> Iterator[str]:
    """What the parameters ask for and cannot be had, in a line each."""
    if config.target.frame and find_messages('tf2_msgs') is None:
        yield ('no effect: target.frame = True, as the package tf2_msgs is not installed (it is '
               'not on PyPI; on a ROS installation: apt install ros-DISTRO-tf2-msgs)')
