"""Plays a recording, a video or pictures as a camera would."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import rclpy
from rclpy.context import Context
from rclpy.exceptions import InvalidTopicNameException
from rclpy.node import Node
from rclpy.qos import QoSProfile, QoSReliabilityPolicy
from rclpy.serialization import deserialize_message
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import ImageError, ParameterError
from movenet_ros.media.bags import BagSource
from movenet_ros.media.cdr import read_header
from movenet_ros.media.frames import Frame, Source
from movenet_ros.media.sources import open_source
from movenet_ros.ros.conversions import set_stamp, to_compressed_image, to_image
from movenet_ros.ros.image_topic import TRANSPORTS, type_name
from movenet_ros.ros.signals import StopRequest

POLL = 0.05
SETTLE = 0.3
FIRST_GAP = 0.1
LONGEST_GAP = 10.0


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
        reliable: Whether to publish reliably instead of with best effort.
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
    reliable: bool = False
    wait: float = 10.0
    subscribers: int = 1


@dataclass(frozen=True)
class Shot:
    """One image to be played.

    Attributes:
        stamp_ns: As recorded [ns].
        make: Gives the message, or its bytes, from a stamp to put in (None: leave the
            recorded one) and a frame (empty: leave the recorded one). May raise ImageError.
    """

    stamp_ns: int
    make: Callable[[int | None, str], Image | CompressedImage | bytes]


def shots(source: Source, transport: str) -> Iterator[Shot]:
    """What a source shows; recorded messages of the right type stay as they are."""
    kind = TRANSPORTS[transport][1]
    if isinstance(source, BagSource) and source.msgtype == type_name(kind):
        for message in source.raw_messages():
            try:
                stamp_ns, _ = read_header(message.data)
            except ImageError:  # whoever receives it is to see that it is bad
                stamp_ns = message.receive_ns
            yield Shot(stamp_ns, partial(_recorded, kind, message.data))
    else:
        for frame in source:
            yield Shot(frame.stamp_ns, partial(_decoded, frame, transport))


def _recorded(kind: type[Image] | type[CompressedImage], data: bytes, stamp_ns: int | None,
              frame_id: str) -> Image | CompressedImage | bytes:
    if stamp_ns is None and not frame_id:
        return data
    message: Image | CompressedImage = deserialize_message(data, kind)
    if stamp_ns is not None:
        set_stamp(message.header, stamp_ns)
    message.header.frame_id = frame_id or message.header.frame_id
    return message


def _decoded(frame: Frame, transport: str, stamp_ns: int | None,
             frame_id: str) -> Image | CompressedImage:
    header = Header(frame_id=frame_id or frame.frame_id)
    set_stamp(header, frame.stamp_ns if stamp_ns is None else stamp_ns)
    convert = to_compressed_image if transport == 'compressed' else to_image
    return convert(frame.picture(), header)


class Player(Node):
    """A camera that plays shots."""

    def __init__(self, options: ReplayOptions, *, context: Context | None = None,
                 tell: Callable[[str], None] = lambda text: None) -> None:
        """Creates the publisher.

        Args:
            options: How to play.
            context: An initialised rclpy context; None for the default one.
            tell: Takes a line about what is going on.
        """
        super().__init__('camera', context=context)
        self._options, self._tell = options, tell
        compressed = options.transport == 'compressed'
        reliability = (QoSReliabilityPolicy.RELIABLE if options.reliable
                       else QoSReliabilityPolicy.BEST_EFFORT)
        self._images = self.create_publisher(
            TRANSPORTS[options.transport][1], options.topic + '/compressed' * compressed,
            QoSProfile(depth=1, reliability=reliability))

    def wait_for_subscribers(self, stop: Stop) -> bool:
        """Waits for the subscribers, at most `options.wait`; returns whether they are there."""
        topic, end = self._images.topic_name, time.monotonic() + self._options.wait
        wanted = self._options.subscribers
        who = 'a subscriber' if wanted == 1 else f'{wanted} subscribers'
        self._tell(f'waiting for {who} on {topic}')
        while not (found := self._images.get_subscription_count() >= wanted):
            if stop.wait(POLL):
                break
            if time.monotonic() > end:
                count = self._images.get_subscription_count() or 'no'
                self._tell(f'{count} subscriber on {topic} after {self._options.wait:g} s, '
                           'playing all the same')
                break
        # The subscriber learns of us at its own time, and loses what is sent before.
        stop.wait(SETTLE)
        return found

    def play(self, open_shots: Callable[[], Iterable[Shot]], stop: Stop) -> int:
        """Publishes shots at the pace of their stamps.

        Args:
            open_shots: Gives the shots from the first one; called for each round.
            stop: Ends the replay early.

        Returns:
            How many images were published.
        """
        started, origin = time.monotonic(), self.get_clock().now().nanoseconds
        count = 0
        for due, shot in self._paced(open_shots):
            now_ns = None if self._options.stamps == 'source' else origin + round(due * NANOSECONDS)
            try:
                message = shot.make(now_ns, self._options.frame_id)
            except ImageError as error:
                self._tell(f'left out an image: {error}')
                continue
            if stop.wait(max(0.0, started + due - time.monotonic())):
                break
            self._images.publish(message)
            count += 1
        return count

    def _paced(self, open_shots: Callable[[], Iterable[Shot]]) -> Iterator[tuple[float, Shot]]:
        """Each shot with its time since the start [s], through all rounds.

        Where stamps go back or jump, and from one round to the next, the time between the
        two images before is taken.
        """
        due, gap = 0.0, FIRST_GAP
        first = True
        while True:
            last: int | None = None
            for shot in open_shots():
                step = -1.0 if last is None else (shot.stamp_ns - last) / NANOSECONDS
                gap = step if 0.0 < step <= LONGEST_GAP else gap
                due += 0.0 if first or step == 0.0 else gap / self._options.speed
                first, last = False, shot.stamp_ns
                yield due, shot
            if last is None or not self._options.loop:
                return


def main(path: str | Path, options: ReplayOptions, *, bag_topic: str | None = None,
         fps: float = 30.0, tell: Callable[[str], None] = lambda text: None) -> int:
    """Plays a file until its end, or until SIGINT or SIGTERM.

    Args:
        path: A bag, a video, a picture or a folder of pictures.
        options: How to play.
        bag_topic: Which topic of a bag to play; None where there is only one with images.
        fps: Images per second, where the source does not say [Hz].
        tell: Takes a line about what is going on.

    Returns:
        Exit code: 0.

    Raises:
        SourceError: The file cannot be read.
        ParameterError: The topic's name is none.
    """
    with StopRequest() as stop, open_source(path, topic=bag_topic, fps=fps) as source:
        for note in source.notes:
            tell(note)
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        try:
            player = Player(options, tell=tell)
            player.wait_for_subscribers(stop)
            count = player.play(lambda: shots(source, options.transport), stop)
            tell(f'{count} images played')
            player.destroy_node()
        except InvalidTopicNameException as error:
            cause = str(error).partition(':\n')[0]
            raise ParameterError('--topic', options.topic, cause) from error
        finally:
            rclpy.try_shutdown()
    return 0
