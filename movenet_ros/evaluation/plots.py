"""The pictures that `movenet evaluate --plot` draws, with matplotlib and without a display."""
from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from movenet_ros.evaluation.pictures import ModeAccuracy
from movenet_ros.evaluation.report import Row, write
from movenet_ros.evaluation.sweep import plain
from movenet_ros.evaluation.tools import tool
from movenet_ros.media.overlay import PALETTE

OKS_DRAWN = (0, 5)
"""Of the ten OKS thresholds, 0.50 and 0.75."""
DASHES = ('-', '--', ':', '-.')
MARKS = 'osD^v<>ph*'
DOTS_PER_INCH = 80


def plot_precision(path: Path, results: Sequence[ModeAccuracy]) -> None:
    """Precision against recall of every mode at OKS 0.50 and 0.75, and accuracy against time.

    Raises:
        SinkError: The file cannot be written.
        MovenetError: matplotlib is not installed.
    """
    figure, panels = _figure(18.0, len(OKS_DRAWN) + 1)
    _draw_time(panels[-1], results)
    for panel, threshold in zip(panels, OKS_DRAWN, strict=False):
        for index, result in enumerate(results):
            curve = result.accuracy.precision[threshold]
            # COCO marks what it has no value for with -1, and goes down to 0 at the end.
            reached = curve > 0
            panel.plot(result.accuracy.recall[reached], curve[reached], _dash(index),
                       color=_colour(index), label=f'{result.mode}  AP {result.accuracy.ap:.3f}')
        panel.set(title=f'OKS {0.5 + 0.05 * threshold:.2f}', xlabel='recall', ylabel='precision',
                  xlim=(0, 1), ylim=(0, 1.02))
        panel.grid(alpha=0.3)
    panels[-1].legend(loc='upper left', bbox_to_anchor=(1.02, 1.0), fontsize='small')
    _save(figure, path)


def _draw_time(panel: Any, results: Sequence[ModeAccuracy]) -> None:
    for index, result in enumerate(results):
        panel.plot(result.ms_per_image, result.accuracy.ap, MARKS[index % len(MARKS)],
                   color=_colour(index), label=f'{result.mode}  AP {result.accuracy.ap:.3f}')
    panel.set(title='accuracy against time', xlabel='ms per image', ylabel='AP', xscale='log')
    panel.set_ylim(bottom=0)
    panel.grid(alpha=0.3, which='both')


def plot_motion(path: Path, rows: Sequence[Row], varied: Sequence[str]) -> None:
    """Jitter against lag, a dot for each row, joined where only the last parameter differs.

    Args:
        path: Of the picture.
        rows: With `clip`, `model`, `jitter_px_640`, `lag_ms` and the values of `varied`.
        varied: Names of parameters.

    Raises:
        SinkError: The file cannot be written.
        MovenetError: matplotlib is not installed.
    """
    clips = list(dict.fromkeys((row['clip'], row['model']) for row in rows))
    figure, panels = _figure(6.0 * min(2, len(clips)), min(2, len(clips)), -(-len(clips) // 2))
    for panel, (clip, model) in zip(panels, clips, strict=False):
        _draw_curves(panel, [row for row in rows if (row['clip'], row['model']) == (clip, model)],
                     varied)
        panel.set(title=f'{clip}, {model}', xlabel='lag [ms]', ylabel='jitter [px of 640]')
        panel.set_ylim(bottom=0)
        panel.grid(alpha=0.3)
    for panel in panels[len(clips):]:
        panel.set_visible(False)
    _save(figure, path)


def _draw_curves(panel: Any, rows: Sequence[Row], varied: Sequence[str]) -> None:
    curves: dict[str, list[Row]] = {}
    for row in rows:
        curves.setdefault(_values(row, varied[:-1]), []).append(row)
    for index, (label, curve) in enumerate(curves.items()):
        known = [row for row in curve if None not in (row['lag_ms'], row['jitter_px_640'])]
        panel.plot([row['lag_ms'] for row in known], [row['jitter_px_640'] for row in known],
                   marker=MARKS[index % len(MARKS)], linestyle=_dash(index),
                   color=_colour(index), label=label or None)
        for row in known:
            panel.annotate(_values(row, varied[-1:], named=False),
                           (row['lag_ms'], row['jitter_px_640']), fontsize='x-small',
                           xytext=(4, 4), textcoords='offset points')
    if len(varied) > 1:
        panel.legend(fontsize='small', title=f'at the dots: {varied[-1]}',
                     title_fontsize='x-small')


def _values(row: Row, names: Sequence[str], *, named: bool = True) -> str:
    return ', '.join((f'{name}=' if named else '') + plain(row[name]) for name in names)


def _figure(width: float, columns: int, rows: int = 1) -> tuple[Any, list[Any]]:
    figure = tool('matplotlib.figure').Figure(figsize=(width, 4.5 * rows), dpi=DOTS_PER_INCH,
                                              layout='constrained')
    # A bare Figure draws without a window; pyplot would look for a display.
    tool('matplotlib.backends.backend_agg').FigureCanvasAgg(figure)
    return figure, list(np.ravel(figure.subplots(rows, columns)))


def _save(figure: Any, path: Path) -> None:
    content = io.BytesIO()
    figure.savefig(content, format='png')
    write(path, content.getvalue())


def _colour(index: int) -> tuple[float, ...]:
    return tuple(value / 255 for value in PALETTE[index % len(PALETTE)][::-1])


def _dash(index: int) -> str:
    return DASHES[index // len(PALETTE) % len(DASHES)]
