"""`/humans/bodies`: people as REP-155 has them."""
from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from rclpy.publisher import Publisher

from movenet_ros.core.observation import Observation
from movenet_ros.core.types import Poses
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.conversions import to_header
from movenet_ros.ros.publications.hri_messages import body_id, to_region, to_skeleton
from movenet_ros.ros.publications.publisher_pool import PublisherPool

TOPIC = '/humans/bodies'


@dataclass(frozen=True)
class Body:
    """The topics of a person."""

    roi: Publisher[Any]
    skeleton: Publisher[Any]


class BodyPublication:
    """Publishes who is there, and of each person the box and the skeleton.

    A person's topics are there from the first image with them until the id cannot come back.
    """

    def __init__(self, pool: PublisherPool, messages: ModuleType) -> None:
        """Creates the publisher of the ids.

        Args:
            pool: Creates publishers.
            messages: `hri_msgs.msg`.
        """
        self._pool, self._messages = pool, messages
        self._tracked = pool.create(messages.IdsList, f'{TOPIC}/tracked')
        self._bodies: dict[int, Body] = {}

    def publish(self, image: PublishedImage, observation: Observation) -> None:
        """See `Publication`."""
        poses = observation.poses
        for row, number in enumerate(poses.id.tolist()):
            if number not in self._bodies:
                self._bodies[number] = self._create(number)
            self._publish_body(self._bodies[number], image, poses, row)
        # By events it would not be known: nobody is lost who was seen for a moment only, or
        # before another activation.
        self._remove(set(self._bodies) - observation.known)
        if self._tracked.get_subscription_count():
            self._tracked.publish(self._messages.IdsList(
                header=to_header(image.stamp, image.frame_id),
                ids=[body_id(number) for number in poses.id.tolist()]))

    def _publish_body(self, body: Body, image: PublishedImage, poses: Poses, row: int) -> None:
        size = image.width, image.height
        if body.roi.get_subscription_count():
            body.roi.publish(to_region(
                self._messages, to_header(image.stamp, image.frame_id), poses.box[row],
                float(poses.score[row]), size))
        if body.skeleton.get_subscription_count():
            body.skeleton.publish(to_skeleton(
                self._messages, to_header(image.stamp, image.frame_id), poses.xy[row],
                poses.keypoint_score[row], size))

    def _create(self, number: int) -> Body:
        topic = f'{TOPIC}/{body_id(number)}'
        return Body(self._pool.create(self._messages.NormalizedRegionOfInterest2D, f'{topic}/roi'),
                    self._pool.create(self._messages.Skeleton2D, f'{topic}/skeleton2d'))

    def _remove(self, numbers: set[int]) -> None:
        for number in numbers:
            body = self._bodies.pop(number)
            self._pool.remove(body.roi)
            self._pool.remove(body.skeleton)
