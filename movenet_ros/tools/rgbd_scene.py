"""A drawn scene of a depth camera: people from the sample clips, cut out, before a wall.

Where everybody is, is known. Depth is registered to the image, and has the steps and the holes
of a Kinect.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.types import Picture
from movenet_ros.files.sources import open_source
from movenet_ros.images.overlay import to_bgr
from movenet_ros.share import sample_clip

WIDTH, HEIGHT, FOCAL = 640, 480, 525.0  # px
CENTRE = ((WIDTH - 1) / 2, (HEIGHT - 1) / 2)
RATE = 15.0  # Hz
SECONDS = 4.0

CAMERA_HEIGHT = 1.1  # m
WALL = 5.0  # m
BULGE = 0.12
"""The outline of a body is farther than its middle by this [m]."""
DEPTH_STEP = 2.85e-3
"""Of a Kinect, times the square of the depth [1/m]."""
BASELINE = 0.075
"""Between projector and camera of a Kinect [m]: what only one of them sees has no depth."""
SPECKLES = 0.01
"""Share of the other pixels without depth."""

WALL_COLOUR, STRIPE_COLOUR, FLOOR_COLOUR = (186, 196, 200), (168, 180, 186), (96, 110, 122)


@dataclass(frozen=True)
class Walker:
    """Somebody in the scene, who stays upright and moves in a straight line.

    Attributes:
        clip: Sample clip whose first image shows the person.
        box: Around the person there: x, y, width, height [px].
        height: [m].
        start, end: Where the person is at the start and at the end: to the right of the camera,
            and in front of it [m].
    """

    clip: str
    box: tuple[int, int, int, int]
    height: float
    start: tuple[float, float]
    end: tuple[float, float]

    def place(self, time: float) -> tuple[float, float]:
        """Where the person is at a time [s]."""
        share = time / SECONDS
        x, z = ((1 - share) * a + share * b for a, b in zip(self.start, self.end, strict=True))
        return x, z


WALKERS = (
    Walker('one_person.mp4', (160, 60, 110, 320), 1.75, (-0.9, 2.6), (-1.0, 3.8)),
    Walker('several_people.mp4', (15, 120, 120, 290), 1.65, (0.0, 3.2), (0.2, 3.2)),
    Walker('several_people.mp4', (137, 45, 118, 250), 1.80, (1.5, 4.2), (0.85, 2.7)),
)


@dataclass(frozen=True, eq=False)
class RgbdImage:
    """One image of the scene.

    Attributes:
        pixels: uint8 BGR [H,W,3].
        depth: uint16 [H,W], of the same pixels [mm]; 0 where there is none.
        places: Of each walker: to the right and in front of the camera [m].
    """

    pixels: NDArray[np.uint8]
    depth: NDArray[np.uint16]
    places: tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Cutout:
    """A person without what is around them: uint8 BGR [h,w,3], and bool [h,w]."""

    pixels: NDArray[np.uint8]
    mask: NDArray[np.bool_]


def images(walkers: Sequence[Walker] = WALKERS) -> Iterator[RgbdImage]:
    """The images of the scene, in order; the same each time."""
    cutouts = [cut_out(walker) for walker in walkers]
    rng = np.random.default_rng(1)
    for index in range(round(SECONDS * RATE)):
        places = tuple(walker.place(index / RATE) for walker in walkers)
        pixels, depth = _background()
        # From the farthest to the nearest.
        for row in sorted(range(len(walkers)), key=lambda row: -places[row][1]):
            _paste(pixels, depth, cutouts[row], walkers[row].height, places[row])
        yield RgbdImage(pixels, _as_kinect(depth, rng), places)


def cut_out(walker: Walker) -> Cutout:
    """Cuts a person out of a sample clip."""
    with open_source(sample_clip(walker.clip)) as source:
        picture: Picture = next(iter(source)).picture()
    image, (x, y, width, height) = to_bgr(picture), walker.box
    marks = np.zeros(image.shape[:2], np.uint8)
    cv2.setRNGSeed(0)
    cv2.grabCut(image, marks, walker.box, np.zeros((1, 65)), np.zeros((1, 65)), 5,
                cv2.GC_INIT_WITH_RECT)
    body = ((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(body)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    x, y, width, height = stats[largest, :4].tolist()
    inside = slice(y, y + height), slice(x, x + width)
    return Cutout(image[inside], labels[inside] == largest)


def _background() -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The wall and the floor: pixels, and depth [m]."""
    below = (np.arange(HEIGHT) - CENTRE[1]) / FOCAL
    floor = np.where(below > 0, CAMERA_HEIGHT / np.maximum(below, 1e-6), np.inf)
    depth = np.repeat(np.minimum(floor, WALL)[:, None], WIDTH, axis=1)
    pixels = np.full((HEIGHT, WIDTH, 3), WALL_COLOUR, np.uint8)
    pixels[:, np.arange(WIDTH) // 40 % 2 == 0] = STRIPE_COLOUR
    pixels[floor < WALL] = FLOOR_COLOUR
    return pixels, depth


def _paste(pixels: NDArray[np.uint8], depth: NDArray[np.float64], cutout: Cutout, metres: float,
           place: tuple[float, float]) -> None:
    """Puts a person into the image, feet on the floor."""
    x, z = place
    height = round(FOCAL * metres / z)
    width = round(height * cutout.mask.shape[1] / cutout.mask.shape[0])
    left = round(CENTRE[0] + FOCAL * x / z - width / 2)
    top = round(CENTRE[1] + FOCAL * CAMERA_HEIGHT / z) - height
    body = cv2.resize(cutout.pixels, (width, height), interpolation=cv2.INTER_AREA)
    mask = cv2.resize(cutout.mask.astype(np.uint8), (width, height)) > 0
    inwards = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    relief = z + BULGE * (0.5 - inwards / max(inwards.max(), 1.0))
    rows = slice(max(top, 0), min(top + height, HEIGHT))
    columns = slice(max(left, 0), min(left + width, WIDTH))
    part = (slice(rows.start - top, rows.stop - top),
            slice(columns.start - left, columns.stop - left))
    pixels[rows, columns][mask[part]] = body[part][mask[part]]
    depth[rows, columns][mask[part]] = relief[part][mask[part]]


def _as_kinect(depth: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.uint16]:
    """What a Kinect measures of it [mm]."""
    inverse = np.rint(1 / depth / DEPTH_STEP) * DEPTH_STEP
    millimetres = np.rint(1000 / inverse).astype(np.uint16)
    # To the left of an edge, the nearer surface is in the way of the projector's light.
    shadow = np.zeros(depth.shape, bool)
    for shift in range(1, 16):
        parallax = FOCAL * BASELINE * (1 / depth[:, shift:] - 1 / depth[:, :-shift])
        shadow[:, :-shift] |= parallax > shift
    millimetres[shadow | (rng.random(depth.shape) < SPECKLES)] = 0
    return millimetres
