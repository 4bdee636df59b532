"""People cut out of annotated pictures."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.skeleton import LEFT_ANKLE, MIRRORED, RIGHT_ANKLE
from movenet_ros.errors import SourceError
from movenet_ros.images.overlay import to_bgr
from movenet_ros.measure.accuracy.dataset import AnnotatedImage, Dataset

MIN_KEYPOINTS = 12
MIN_HEIGHT = 200
"""Smaller people are blurred when they are drawn large [px]."""
MIN_SLIMNESS = 1.3
"""Height over width: people who stand."""
MAX_SPREAD = 2.0
"""Width of the mask over that of the keypoints; with skis in the mask it is more."""
EDGE = 3
"""A box that is nearer to the edge of its picture may be cut there [px]."""
REACH = 4
"""How far outside of a mask a keypoint may lie: polygons and keypoints are drawn by hand [px]."""

LARGEST_COORDINATE = 2**20
"""Corners of polygons that are farther away are a mistake in the file [px]."""

HIDDEN, SEEN = 1, 2
"""Visibility of a keypoint in COCO's terms; 0 is not labelled."""


@dataclass(frozen=True, eq=False)
class CutOut:
    """A person without their surroundings.

    Attributes:
        pixels: uint8 BGR [H,W,3].
        mask: uint8 [H,W], 255 where the person is, with a soft rim.
        keypoints: float64 [17,3], x, y [px] and visibility.
    """

    pixels: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    keypoints: NDArray[np.float64]

    def mirrored(self) -> CutOut:
        """The same person with left and right exchanged."""
        keypoints = self.keypoints[list(MIRRORED)]
        keypoints[:, 0] = self.mask.shape[1] - keypoints[:, 0]
        return CutOut(self.pixels[:, ::-1], self.mask[:, ::-1], keypoints)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A person who can be cut out.

    Attributes:
        shot: The picture.
        annotation: COCO's, with polygons.
    """

    shot: AnnotatedImage
    annotation: Mapping[str, Any]


def candidates(dataset: Dataset, wanted: int) -> list[Candidate]:
    """The people who can be cut out; if enough of them are whole and stand, only those.

    Args:
        dataset: Pictures and annotations.
        wanted: How many are needed.

    Raises:
        SourceError: There is none, or polygons are malformed or outside of their picture.
    """
    shots = {shot.id: shot for shot in dataset.shots}
    found = [Candidate(shots[item['image_id']], item) for item in dataset.annotations
             if _usable(item)]
    if not found:
        raise SourceError(
            f'none of the {len(dataset.annotations)} annotated people can be cut out: that takes '
            f'polygons, {MIN_KEYPOINTS} keypoints and a height of {MIN_HEIGHT} px')
    whole = [candidate for candidate in found if _whole(candidate)]
    return whole if len(whole) >= wanted else found


def cut_out(candidate: Candidate) -> CutOut:
    """Reads the picture and cuts the person out.

    Raises:
        ImageError: The picture cannot be read.
        SourceError: It has another size than its annotations were made on, or the polygons are
            malformed or outside of it.
    """
    import cv2
    image = to_bgr(candidate.shot.picture())
    mask = _mask(candidate.annotation, (image.shape[0], image.shape[1]))
    left, top, width, height = cv2.boundingRect(mask)
    window = slice(top, top + height), slice(left, left + width)
    keypoints = _keypoints(candidate.annotation)
    outside = ~_inside(mask, keypoints)
    keypoints[outside, 2] = np.minimum(keypoints[outside, 2], HIDDEN)
    keypoints[:, :2] -= left, top
    # A pixel off all around, then blurred: the rim holds no colour of the surroundings.
    core = cv2.erode(mask, np.ones((3, 3), np.uint8), borderValue=0)
    soft = np.asarray(cv2.GaussianBlur(core, (3, 3), 0), np.uint8)
    return CutOut(image[window], np.minimum(soft, mask)[window], keypoints)


def _usable(annotation: Mapping[str, Any]) -> bool:
    polygons = annotation.get('segmentation')
    return (isinstance(polygons, list) and bool(polygons) and not annotation.get('iscrowd')
            and annotation['num_keypoints'] >= MIN_KEYPOINTS
            and annotation['bbox'][3] >= MIN_HEIGHT)


def _whole(candidate: Candidate) -> bool:
    """Whether the person stands, is not cut at the edge of the picture, and not hidden."""
    left, top, width, height = candidate.annotation['bbox']
    keypoints = _keypoints(candidate.annotation)
    if candidate.shot.size is None or not keypoints[[LEFT_ANKLE, RIGHT_ANKLE], 2].all():
        return False
    right, bottom = candidate.shot.size[0] - EDGE, candidate.shot.size[1] - EDGE
    if min(left, top) < EDGE or left + width > right or top + height > bottom:
        return False
    mask = _mask(candidate.annotation, candidate.shot.size[::-1])
    labelled = keypoints[:, 2] > 0
    if height < MIN_SLIMNESS * width or width > MAX_SPREAD * np.ptp(keypoints[labelled, 0]):
        return False
    # Where something hides a part of the person, a keypoint lies outside of the mask.
    return bool(_inside(mask, keypoints)[labelled].all())


def _keypoints(annotation: Mapping[str, Any]) -> NDArray[np.float64]:
    """float64 [17,3]; whoever labelled a hidden keypoint within the person saw where it is."""
    keypoints = np.array(annotation['keypoints'], np.float64).reshape(-1, 3)
    keypoints[:, 2] = np.where(keypoints[:, 2] > 0, SEEN, 0)
    return keypoints


def _mask(annotation: Mapping[str, Any], shape: tuple[int, int]) -> NDArray[np.uint8]:
    import cv2
    mask = np.zeros(shape, np.uint8)
    # One by one: where two of them overlap, together they would leave a hole.
    for polygon in _polygons(annotation):
        cv2.fillPoly(mask, [polygon], 255)
    if not mask.any():
        raise SourceError(f'annotation {annotation["id"]}: its polygons lie outside of the picture')
    return mask


def _polygons(annotation: Mapping[str, Any]) -> list[NDArray[np.int32]]:
    """The corners of each polygon, int32 [K,2] [px]."""
    try:
        polygons = [np.array(polygon, np.float64).reshape(-1, 2)
                    for polygon in annotation['segmentation']]
    except (TypeError, ValueError):
        polygons = []
    if not polygons or not all(len(corners) and (np.abs(corners) < LARGEST_COORDINATE).all()
                               for corners in polygons):
        raise SourceError(f'annotation {annotation["id"]}: each polygon of its segmentation must '
                          'be a list of x, y, x, y, ... [px]')
    return [np.rint(corners).astype(np.int32) for corners in polygons]


def _inside(mask: NDArray[np.uint8], keypoints: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which keypoints lie in the mask, or next to it."""
    import cv2
    near = cv2.dilate(mask, np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8))
    columns = np.clip(keypoints[:, 0].astype(int), 0, mask.shape[1] - 1)
    rows = np.clip(keypoints[:, 1].astype(int), 0, mask.shape[0] - 1)
    return np.asarray(near[rows, columns] > 0)
