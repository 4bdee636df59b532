"""Who and what a world is drawn from: the same for the same seed, whatever the rate."""
from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from movenet_ros.images.overlay import to_bgr
from movenet_ros.measure.accuracy.dataset import AnnotatedImage, Dataset
from movenet_ros.measure.worlds.cutouts import CutOut, candidates, cut_out
from movenet_ros.measure.worlds.drawing import MARGIN, Image, drawn_background
from movenet_ros.measure.worlds.scenes import SCENES
from movenet_ros.measure.worlds.world import HEIGHT, WIDTH

MOST = max(len(scene.actors) for scene in SCENES.values())
"""People in one scene."""


def cast(name: str, dataset: Dataset, backgrounds: Sequence[AnnotatedImage],
         seed: int) -> tuple[list[CutOut], Image]:
    """Chooses people and a background for a scene.

    Args:
        name: Of the scene.
        dataset: Whom to cut out; people are repeated where there are too few.
        backgrounds: Pictures without people; one is drawn where there are none.
        seed: Another one gives others.

    Returns:
        A cut-out for each actor, and the background, uint8 BGR [H,W,3].

    Raises:
        SourceError: Nobody can be cut out, or a picture has not the size that was annotated.
        ImageError: A picture cannot be read.
    """
    rng = np.random.default_rng((seed, zlib.crc32(name.encode())))
    actors = SCENES[name].actors
    found = candidates(dataset, MOST)
    order = rng.permutation(len(found))
    chosen = [cut_out(found[order[index % len(found)]]) for index in range(len(actors))]
    turned = [person.mirrored() if rng.random() < 0.5 else person for person in chosen]
    if backgrounds:
        return turned, to_bgr(backgrounds[int(rng.integers(len(backgrounds)))].picture())
    return turned, drawn_background(WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN, rng)
