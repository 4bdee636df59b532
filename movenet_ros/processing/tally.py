"""Counts what became of the images of a recording."""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from movenet_ros.errors import ImageError, counted
from movenet_ros.images.geometry_inputs import Problem
from movenet_ros.processing.part import Part


@dataclass
class Tally:
    """Counts images by outcome, and reports each cause when it first occurs.

    Attributes:
        report: Called with a line for the user.
        processed: How many images have a result.
        rejected: By cause, those whose picture cannot be used; they have no result.
        warned: By cause, those that are processed although something is wrong with them.
        unlocated: By cause, those without positions although the recording has a calibration.
    """

    report: Callable[[str], None]
    processed: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)
    unlocated: Counter[str] = field(default_factory=Counter)

    def add_rejected(self, error: ImageError, stamp_ns: int) -> None:
        """Counts an image whose picture cannot be used."""
        self.rejected[error.cause] += 1
        if self.rejected[error.cause] == 1:
            self.report(f'image at {stamp_ns} ns rejected: {error}')

    def add_warned(self, cause: str, text: str, stamp_ns: int) -> None:
        """Counts a warning about an image that is processed."""
        self.warned[cause] += 1
        if self.warned[cause] == 1:
            self.report(f'image at {stamp_ns} ns processed, with a warning ({cause}): {text}')

    def add_unlocated(self, problem: Problem, stamp_ns: int) -> None:
        """Counts an image without positions."""
        self.unlocated[problem.cause] += 1
        if self.unlocated[problem.cause] == 1:
            self.report(f'no positions in the image at {stamp_ns} ns ({problem.cause}): '
                        f'{problem.text}')

    def as_dict(self) -> dict[str, int | dict[str, int]]:
        """The counts by outcome and cause."""
        return {'processed': self.processed, 'rejected': dict(sorted(self.rejected.items())),
                'warned': dict(sorted(self.warned.items())),
                'without_positions': dict(sorted(self.unlocated.items()))}

    def why_none(self, part: Part) -> str:
        """Why no image of this part of the recording was processed, where that is so."""
        if self.rejected:
            return f'all {self.rejected.total()} were rejected'
        bounded = part.start > 0 or part.end is not None
        return 'there is none' + ' between --start and --end' * bounded

    def __str__(self) -> str:
        return (f'{counted(self.processed, "image")} processed, {self.rejected.total()} rejected'
                f'{_listed(self.rejected)}'
                + (f'; warnings{_listed(self.warned)}' if self.warned else '')
                + (f'; without positions{_listed(self.unlocated)}' if self.unlocated else ''))


def _listed(counts: Counter[str]) -> str:
    causes = ', '.join(f'{cause} {count}' for cause, count in sorted(counts.items()))
    return f' ({causes})' if causes else ''
