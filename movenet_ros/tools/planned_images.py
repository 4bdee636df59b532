"""The images of a source as messages to be published, and when each of them is due."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import ImageError
from movenet_ros.files.bags.source import BagSource
from movenet_ros.files.source import Frame, Source
from movenet_ros.images.cdr import read_header
from movenet_ros.ros.conversions import set_stamp, to_compressed_image, to_image
from movenet_ros.ros.subscription.image_topic import TRANSPORTS, type_name

FRAME_ID = 'camera'
"""In the headers of a source that has no frame of its own: a video, or pictures."""
FIRST_GAP = 0.1
LONGEST_GAP = 10.0


Message: TypeAlias = Image | CompressedImage | bytes
"""A message, or its serialized bytes."""


@dataclass(frozen=True)
class PlannedImage:
    """One image to be published.

    Attributes:
        index: Its place in the source, from 0.
        stamp_ns: As recorded [ns].
        make: Gives the message, or its bytes, from a stamp to put in (None: leave the
            recorded one) and a frame (empty: leave the recorded one). May raise ImageError.
    """

    index: int
    stamp_ns: int
    make: Callable[[int | None, str], Message]


def planned_images(source: Source | Iterable[Frame], transport: str) -> Iterator[PlannedImage]:
    """All images of a source; recorded messages of the right type stay as they are.

    Args:
        source: Where they come from.
        transport: 'raw' or 'compressed'.
    """
    kind = TRANSPORTS[transport]
    if isinstance(source, BagSource) and source.msgtype == type_name(kind):
        for index, message in enumerate(source.raw_messages()):
            try:
                stamp_ns, _ = read_header(message.data)
            except ImageError:  # the receiver reports that it is damaged
                stamp_ns = message.receive_ns
            yield PlannedImage(index, stamp_ns, partial(_recorded, kind, message.data))
    else:
        default = '' if isinstance(source, BagSource) else FRAME_ID
        for index, frame in enumerate(source):
            yield PlannedImage(index, frame.stamp_ns, partial(_decoded, frame, transport, default))


def _recorded(kind: type[Image] | type[CompressedImage], data: bytes, stamp_ns: int | None,
              frame_id: str) -> Message:
    if stamp_ns is None and not frame_id:
        return data
    message: Image | CompressedImage = deserialize_message(data, kind)
    if stamp_ns is not None:
        set_stamp(message.header, stamp_ns)
    message.header.frame_id = frame_id or message.header.frame_id
    return message


def _decoded(frame: Frame, transport: str, default: str, stamp_ns: int | None,
             frame_id: str) -> Image | CompressedImage:
    header = Header(frame_id=frame_id or frame.frame_id or default)
    set_stamp(header, frame.stamp_ns if stamp_ns is None else stamp_ns)
    convert = to_compressed_image if transport == 'compressed' else to_image
    return convert(frame.picture(), header)


def paced(open_images: Callable[[], Iterable[PlannedImage]], *, speed: float = 1.0,
          loop: bool = False) -> Iterator[tuple[float, float, PlannedImage]]:
    """Each image with its time since the start and since the one before [s].

    Where stamps go back or jump, and from one round to the next, the time between the
    two images before is taken.

    Args:
        open_images: Gives the images from the first one; called for each round.
        speed: 2.0 is twice as fast as recorded.
        loop: Whether to start again at the end.
    """
    due, gap = 0.0, FIRST_GAP
    first = True
    while True:
        last: int | None = None
        for image in open_images():
            step = -1.0 if last is None else (image.stamp_ns - last) / NANOSECONDS
            gap = step if 0.0 < step <= LONGEST_GAP else gap
            due += 0.0 if first or step == 0.0 else gap / speed
            first, last = False, image.stamp_ns
            yield due, gap / speed, image
        if last is None or not loop:
            return
