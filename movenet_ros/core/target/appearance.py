"""What a person looks like: some views of the torso's colours."""
from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.target.torso_colors import BINS

MOST_VIEWS = 15
"""Views that are remembered of the target."""

BEST_VIEWS = 3
"""A similarity is the mean of that to this many of the views, the most similar ones."""


def _no_views() -> NDArray[np.float32]:
    return np.empty((0, int(np.prod(BINS))), np.float32)


@dataclass(frozen=True, eq=False)
class Appearance:
    """Views of one person.

    Attributes:
        views: float32 [V,128], as `torso_colors` gives them, the oldest first.
    """

    views: NDArray[np.float32] = field(default_factory=_no_views)

    def __len__(self) -> int:
        return len(self.views)

    def similarity(self, colors: NDArray[np.float32]) -> NDArray[np.float32]:
        """How similar others are to the most similar views.

        Args:
            colors: float32 [K,128].

        Returns:
            float32 [K], 0..1; 0 where there are no views.
        """
        if not len(self.views):
            return np.zeros(len(colors), np.float32)
        best = np.sort(colors @ self.views.T, axis=1)[:, -BEST_VIEWS:]
        return np.asarray(best.mean(axis=1), np.float32)

    def with_view(self, colors: NDArray[np.float32], most: int = MOST_VIEWS) -> Appearance:
        """These views and another one, float32 [128]; of too many, the least needed is left out.

        That is the older one of the two most similar views: so a person who stands still for a
        long time does not replace the views from other sides.
        """
        views = np.concatenate([self.views, colors[None]])
        if len(views) <= most:
            return Appearance(views)
        similar = views @ views.T
        similar[np.tril_indices(len(views))] = -1.0
        older = int(similar.argmax()) // len(views)
        return Appearance(np.delete(views, older, axis=0))
