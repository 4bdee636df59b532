"""The pictures that `movenet evaluate --plot` draws, with matplotlib and without a display."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from movenet_ros.images.overlay import PALETTE
from movenet_ros.measure.accuracy.pictures import ModeAccuracy
from movenet_ros.measure.accuracy.report import Row
from movenet_ros.measure.accuracy.sweep import plain
from movenet_ros.measure.report.figures import colour, figure, save

OKS_DRAWN = (0, 5)
"""Of the ten OKS thresholds, 0.50 and 0.75."""
DASHES = ('-', '--', ':', '-.')
MARKS = 'osD^v<>ph*'


def plot_precision(path: Path, results: Sequence[ModeAccuracy]) -> None:
    """Precision against recall of every mode at OKS 0.50 and 0.75, and accuracy against time.

    Raises:
        SinkError: The file cannot be written.
        MovenetError: matplotlib is not installed.
    """
    picture, panels = figure(18.0, len(OKS_DRAWN) + 1)
    _draw_time(panels[-1], results)
    for panel, threshold in zip(panels, OKS_DRAWN, strict=False):
        for index, result in enumerate(results):
            curve = result.accuracy.precision[threshold]
            # COCO marks what it has no value for with -1, and goes down to 0 at the end.
            reached = curve > 0
            panel.plot(result.accuracy.recall[reached], curve[reached], _dash(index),
                       color=colour(index), label=f'{result.mode}  AP {result.accuracy.ap:.3f}')
        panel.set(title=f'OKS {0.5 + 0.05 * threshold:.2f}', xlabel='recall', ylabel='precision',
                  xlim=(0, 1), ylim=(0, 1.02))
        panel.grid(alpha=0.3)
    panels[-1].legend(loc='upper left', bbox_to_anchor=(1.02, 1.0), fontsize='small')
    save(picture, path)


def _draw_time(panel: Any, results: Sequence[ModeAccuracy]) -> None:
    for index, result in enumerate(results):
        panel.plot(result.ms_per_image, result.accuracy.ap, MARKS[index % len(MARKS)],
                   color=colour(index), label=f'{result.mode}  AP {result.accuracy.ap:.3f}')
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
    picture, panels = figure(6.0 * min(2, len(clips)), min(2, len(clips)), -(-len(clips) // 2))
    for panel, (clip, model) in zip(panels, clips, strict=False):
        _draw_curves(panel, [row for row in rows if (row['clip'], row['model']) == (clip, model)],
                     varied)
        # a $ would begin a formula
        title = f'{clip}, {model}'.replace('$', r'\$')
        panel.set(title=title, xlabel='lag [ms]', ylabel='jitter [px of 640]')
        panel.set_ylim(bottom=0)
        panel.grid(alpha=0.3)
    for panel in panels[len(clips):]:
        panel.set_visible(False)
    save(picture, path)


def _draw_curves(panel: Any, rows: Sequence[Row], varied: Sequence[str]) -> None:
    curves: dict[str, list[Row]] = {}
    for row in rows:
        curves.setdefault(_values(row, varied[:-1]), []).append(row)
    for index, (label, curve) in enumerate(curves.items()):
        known = [row for row in curve if None not in (row['lag_ms'], row['jitter_px_640'])]
        panel.plot([row['lag_ms'] for row in known], [row['jitter_px_640'] for row in known],
                   marker=MARKS[index % len(MARKS)], linestyle=_dash(index),
                   color=colour(index), label=label or None)
        for row in known:
            panel.annotate(_values(row, varied[-1:], named=False),
                           (row['lag_ms'], row['jitter_px_640']), fontsize='x-small',
                           xytext=(4, 4), textcoords='offset points')
    if len(varied) > 1:
        panel.legend(fontsize='small', title=f'at the dots: {varied[-1]}',
                     title_fontsize='x-small')


def _values(row: Row, names: Sequence[str], *, named: bool = True) -> str:
    return ', '.join((f'{name}=' if named else '') + plain(row[name]) for name in names)


def _dash(index: int) -> str:
    return DASHES[index // len(PALETTE) % len(DASHES)]
