"""Which images and which poses in bags belong together, by their stamps and frames."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from itertools import islice

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import ImageError, SourceError
from movenet_ros.files.bags.bag import Bag
from movenet_ros.files.recorded_people import PeopleSource
from movenet_ros.images.cdr import COMPRESSED_IMAGE, read_image

SAMPLE = 200
"""Poses whose images are looked for; those of the first may not have been recorded ..."""
ENOUGH = 20
"""... until so many are found."""
LATENCY = 2 * NANOSECONDS
"""How long before poses their image may have been received [ns]."""
DEPTH = ('16UC1', '32FC1', 'compressedDepth')


def pairs_of(bag: Bag, every: Sequence[PeopleSource], images: Mapping[str, str],
             is_own: bool) -> dict[str, PeopleSource]:
    """The poses of each image topic, of those that have any; what fits best is chosen first.

    Args:
        bag: Where the images are.
        every: All poses.
        images: Types of the topics with images, by their names.
        is_own: Whether the poses are in the bag, too.
    """
    scores = []
    for people in every:
        sample = _Sample(people, is_own)
        scores += [(score, people, name) for name, kind in images.items()
                   if (score := sample.score(bag, name, kind))]
    pairs: dict[str, PeopleSource] = {}
    for _, people, name in sorted(scores, key=lambda item: item[0], reverse=True):
        if name not in pairs and people not in pairs.values():
            pairs[name] = people
    return pairs


class _Sample:
    """The first poses of a topic, whose images are looked for."""

    def __init__(self, people: PeopleSource, is_own: bool) -> None:
        self._frames: dict[int, str] = {}
        self._words = set(people.topic.split('/'))
        self._start_ns: int | None = None
        with suppress(SourceError):  # which is told when it is played
            for stamp, read in islice(people.read(), SAMPLE):
                each = read()
                self._frames[stamp] = each.poses.frame_id
                if is_own and self._start_ns is None:
                    self._start_ns = max(0, (each.receive_ns or 0) - LATENCY)

    def score(self, bag: Bag, topic: str, kind: str) -> tuple[int, ...] | None:
        """How well the images of a topic fit; None if none does."""
        found = list(islice((
            (stamp, frame) for stamp, frame in self._headers(bag, topic, kind)
            if stamp in self._frames), ENOUGH))
        if not found:
            return None
        same_frame = sum(self._frames[stamp] == frame for stamp, frame in found)
        return (not _is_depth(bag, topic, kind), same_frame, len(found),
                len(self._words & set(topic.split('/'))), kind == COMPRESSED_IMAGE)

    def _headers(self, bag: Bag, topic: str, kind: str) -> Iterator[tuple[int, str]]:
        last = max(self._frames, default=0)
        with suppress(SourceError):
            for message in bag.messages((topic, kind), self._start_ns):
                with suppress(ImageError):
                    image = read_image(message.data, kind)
                    yield image.stamp_ns, image.frame_id
                    if image.stamp_ns > last:
                        return


def _is_depth(bag: Bag, topic: str, kind: str) -> bool:
    with suppress(SourceError, ImageError), closing(bag.messages((topic, kind))) as messages:
        for message in messages:
            return any(name in read_image(message.data, kind).encoding for name in DEPTH)
    return False
