"""`/humans/bodies`: people as REP-155 has them."""
from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from rclpy.publisher import Publisher

from movenet_ros.core.events import EventKind
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

    A person's topics are there from when they appear until they are lost or leave, see
    `core.events`. A false person of a few images has none: nothing would report the end of them.
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
        if image.sequence == 0:
            # After an activation everybody is new, and nobody is reported as lost.
            self._remove(list(self._bodies))
        for event in observation.events:
            if event.kind is EventKind.APPEARED:
                self._bodies[event.id] = self._create(event.id)
            elif event.kind in (EventKind.LOST, EventKind.LEFT):
                self._remove([event.id])
        poses = observation.poses
        known = [(row, number) for row, number in enumerate(poses.id.tolist())
                 if number in self._bodies]
        for row, number in known:
            self._publish_body(self._bodies[number], image, poses, row)
        if self._tracked.get_subscription_count():
            self._tracked.publish(self._messages.IdsList(
                header=to_header(image.stamp, image.frame_id),
                ids=[body_id(number) for _, number in known]))

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

    def _remove(self, numbers: list[int]) -> None:
        for number in numbers:
            if body := self._bodies.pop(number, None):
                self._pool.remove(body.roi)
                self._pool.remove(body.skeleton)
