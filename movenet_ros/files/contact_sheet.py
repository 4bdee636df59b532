"""Contact sheets: a clip at a glance."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config.declarations import OverlayConfig
from movenet_ros.core.types import NANOSECONDS, Picture, Poses
from movenet_ros.errors import SinkError
from movenet_ros.files.atomic_output import AtomicOutput, as_output_error
from movenet_ros.files.sink import Result, Sink
from movenet_ros.files.videos.writer import fit
from movenet_ros.images.overlay import draw, to_bgr

COLUMNS, MAX_TILES = 4, 12
TILE = 480  # px
GAP = 4
GROUND = 32
# Height of a tile for text of full size [px].
FULL_TEXT = 160


class ContactSheetSink(Sink):
    """Draws results evenly spread over the whole run in a grid, each with its time.

    Poses are drawn on the shrunk pictures, so that lines and labels have the size of a tile.
    Stills have their number instead of a time.

    How long the run is need not be known: every second picture is dropped whenever there
    are too many, so memory holds at most twice as many as the sheet shows.
    """

    def __init__(self, path: Path, overlay: OverlayConfig, *, stills: bool = False) -> None:
        """Makes the place for the sheet.

        Args:
            path: The file; its ending, e.g. .png, chooses the format.
            overlay: What to draw.
            stills: Whether the results have nothing to do with one another.

        Raises:
            SinkError: The place cannot be written to.
        """
        super().__init__()
        self._path, self._overlay, self._stills = path, overlay, stills
        self._output = AtomicOutput(path)
        self._stride = 1
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
        image = shrunk(result.picture, result.poses, self._overlay, TILE,
                       result.observation.target.id)
        time = (result.stamp_ns - self._first_ns) / NANOSECONDS
        text = str(self._written + 1) if self._stills else f'{time:.2f} s'
        scale = 0.5 * max(0.8, min(1.0, image.shape[0] / FULL_TEXT))
        place = (round(12 * scale), image.shape[0] - round(16 * scale))
        for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, thickness,
                        cv2.LINE_AA)
        return image

    def _finish(self) -> None:
        import cv2
        if not self._tiles:
            raise SinkError(f'{self._path}: there was no image to draw')
        good, encoded = cv2.imencode(self._path.suffix, self._sheet())
        if not good:
            raise SinkError(f'{self._path}: OpenCV cannot write such a file')
        with as_output_error(self._path):
            self._output.path.write_bytes(encoded.tobytes())
        self._output.publish()

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
        self._output.discard()


def shrunk(picture: Picture, poses: Poses, options: OverlayConfig, side: int,
           target: int = 0) -> NDArray[np.uint8]:
    """The picture with the poses on it, at most `side` px high and wide.

    Args:
        picture: Any size.
        poses: In pixels of the picture.
        options: What to draw; a line width in pixels of the picture.
        side: Longest side of the result [px].
        target: Id of the chosen person; 0 for none.

    Returns:
        A fresh image, uint8 BGR [H,W,3].
    """
    ratio = min(1.0, side / max(picture.width, picture.height))
    if ratio == 1.0:
        return draw(picture, poses, options, target)
    size = [max(1, round(length * ratio)) for length in (picture.width, picture.height)]
    small = fit(to_bgr(picture), *size)
    width = options.line_width and max(1, round(options.line_width * ratio))
    return draw(Picture(small, 'bgr'),
                replace(poses, xy=poses.xy * np.float32(ratio), box=poses.box * np.float32(ratio)),
                replace(options, line_width=width), target)
