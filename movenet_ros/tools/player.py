"""A camera that plays images which were recorded."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from rclpy.context import Context
from rclpy.duration import Duration
from rclpy.event_handler import PublisherEventCallbacks
from rclpy.node import Node
from rclpy.qos import QoSProfile, QoSReliabilityPolicy

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import ImageError
from movenet_ros.ros.subscription.image_topic import (
    TRANSPORTS,
    add_suffix,
    remove_suffix,
    type_name,
)
from movenet_ros.tools.planned_images import PlannedImage, paced
from movenet_ros.tools.stamps_log import PublishedImage

POLL = 0.05
SETTLE = 0.3
# The depth of camera drivers (image_transport), so that a subscriber who is late for a moment
# still gets every image.
DEPTH = 10
# When it is later than this, and than the time between two images, the schedule is moved.
LATEST = 0.05
# How long the last images may take to arrive [s].
DELIVERY = 2.0
# A replay that takes this much longer than it should is reported.
SLOW = 1.05


class Stop(Protocol):
    """What ends a replay early, e.g. a `StopRequest` or a `threading.Event`."""

    def wait(self, seconds: float, /) -> bool:
        """Waits for the stop, at most so long; returns whether it is asked for."""


@dataclass(frozen=True)
class ReplayOptions:
    """How to play.

    Attributes:
        topic: Where to publish the images; compressed ones go to its `/compressed`.
        transport: 'raw' or 'compressed' (JPEG).
        speed: 2.0 plays twice as fast as recorded.
        loop: Whether to start again at the end.
        frame_id: Replaces the recorded one; empty: keep that.
        stamps: 'source': as recorded. 'now': from the start of the replay, as far apart
            as the images are played, also from one round to the next.
        reliable: Whether to publish reliably, as camera drivers do, or with best effort.
        wait: How long to wait for subscribers before the first image [s]. Discovery
            takes up to 3 s, and what is published before it is lost.
        subscribers: How many to wait for.
    """

    topic: str = 'image'
    transport: str = 'raw'
    speed: float = 1.0
    loop: bool = False
    frame_id: str = ''
    stamps: str = 'now'
    reliable: bool = True
    wait: float = 10.0
    subscribers: int = 1


class Player(Node):
    """A camera that plays images; its services answer while it is spun."""

    def __init__(self, options: ReplayOptions, *, context: Context | None = None,
                 report: Callable[[str], None] = lambda text: None,
                 published: Callable[[PublishedImage], None] | None = None) -> None:
        """Creates the publisher.

        Args:
            options: How to play.
            context: An initialised rclpy context; None for the default one.
            report: Takes a line about what is going on.
            published: Called after each image.
        """
        super().__init__('camera', context=context)
        self._options, self._report, self._published = options, report, published
        reliability = (QoSReliabilityPolicy.RELIABLE if options.reliable
                       else QoSReliabilityPolicy.BEST_EFFORT)
        # rclpy's own callbacks use what rclpy has deprecated; an incompatible QoS is reported below
        quiet = PublisherEventCallbacks(use_default_callbacks=False)
        self._images = self.create_publisher(
            TRANSPORTS[options.transport], add_suffix(options.topic, options.transport),
            QoSProfile(depth=DEPTH, reliability=reliability), event_callbacks=quiet)

    def wait_for_subscribers(self, stop: Stop) -> bool:
        """Waits for the subscribers, at most `options.wait`; returns whether they are there."""
        topic, end = self._images.topic_name, time.monotonic() + self._options.wait
        wanted = self._options.subscribers
        who = 'a subscriber' if wanted == 1 else f'{wanted} subscribers'
        self._report(f'waiting for {who} on {topic}')
        while not (found := self._images.get_subscription_count() >= wanted):
            if stop.wait(POLL):
                break
            if time.monotonic() > end:
                count = self._images.get_subscription_count()
                self._report(f'{count or "no"} subscriber{"s" * (count > 1)} on {topic} after '
                           f'{self._options.wait:g} s, playing all the same'
                           + ('' if count else f'; {self._remedy()}'))
                break
        # The subscriber learns of us at its own time, and loses what is sent before.
        stop.wait(SETTLE)
        return found

    def _remedy(self) -> str:
        """What to do when no subscriber is matched."""
        topic = self._images.topic_name
        if self.count_subscribers(topic) and not self._options.reliable:
            return 'a subscriber asks for reliable delivery: leave out --best-effort'
        if others := self._subscribed_elsewhere():
            return f'there are subscribers of images elsewhere: give {others[0]}'
        return ('is the subscriber running, and active, with the same ROS_DOMAIN_ID and discovery '
                'range? To start the node: movenet run --ros-args -p autostart:=true '
                f'-r image:={self._options.topic}')

    def _subscribed_elsewhere(self) -> list[str]:
        """The options with which a subscriber would be matched."""
        found = []
        for transport, kind in TRANSPORTS.items():
            for name, types in sorted(self.get_topic_names_and_types()):
                topic = remove_suffix(name, transport)
                if (type_name(kind) in types and name != self._images.topic_name
                        and topic is not None and self.count_subscribers(name)):
                    found.append(f'--topic {topic} --transport {transport}')
        return found

    def play(self, open_images: Callable[[], Iterable[PlannedImage]], stop: Stop) -> int:
        """Publishes images at the pace of their stamps.

        A machine that cannot decode and publish them in time plays them later, and stamps them
        later: a stamp never claims that an image was taken long before it is published.

        Args:
            open_images: Gives the images from the first one; called for each round.
            stop: Ends the replay early.

        Returns:
            How many images were published.
        """
        options, count, due = self._options, 0, 0.0
        started, origin = time.monotonic(), self.get_clock().now().nanoseconds
        behind = 0.0
        for due, gap, image in paced(open_images, speed=options.speed, loop=options.loop):
            late = time.monotonic() - (started + behind + due)
            if late > max(LATEST, gap):
                behind += late
            stamp_ns = origin + round(behind * NANOSECONDS) + round(due * NANOSECONDS)
            try:
                message = image.make(None if options.stamps == 'source' else stamp_ns,
                                     options.frame_id)
            except ImageError as error:
                self._report(f'left out an image: {error}')
                continue
            if stop.wait(max(0.0, started + behind + due - time.monotonic())):
                break
            self._images.publish(message)
            count += 1
            if self._published is not None:
                self._published(PublishedImage(
                    image.index, image.stamp_ns,
                    image.stamp_ns if options.stamps == 'source' else stamp_ns))
        if due + behind > SLOW * due > 0.0:
            self._report(f'this machine cannot play so fast: {count} images took '
                       f'{due + behind:.1f} s instead of {due:.1f} s; a lower --rate is kept')
        self._wait_for_delivery(stop)
        return count

    def _wait_for_delivery(self, stop: Stop) -> None:
        """Waits until the last images have arrived, as they would be lost with the publisher."""
        end = time.monotonic() + DELIVERY
        # in short waits, which do not keep the other threads from running
        while (not self._images.wait_for_all_acked(Duration(nanoseconds=1))
               and time.monotonic() < end and not stop.wait(POLL / 5)):
            pass
