"""The worst cases at a glance: what is annotated, and what was found instead."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.skeleton import EDGES
from movenet_ros.errors import SinkError
from movenet_ros.images.overlay import to_bgr
from movenet_ros.measure.accuracy.accuracy import Case
from movenet_ros.measure.accuracy.pictures import ModeAccuracy
from movenet_ros.measure.report.files import write

TILE = 240
COLUMNS = 6
TITLE = 22
TRUTH, FOUND, WHITE = (0, 200, 0), (60, 60, 255), (255, 255, 255)
"""BGR: green for the annotation, red for the pose."""
MARGIN = 1.6
"""How much larger than the annotated keypoints the part of the picture is that is shown."""
QUALITY = 80

Image = NDArray[np.uint8]


def worst(cases: Iterable[Case], count: int = COLUMNS) -> list[Case]:
    """The people met worst, one per picture; of equally bad ones the largest first."""
    chosen: dict[int, Case] = {}
    for case in sorted(cases, key=lambda case: (round(case.oks, 2), -case.area)):
        chosen.setdefault(case.shot.id, case)
    return list(chosen.values())[:count]


def write_sheet(path: Path, results: Sequence[ModeAccuracy]) -> None:
    """Draws a row for each mode: its worst cases, with their OKS.

    Args:
        path: Its ending, .png or .jpg, chooses the format.
        results: Of the modes.

    Raises:
        SinkError: The file cannot be written.
    """
    import cv2
    rows = [_row(result) for result in results]
    ending = path.suffix.lower() or '.png'
    options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY] if ending in ('.jpg', '.jpeg') else []
    try:
        done, content = cv2.imencode(ending, np.vstack(rows), options)
    except cv2.error as error:
        raise SinkError(f'{path}: OpenCV cannot write {ending}; end it in .png or .jpg') from error
    if not done:
        raise SinkError(f'{path}: the picture could not be encoded')
    write(path, content.tobytes())


def _row(result: ModeAccuracy) -> Image:
    row = np.zeros((TILE + TITLE, COLUMNS * TILE, 3), np.uint8)
    _text(row, f'{result.mode}: annotated green, found red, OKS', (6, 16))
    for index, case in enumerate(worst(result.accuracy.cases)):
        row[TITLE:, index * TILE:(index + 1) * TILE] = _tile(case)
    return row


def _tile(case: Case) -> Image:
    import cv2
    low, side = _window(case)
    scale = TILE / side
    matrix = np.array([[scale, 0, -low[0] * scale], [0, scale, -low[1] * scale]])
    tile = np.asarray(cv2.warpAffine(to_bgr(case.shot.picture()), matrix, (TILE, TILE)), np.uint8)
    seen = case.truth[:, 2] > 0
    if case.found is not None:
        _draw(tile, (case.found - low) * scale, np.ones(len(seen), np.bool_), FOUND)
    _draw(tile, (case.truth[:, :2] - low) * scale, seen, TRUTH)
    _text(tile, f'{case.shot.path.stem}  {case.oks:.2f}', (4, TILE - 6))
    return tile


def _window(case: Case) -> tuple[NDArray[np.float64], float]:
    """Corner and side of the square to be shown [px]."""
    xy = case.truth[case.truth[:, 2] > 0, :2]
    low, high = xy.min(axis=0), xy.max(axis=0)
    side = max(float(np.max(high - low)), float(np.sqrt(case.area))) * MARGIN
    return (low + high - side) / 2, side


def _draw(image: Image, xy: NDArray[np.float64], seen: NDArray[np.bool_],
          colour: tuple[int, int, int]) -> None:
    import cv2
    # Far outside OpenCV's coordinates overflow.
    places = np.clip(np.rint(xy), -9999, 9999).astype(int).tolist()
    for start, end in EDGES:
        if seen[start] and seen[end]:
            cv2.line(image, places[start], places[end], colour, 1, cv2.LINE_AA)
    for place, shown in zip(places, seen, strict=True):
        if shown:
            cv2.circle(image, place, 2, colour, -1, cv2.LINE_AA)


def _text(image: Image, text: str, place: tuple[int, int]) -> None:
    import cv2
    cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, WHITE, 1, cv2.LINE_AA)
