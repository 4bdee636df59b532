"""What is odd about an image that can be answered all the same.

A camera that is set up wrongly still gives images; who wonders about the poses finds the cause
here. Nothing here knows ROS; stamps and clocks are nanoseconds.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.errors import shown
from movenet_ros.media.cdr import ImageMessage
from movenet_ros.media.encodings import needed_bytes

AHEAD = 1.0
"""Stamps further ahead of the clock than this [s] are odd; simulated clocks lag by less."""
SMALLEST = 32
"""Pixels a side; nobody can be seen in less."""


@dataclass(frozen=True)
class Traits:
    """What an image looks like from outside.

    Attributes:
        stamp_ns: Of its header [ns].
        frame_id: Of its header.
        size: Width and height [px].
        encoding: Or the format, of a compressed one.
        surplus: Bytes of data after its rows.
    """

    stamp_ns: int
    frame_id: str
    size: tuple[int, int]
    encoding: str
    surplus: int = 0


def traits(message: ImageMessage, picture: Picture) -> Traits:
    """Those of an image whose picture could be read."""
    surplus = 0
    if message.layout is not None:
        height, _, step, _ = message.layout
        surplus = len(message.data) - needed_bytes(message.encoding, height, step)
    return Traits(message.stamp_ns, message.frame_id, (picture.width, picture.height),
                  message.encoding, surplus)


def oddities(before: Traits | None, now: Traits, clock_ns: int) -> Iterator[tuple[str, str]]:
    """What is odd about an image, each as a short fixed word and a sentence.

    Args:
        before: The image before, if there was one.
        now: The image.
        clock_ns: The time, 0 if there is none yet [ns].
    """
    yield from _odd_stamp(before, now, clock_ns)
    if not now.frame_id:
        yield 'no_frame_id', 'its frame_id is empty: nothing says where the camera is'
    if min(now.size) < SMALLEST:
        yield 'tiny', f'it is {_size(now)}: nobody can be seen in it'
    if now.surplus:
        yield 'surplus_data', f'{now.surplus} bytes after its rows are ignored'
    if before and now.size != before.size:
        yield 'new_size', (f'it is {_size(now)}, the one before was {_size(before)}: everything '
                           'starts afresh; two cameras on one topic?')
    if before and now.encoding != before.encoding:
        yield 'new_encoding', (f'it is {shown(now.encoding)}, the one before was '
                               f'{shown(before.encoding)}; two cameras on one topic?')


def _odd_stamp(before: Traits | None, now: Traits, clock_ns: int) -> Iterator[tuple[str, str]]:
    if not now.stamp_ns:
        yield 'no_stamp', 'its stamp is 0: the camera does not say when it was taken'
    step = 1 if before is None else now.stamp_ns - before.stamp_ns
    if step == 0:
        yield 'same_stamp', f'its stamp, {_seconds(now.stamp_ns)}, is that of the one before'
    elif step < 0:
        yield 'stamp_back', (f'its stamp, {_seconds(now.stamp_ns)}, is {_seconds(-step)} before '
                             'that of the one before')
    ahead = now.stamp_ns - clock_ns
    if clock_ns and ahead > AHEAD * NANOSECONDS:
        yield 'stamp_ahead', (f'its stamp, {_seconds(now.stamp_ns)}, is {_seconds(ahead)} ahead of '
                              'the clock: do the clocks of camera and node agree?')


def _seconds(nanoseconds: int) -> str:
    return f'{nanoseconds / NANOSECONDS:.3f} s'


def _size(image: Traits) -> str:
    return f'{image.size[0]} x {image.size[1]}'
