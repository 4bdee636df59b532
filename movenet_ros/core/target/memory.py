"""What is remembered to recognise the target."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from movenet_ros.core.target.appearance import Appearance
from movenet_ros.core.types import NANOSECONDS

MIN_IMAGES = 5
"""A decision takes the mean over at least this many images ..."""

MIN_TIME = 0.4
"""... and this time [s]."""

LONGEST_MEAN = 15
"""From this many images on, each new one counts for 1 / LONGEST_MEAN of the mean."""


@dataclass(frozen=True, eq=False)
class Other:
    """Somebody who was in an image together with the target.

    Attributes:
        seen_ns: When they were last seen, by the target's clock [ns].
        appearance: Some views.
    """

    seen_ns: int
    appearance: Appearance = Appearance()


@dataclass(frozen=True)
class Evidence:
    """What speaks for somebody being the target, as means over images.

    Attributes:
        first_ns: The first of these images, by the target's clock [ns].
        images: How many there were.
        similarity: To the target.
        other_similarity: To the most similar of those who were seen with the target.
    """

    first_ns: int
    images: int = 0
    similarity: float = 0.0
    other_similarity: float = 0.0

    def with_image(self, similarity: float, other: float) -> Evidence:
        """The evidence after another image."""
        images = self.images + 1
        share = 1 / min(images, LONGEST_MEAN)
        return replace(
            self, images=images,
            similarity=self.similarity + share * (similarity - self.similarity),
            other_similarity=self.other_similarity + share * (other - self.other_similarity))

    def is_enough(self, clock_ns: int) -> bool:
        """Whether a decision may be made of it."""
        return (self.images >= MIN_IMAGES
                and clock_ns - self.first_ns >= MIN_TIME * NANOSECONDS)


@dataclass(frozen=True, eq=False)
class Memory:
    """What is remembered to recognise the target.

    Attributes:
        target: What the target looks like.
        learned_ns: When views were last learned, by the target's clock; None: never [ns].
        others: Those who were in an image together with the target, by id.
        evidence: Of those who appeared while the target is not seen, by id.
    """

    target: Appearance = Appearance()
    learned_ns: int | None = None
    others: Mapping[int, Other] = field(default_factory=dict)
    evidence: Mapping[int, Evidence] = field(default_factory=dict)

    @property
    def likeness_of_others(self) -> float:
        """How much the most similar of the others looks like the target: mean over their views."""
        return max((float(self.target.similarity(other.appearance.views).mean())
                    for other in self.others.values() if len(other.appearance)), default=0.0)
