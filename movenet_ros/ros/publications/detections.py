"""`~/detections` and `~/detections_3d`: boxes, for what takes any detector."""
from __future__ import annotations

from types import ModuleType

from rclpy.qos import QoSProfile

from movenet_ros.core.observation import Observation
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.conversions import to_header
from movenet_ros.ros.publications.detection_messages import to_detections_2d, to_detections_3d
from movenet_ros.ros.publications.publication import CreatePublisher


class DetectionPublication:
    """Publishes `~/detections` and `~/detections_3d`, while they have subscribers."""

    def __init__(self, create: CreatePublisher, messages: ModuleType) -> None:
        """Creates the publishers.

        Args:
            create: Creates them.
            messages: `vision_msgs.msg`.
        """
        self._messages = messages
        self._flat = create(messages.Detection2DArray, 'detections', QoSProfile(depth=10))
        self._spatial = create(messages.Detection3DArray, 'detections_3d', QoSProfile(depth=10))

    def publish(self, image: PublishedImage, observation: Observation) -> None:
        """See `Publication`."""
        poses, people = observation.poses, observation.poses_3d
        if self._flat.get_subscription_count():
            header = to_header(image.stamp, image.frame_id)
            self._flat.publish(to_detections_2d(self._messages, header, poses))
        if people is not None and self._spatial.get_subscription_count():
            header = to_header(image.stamp, image.frame_id)
            self._spatial.publish(to_detections_3d(self._messages, header, poses, people))
