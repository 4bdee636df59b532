"""The images of a world and the truth about each."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from movenet_ros.measure.worlds.cutouts import HIDDEN, CutOut
from movenet_ros.measure.worlds.drawing import (
    MARGIN,
    Image,
    Mask,
    Sprite,
    covering,
    draw_post,
    paste,
    seen_part,
    sprite,
)
from movenet_ros.measure.worlds.motion import along, bob, view
from movenet_ros.measure.worlds.scenes import Actor, Scene

WIDTH, HEIGHT = 640, 480


@dataclass(frozen=True, eq=False)
class Person:
    """The truth about one person in one image.

    Attributes:
        id: From 1.
        box: float64 [4], x_min, y_min, x_max, y_max [px], of the part within the image.
        visible: Share of the person that nothing hides and that is in the image.
        keypoints: float64 [17,3], x, y [px] and visibility: 2 seen, 1 hidden by others, by a
            post or outside of the image, 0 unknown.
        area: Of the whole person [px^2].
    """

    id: int
    box: NDArray[np.float64]
    visible: float
    keypoints: NDArray[np.float64]
    area: int


def images(scene: Scene, cutouts: Sequence[CutOut], background: Image,
           rate: float) -> Iterator[tuple[Image, list[Person]]]:
    """Draws a world, image by image.

    Args:
        scene: What happens.
        cutouts: One for each actor.
        background: uint8 BGR [H,W,3], of any size.
        rate: Images per second [Hz].

    Yields:
        The image, uint8 BGR [480,640,3], and the people who are at least partly within.
    """
    canvas = covering(background, WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN)
    people = [sprite(cutout, actor.height * HEIGHT)
              for cutout, actor in zip(cutouts, scene.actors, strict=True)]
    for frame in range(round(scene.seconds * rate)):
        yield _image(scene, people, canvas, frame / rate)


def _image(scene: Scene, sprites: Sequence[Sprite], canvas: Image,
           time: float) -> tuple[Image, list[Person]]:
    offset = view(scene.camera, time, WIDTH)
    image = seen_part(canvas, offset, WIDTH, HEIGHT)
    corners = [_corner(actor, person, time, offset)
               for actor, person in zip(scene.actors, sprites, strict=True)]
    far_to_near = sorted(range(len(sprites)), key=lambda row: scene.actors[row].height)
    masks = {row: paste(image, sprites[row], *corners[row]) for row in far_to_near}
    hidden = np.zeros(image.shape[:2], np.bool_)
    for left, width in scene.posts:
        hidden |= draw_post(image, left * WIDTH - offset[0], width * WIDTH)
    found = []
    for row in reversed(far_to_near):
        if masks[row].any():
            found.append(_person(row + 1, sprites[row], corners[row], masks[row], hidden))
        hidden |= masks[row]
    return image, sorted(found, key=lambda person: person.id)


def _corner(actor: Actor, person: Sprite, time: float,
            offset: tuple[float, float]) -> tuple[float, float]:
    """Left and top of a person in the image [px]."""
    height, width = person.pixels.shape[:2]
    middle = along(actor.path, time, width / 2, WIDTH)
    feet = actor.ground * HEIGHT - bob(middle, height)
    return middle - width / 2 - offset[0], feet - height - offset[1]


def _person(number: int, person: Sprite, corner: tuple[float, float], mask: Mask,
            hidden: Mask) -> Person:
    keypoints = person.keypoints.copy()
    keypoints[:, :2] += corner
    inside = (keypoints[:, :2] >= 0).all(axis=1) & (keypoints[:, :2] < (WIDTH, HEIGHT)).all(axis=1)
    columns, rows = np.clip(keypoints[:, :2].astype(int), 0, (WIDTH - 1, HEIGHT - 1)).T
    seen = inside & ~hidden[rows, columns]
    keypoints[:, 2] = np.where(seen, keypoints[:, 2], np.minimum(keypoints[:, 2], HIDDEN))
    height, width = person.pixels.shape[:2]
    box = np.array([*corner, corner[0] + width, corner[1] + height])
    box = np.clip(box, 0, (WIDTH, HEIGHT, WIDTH, HEIGHT))
    visible = np.count_nonzero(mask & ~hidden) / person.area
    return Person(number, box, min(1.0, visible), keypoints, person.area)
