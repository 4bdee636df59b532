"""Warnings about images that can be processed, but show that a camera is set up wrongly.

They are the same live and offline, and independent of ROS; stamps and clocks are nanoseconds.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from movenet_ros.core.stamps import Course, Stamps, follow
from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.errors import shown
from movenet_ros.images.brightness import WHOLE_RANGE, brightness
from movenet_ros.images.cdr import ImageMessage
from movenet_ros.images.compressed import has_end_mark
from movenet_ros.images.encodings import needed_bytes

AHEAD = 1.0
"""Stamps further ahead of the clock than this [s] are reported; simulated clocks lag by less."""
BEHIND = 10.0
"""Stamps further behind the clock than this [s] are reported; no queue makes images so old."""
MIN_SIDE = 32
"""Smallest side in which people can be detected [px]."""
# Measured on 21 images of people, made darker, lighter or paler down to these limits: people were
# detected in at most five; in the unchanged images, in 20.
DARKEST, BRIGHTEST = 24, 224
"""Of 255: if 99 % of the pixels are at most, or at least, this, hardly any person is detected."""
LEAST_CONTRAST = 20
"""Of 255: the same if the brightness of 98 % of the pixels differs by less."""


@dataclass(frozen=True)
class ImageTraits:
    """What can be wrong with an image.

    Attributes:
        stamp_ns: Of its header [ns].
        frame_id: Of its header.
        size: Width and height [px].
        encoding: Or the format, of a compressed one.
        surplus: Bytes of data after its rows.
        brightness: What 1 % of its pixels do not exceed, and what 1 % exceed, from 0 to 255.
        has_end: Whether it has the end mark that its format asks for.
    """

    stamp_ns: int
    frame_id: str
    size: tuple[int, int]
    encoding: str
    surplus: int = 0
    brightness: tuple[int, int] = WHOLE_RANGE
    has_end: bool = True


@dataclass(frozen=True)
class ImageHistory:
    """The images of one camera so far.

    Attributes:
        previous: The image before; None at the start.
        stamps: Theirs since the start, or since everything started again.
    """

    previous: ImageTraits | None = None
    stamps: Stamps | None = None

    def with_image(self, image: ImageTraits, max_lateness: float) -> ImageHistory:
        """The history after an image, see `image_warnings`."""
        stamps, _ = self.follow(image, max_lateness)
        return ImageHistory(image, stamps)

    def follow(self, image: ImageTraits, max_lateness: float) -> tuple[Stamps, Course]:
        """The stamps after an image, and what it means for the images before."""
        is_same_size = self.previous is not None and image.size == self.previous.size
        return follow(self.stamps, image.stamp_ns, max_lateness, is_same_size=is_same_size)


def image_traits(message: ImageMessage, picture: Picture) -> ImageTraits:
    """Those of an image whose picture could be read."""
    surplus, has_end = 0, True
    if message.layout is None:
        has_end = has_end_mark(message.data)
    else:
        height, _, step, _ = message.layout
        surplus = len(message.data) - needed_bytes(message.encoding, height, step)
    return ImageTraits(message.stamp_ns, message.frame_id, (picture.width, picture.height),
                       message.encoding, surplus, brightness(picture), has_end)


def image_warnings(history: ImageHistory, image: ImageTraits, clock_ns: int,
                   max_lateness: float) -> Iterator[tuple[str, str]]:
    """What is wrong with an image, each as a short identifier and a sentence.

    Args:
        history: The images before.
        image: The image.
        clock_ns: When it was received, 0 if there is no clock yet [ns].
        max_lateness: A stamp that is this much before the latest one is late; one that is
            earlier starts everything again [s].
    """
    yield from _stamp_warnings(history, image, clock_ns, max_lateness)
    if not image.frame_id:
        yield 'no_frame_id', 'its frame_id is empty: nothing says where the camera is'
    yield from _content_warnings(image.size, image.brightness, image.encoding)
    if image.surplus:
        yield 'surplus_data', f'{image.surplus} bytes after its rows are ignored'
    if not image.has_end:
        yield 'no_end_mark', ('the JPEG has no end mark (FF D9); it was used because all of the '
                              'picture is there')
    before = history.previous
    if before and image.size != before.size:
        yield 'new_size', (f'it is {_size(image.size)}, the one before was {_size(before.size)}: '
                           'everything starts again; two cameras on one topic?')
    if before and image.encoding != before.encoding:
        yield 'new_encoding', (f'it is {shown(image.encoding)}, the one before was '
                               f'{shown(before.encoding)}; two cameras on one topic?')


def picture_warnings(picture: Picture) -> Iterator[tuple[str, str]]:
    """What is wrong with a picture that was no message, see `image_warnings`."""
    return _content_warnings((picture.width, picture.height), brightness(picture),
                             f'{picture.source_bits} bits')


def _stamp_warnings(history: ImageHistory, image: ImageTraits, clock_ns: int,
                    max_lateness: float) -> Iterator[tuple[str, str]]:
    stamp = _seconds(image.stamp_ns)
    if not image.stamp_ns:
        yield 'no_stamp', 'its stamp is 0: the camera does not say when it was taken'
    if history.previous and image.stamp_ns == history.previous.stamp_ns:
        yield 'same_stamp', f'its stamp, {stamp}, is that of the one before'
    elif history.stamps and (back := history.stamps.latest_ns - image.stamp_ns) > 0:
        _, course = history.follow(image, max_lateness)
        if course is Course.RESTARTS:
            yield 'stamp_back', (f'its stamp, {stamp}, is {_seconds(back)} before the latest one: '
                                 'everything starts again (unless tfjs.time is set)')
        elif course is Course.RETURNS:
            yield 'stamp_back', (f'its stamp, {stamp}, is {_seconds(back)} before the latest one, '
                                 'which was an outlier: everything goes on from the images before '
                                 'that (unless tfjs.time is set)')
        else:
            yield 'late_stamp', (f'its stamp, {stamp}, is {_seconds(back)} before the latest one: '
                                 'the image came late, or two images changed places')
    ahead = image.stamp_ns - clock_ns
    if clock_ns and ahead > AHEAD * NANOSECONDS:
        yield 'stamp_ahead', (f'its stamp, {stamp}, is {_seconds(ahead)} ahead of the clock of '
                              'the receiver: do the clocks agree?')
    elif clock_ns and image.stamp_ns and -ahead > BEHIND * NANOSECONDS:
        yield 'stamp_behind', (f'its stamp, {stamp}, is {_seconds(-ahead)} behind the clock of '
                               'the receiver: does the camera count from its start, or is '
                               'this a recording that is played without use_sim_time?')


def _content_warnings(size: tuple[int, int], levels: tuple[int, int],
                      encoding: str) -> Iterator[tuple[str, str]]:
    if min(size) < MIN_SIDE:
        yield 'tiny', f'it is {_size(size)}: too small to detect people'
    low, high = levels
    if high <= DARKEST:
        yield 'dark_image', (f'it is all but black: 99 % of its pixels are at most {high} of 255; '
                             f'{_dark_advice(encoding)}')
    elif low >= BRIGHTEST:
        yield 'bright_image', (f'it is all but white: 99 % of its pixels are at least {low} of '
                               '255; check the exposure')
    elif high - low < LEAST_CONTRAST:
        yield 'flat_image', (f'it shows nothing: 98 % of its pixels are between {low} and {high} '
                             f'of 255; {_flat_advice(encoding)}')


def _dark_advice(encoding: str) -> str:
    if '16' in encoding:
        return ('if the camera has fewer than 16 bits, set the parameter white_level, e.g. to '
                '1023 for 10 bits, or to 0 to stretch each image by itself')
    return 'check the lens cap, the exposure and the light'


def _flat_advice(encoding: str) -> str:
    if '16' in encoding:
        return 'the parameter white_level = 0 stretches each image by itself'
    return 'check the lens cap, the exposure and the focus'


def _seconds(nanoseconds: int) -> str:
    if 0 < nanoseconds < NANOSECONDS // 1000:
        # Milliseconds would round it to nothing.
        return f'{nanoseconds / NANOSECONDS:.9f}'.rstrip('0') + ' s'
    return f'{nanoseconds / NANOSECONDS:.3f} s'


def _size(size: tuple[int, int]) -> str:
    return f'{size[0]} x {size[1]}'
