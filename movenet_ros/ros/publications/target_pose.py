"""`~/target_pose`: where the target is, for Nav2's following and for goals."""
from __future__ import annotations

from geometry_msgs.msg import Point, Pose, PoseStamped, Quaternion
from rclpy.qos import QoSProfile

from movenet_ros.core.observation import Observation
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.conversions import to_header
from movenet_ros.ros.publications.publication import CreatePublisher


class TargetPosePublication:
    """Publishes the target's position whenever it is seen and its position is known.

    Which way a person faces is not known: the orientation is that of the optical frame.
    """

    def __init__(self, create: CreatePublisher) -> None:
        """Creates the publisher."""
        self._publisher = create(PoseStamped, 'target_pose', QoSProfile(depth=10))

    def publish(self, image: PublishedImage, observation: Observation) -> None:
        """See `Publication`."""
        position = observation.target_position
        if position is not None and self._publisher.get_subscription_count():
            x, y, z = position.tolist()
            self._publisher.publish(PoseStamped(
                header=to_header(image.stamp, image.frame_id),
                pose=Pose(position=Point(x=x, y=y, z=z), orientation=Quaternion(w=1.0))))
