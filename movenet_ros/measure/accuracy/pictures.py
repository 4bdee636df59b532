"""Runs modes over pictures: poses, and the time that they take."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from movenet_ros.core.types import Poses
from movenet_ros.measure.accuracy.accuracy import Accuracy, score
from movenet_ros.measure.accuracy.dataset import AnnotatedImage, Dataset
from movenet_ros.measure.accuracy.modes import Mode

MILLISECONDS = 1000

Watch = Callable[[Sequence[AnnotatedImage]], Iterable[AnnotatedImage]]


@dataclass(frozen=True, eq=False)
class Looks:
    """What one mode saw in all pictures.

    Attributes:
        found: Poses by number of the picture.
        ms_per_image: Median time from the decoded picture to poses [ms].
    """

    found: dict[int, Poses]
    ms_per_image: float


@dataclass(frozen=True, eq=False)
class ModeAccuracy:
    """How accurate one mode is.

    Attributes:
        mode: Its name.
        accuracy: COCO's numbers.
        images: Pictures looked at.
        people: People to be found in them.
        ms_per_image: Median time per picture [ms].
    """

    mode: str
    accuracy: Accuracy
    images: int
    people: int
    ms_per_image: float

    def row(self) -> dict[str, str | int | float]:
        """The numbers by name, as in the command's JSON."""
        return {'mode': self.mode, 'AP': self.accuracy.ap, 'AP50': self.accuracy.ap50,
                'AP75': self.accuracy.ap75, 'AR': self.accuracy.ar, 'images': self.images,
                'people': self.people, 'ms_per_image': self.ms_per_image}


@dataclass(frozen=True)
class ModeNegatives:
    """What one mode detects in pictures without people.

    Attributes:
        mode: Its name.
        images: Pictures looked at.
        false_people: People published, in all pictures together.
        no_person: Pictures in which no person was published.
        ms_per_image: Median time per picture [ms].
    """

    mode: str
    images: int
    false_people: int
    no_person: int
    ms_per_image: float

    def row(self) -> dict[str, str | int | float]:
        """The numbers by name, as in the command's JSON."""
        return {'mode': self.mode, 'false_positives_per_image': self.false_people / self.images,
                'no_person': self.no_person / self.images, 'images': self.images,
                'ms_per_image': self.ms_per_image}


def look(shots: Iterable[AnnotatedImage], modes: Sequence[Mode]) -> list[Looks]:
    """Shows every picture to every mode.

    Raises:
        ImageError: A picture cannot be read.
        SourceError: A picture is not the annotated one.
        EngineError: A network failed.
    """
    found: list[dict[int, Poses]] = [{} for _ in modes]
    times: list[list[float]] = [[] for _ in modes]
    for shot in shots:
        picture = shot.picture()
        for index, mode in enumerate(modes):
            start = time.perf_counter()
            found[index][shot.id] = mode.detect(picture)
            times[index].append((time.perf_counter() - start) * MILLISECONDS)
    return [Looks(poses, median(spent)) for poses, spent in zip(found, times, strict=True)]


def measure_accuracy(dataset: Dataset, modes: Sequence[Mode], *, every_picture: bool = False,
                     watch: Watch = iter) -> list[ModeAccuracy]:
    """COCO's numbers of every mode.

    Args:
        dataset: Pictures and annotations.
        modes: What to compare.
        every_picture: Whether single-person modes answer for pictures of several people, too:
            they find one of them, and are charged with the others.
        watch: Passes on what it is given, and may show the progress.

    Raises:
        SourceError: There are single-person modes, and no picture for them.
    """
    parts = {single: [mode for mode in modes if mode.single == single]
             for single in (True, False)}
    results: dict[str, ModeAccuracy] = {}
    for single, chosen in parts.items():
        if not chosen:
            continue
        part = dataset.alone() if single and not every_picture else dataset
        for mode, looks in zip(chosen, look(watch(part.shots), chosen), strict=True):
            results[mode.name] = ModeAccuracy(mode.name, score(part, looks.found),
                                              len(part.shots), part.people, looks.ms_per_image)
    return [results[mode.name] for mode in modes]


def measure_negatives(shots: Sequence[AnnotatedImage], modes: Sequence[Mode],
                      watch: Watch = iter) -> list[ModeNegatives]:
    """False positives of every mode in pictures without people; see `measure_accuracy`."""
    results = []
    for mode, looks in zip(modes, look(watch(shots), modes), strict=True):
        people = [len(poses) for poses in looks.found.values()]
        results.append(ModeNegatives(mode.name, len(people), sum(people), people.count(0),
                                     looks.ms_per_image))
    return results
