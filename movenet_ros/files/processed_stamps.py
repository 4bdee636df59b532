"""Which images of a recording a live node processed, by the poses that were recorded with it."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import SourceError, listed
from movenet_ros.files.bags.listing import is_bag
from movenet_ros.files.recorded_poses import is_pose_topic, read_poses
from movenet_ros.files.source import Frame


@dataclass
class ProcessedStamps:
    """The stamps of recorded poses, and which of them have been found among images.

    Attributes:
        name: Where they come from.
        missing: How many answers to each stamp have no image yet.
        model: Which network they are of.
        notes: What the user should know of them.
        total: How many answers there are.
    """

    name: str
    missing: Counter[int]
    model: str
    notes: tuple[str, ...] = ()
    total: int = field(init=False)

    def __post_init__(self) -> None:
        self.total = self.missing.total()

    def select(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The frames that were processed; of several with one stamp, as many as were."""
        for frame in frames:
            if self.missing[frame.stamp_ns] > 0:
                self.missing[frame.stamp_ns] -= 1
                yield frame

    def report(self) -> str:
        """Which answers have no image in the recording; empty if all have one."""
        left = sorted(+self.missing)
        if not left:
            return ''
        if self.missing.total() == self.total:
            return (f'none of the {self.total} answers on {self.name} has an image in the '
                    'recording, as no stamp is in both: are they of another recording, or of a '
                    'replay without `--stamps source`?')
        stamps = listed('{}.{:09d}'.format(*divmod(stamp, NANOSECONDS)) for stamp in left)
        return (f'{self.missing.total()} of {self.total} answers on {self.name} have no image in '
                f'the recording, stamps {stamps}: the recorder missed those images, and '
                'poses after them may differ from those of the live node')


def read_processed_stamps(where: str, recording: str) -> ProcessedStamps:
    """Reads the stamps of recorded poses.

    Args:
        where: A topic of the recording; or a bag or .jsonl file, followed by a colon and a topic
            if it is a bag that has several with poses.
        recording: The input with the images.

    Raises:
        SourceError: There are no poses.
    """
    path, topic = _split(where, recording)
    try:
        messages = list(read_poses(path, topic))
    except SourceError as error:
        if path == recording and not Path(where).exists() and not is_pose_topic(path, where):
            raise SourceError(f'{error}; there is no file {where!r} either') from error
        raise
    if not messages:
        raise SourceError(f'{where}: no poses were recorded there, so no image is left')
    notes = []
    sequences = [message.sequence for message in messages]
    steps = [later - earlier for earlier, later in pairwise(sequences)]
    if sequences[0]:
        notes.append(f'{where}: the recording begins with answer {sequences[0]} of the node; what '
                     'it had seen before is not there, so the first poses may differ')
    if lost := sum(step - 1 for step in steps if step > 1):
        notes.append(f'{where}: {lost} answers of the node were not recorded; poses after them may '
                     'differ')
    if restarts := sum(step <= 0 for step in steps):
        notes.append(f'{where}: the node was activated again {restarts} times; it began without '
                     'people then, which process does not do')
    return ProcessedStamps(where, Counter(message.stamp_ns for message in messages),
                           messages[0].model, tuple(notes))


def _split(where: str, recording: str) -> tuple[str, str | None]:
    """The file and the topic that are meant."""
    source, (before, colon, topic) = Path(recording), where.rpartition(':')
    if is_bag(source) and is_pose_topic(source, where):
        return recording, where
    if Path(where).exists():
        return where, None
    if colon and Path(before).exists():
        return before, topic
    if not is_bag(source):
        raise SourceError(f'{where}: there is no such file, and {recording} is not a bag, which '
                          'would have topics; give the bag or .jsonl file with the poses')
    return recording, where
