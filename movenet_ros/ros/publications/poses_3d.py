"""`~/poses_3d`: a PoseArray3D for every image of a calibrated camera."""
from __future__ import annotations

from rclpy.qos import QoSProfile

from movenet_ros.core.observation import Observation
from movenet_ros.messages.pose_array_3d import serialize_3d
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.msg import PoseArray3D
from movenet_ros.ros.publications.publication import CreatePublisher


class Poses3DPublication:
    """Publishes the people of an image in metres, while anybody listens."""

    def __init__(self, create: CreatePublisher) -> None:
        """Creates the publisher."""
        self._publisher = create(PoseArray3D, 'poses_3d', QoSProfile(depth=10))

    def publish(self, image: PublishedImage, observation: Observation) -> None:
        """See `Publication`."""
        if observation.poses_3d is not None and self._publisher.get_subscription_count():
            self._publisher.publish(serialize_3d(image, observation.poses, observation.poses_3d))
