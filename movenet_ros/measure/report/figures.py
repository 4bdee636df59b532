"""Pictures of results, drawn by matplotlib without a display."""
from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from movenet_ros.images.overlay import PALETTE
from movenet_ros.measure.report.files import write
from movenet_ros.measure.report.tools import tool

DOTS_PER_INCH = 80
HEIGHT = 4.5
"""Of one row of panels [inch]."""


def figure(width: float, columns: int, rows: int = 1) -> tuple[Any, list[Any]]:
    """An empty picture with its panels, row by row.

    Args:
        width: Of the picture [inch].
        columns: Of panels.
        rows: Of panels.

    Raises:
        MovenetError: matplotlib is not installed.
    """
    picture = tool('matplotlib.figure').Figure(figsize=(width, HEIGHT * rows), dpi=DOTS_PER_INCH,
                                               layout='constrained')
    # A bare Figure draws without a window; pyplot would look for a display.
    tool('matplotlib.backends.backend_agg').FigureCanvasAgg(picture)
    return picture, list(np.ravel(picture.subplots(rows, columns)))


def save(picture: Any, path: Path) -> None:
    """Writes the picture as a PNG.

    Raises:
        SinkError: The file cannot be written.
    """
    content = io.BytesIO()
    picture.savefig(content, format='png')
    write(path, content.getvalue())


def colour(index: int) -> tuple[float, ...]:
    """A colour that colour-blind people can distinguish from the others; RGB, 0 to 1."""
    return tuple(value / 255 for value in PALETTE[index % len(PALETTE)][::-1])
