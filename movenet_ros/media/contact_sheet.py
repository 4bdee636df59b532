"""Contact sheets: a clip at a glance."""
from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import OverlayConfig
from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import SinkError
from movenet_ros.media.drafts import Draft, told
from movenet_ros.media.overlay import draw
from movenet_ros.media.results import Result, Sink
from movenet_ros.media.video_writer import fit

COLUMNS, MAX_TILES = 4, 12
TILE = 320
GAP = 4
GROUND = 32


class ContactSheetSink(Sink):
    """Draws results evenly spread over the whole run in a grid, each with its time.

    How long the run is need not be known: every second picture is dropped whenever there
    are too many, so memory holds at most twice as many as the sheet shows.
    """

    def __init__(self, path: Path, overlay: OverlayConfig, *, total: int | None = None) -> None:
        """Makes the place for the sheet.

        Args:
            path: The file; its ending, e.g. .png, chooses the format.
            overlay: What to draw.
            total: How many results to expect; saves drawing some for nothing.

        Raises:
            SinkError: The place cannot be written to.
        """
        super().__init__()
        self._path, self._overlay = path, overlay
        self._draft = Draft(path)
        self._stride = max(1, -(-(total or 0) // MAX_TILES))
        self._first_ns = 0
        self._tiles: list[NDArray[np.uint8]] = []

    def _write(self, result: Result) -> None:
        if not self._written:
            self._first_ns = result.stamp_ns
        if self._written % self._stride:
            return
        if len(self._tiles) == 2 * MAX_TILES:
            self._tiles = self._tiles[::2]
            self._stride *= 2
        self._tiles.append(self._tile(result))

    def _tile(self, result: Result) -> NDArray[np.uint8]:
        import cv2
        image = draw(result.picture, result.poses, self._overlay)
        ratio = min(1.0, TILE / max(image.shape[:2]))
        image = fit(image, *(max(1, round(side * ratio)) for side in image.shape[1::-1]))
        text = f'{(result.stamp_ns - self._first_ns) / NANOSECONDS:.2f} s'
        place = (6, image.shape[0] - 8)
        for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thickness,
                        cv2.LINE_AA)
        return image

    def _finish(self) -> None:
        import cv2
        if not self._tiles:
            raise SinkError(f'{self._path}: there was no image to draw')
        good, encoded = cv2.imencode(self._path.suffix, self._sheet())
        if not good:
            raise SinkError(f'{self._path}: OpenCV cannot write such a file')
        with told(self._path):
            self._draft.path.write_bytes(encoded.tobytes())
        self._draft.publish()

    def _sheet(self) -> NDArray[np.uint8]:
        count = min(MAX_TILES, len(self._tiles))
        chosen = np.linspace(0, len(self._tiles) - 1, count).round().astype(int)
        tiles = [self._tiles[index] for index in chosen]
        high, wide = (max(tile.shape[axis] for tile in tiles) for axis in (0, 1))
        columns = min(COLUMNS, count)
        rows = -(-count // columns)
        sheet = np.full((rows * (high + GAP) + GAP, columns * (wide + GAP) + GAP, 3), GROUND,
                        np.uint8)
        for index, tile in enumerate(tiles):
            row, column = divmod(index, columns)
            top, left = GAP + row * (high + GAP), GAP + column * (wide + GAP)
            sheet[top:top + tile.shape[0], left:left + tile.shape[1]] = tile
        return sheet

    def _discard(self) -> None:
        self._tiles.clear()
        self._draft.discard()
