"""One picture of what was measured: where the time goes, what DDS adds, what cameras share."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from movenet_ros.measure.report.figures import colour, figure, save
from movenet_ros.measure.speed.options import TITLES
from movenet_ros.measure.speed.result import Part

Data = Mapping[str, Any]
PANEL = 6.5
"""Width of a panel [inch]."""
THREADS = 1
"""Of the rows that are drawn."""
NAMES = {'node': 'this node', 'baseline': 'a straightforward node', 'hop': 'the hop alone'}


def plot_report(path: Path, parts: Sequence[Part]) -> None:
    """Draws what was measured, a panel for each part that there is something to see of.

    Raises:
        SinkError: The file cannot be written.
        MovenetError: matplotlib is not installed.
    """
    data = {part.name: part.data for part in parts}
    drawn = [(draw, data[name]) for name, key, least, draw in PANELS
             if len(data.get(name, {}).get(key, ())) >= least]
    picture, panels = figure(PANEL * max(1, len(drawn)), max(1, len(drawn)))
    for panel, (draw, numbers) in zip(panels, drawn, strict=False):
        draw(panel, numbers)
        panel.grid(alpha=0.3)
        panel.set_axisbelow(True)
    for panel in panels[len(drawn):]:
        panel.set_visible(False)
    save(picture, path)


def _draw_steps(panel: Any, data: Data) -> None:
    """Time per image by step, a bar for each network and size."""
    rows = [row for row in data['settings'] if row['threads'] == THREADS] or data['settings']
    labels = [f'{TITLES[row["model"]]}, {row["size"]}' for row in rows]
    left = np.zeros(len(rows))
    for index, step in enumerate(rows[0]['steps_ms']):
        taken = [row['steps_ms'][step] for row in rows]
        panel.barh(labels, taken, left=left, color=colour(index), label=step)
        left += taken
    for row, end in zip(rows, left, strict=True):
        panel.annotate(f'x {row["ratio"]["median"]:.2f}', (end, rows.index(row)),
                       xytext=(4, 0), textcoords='offset points', va='center', fontsize='small')
    panel.set(title='the pipeline; x: times the bare network',
              xlabel=f'ms per image, threads: {rows[0]["threads"]}', xlim=(0, 1.15 * left.max()))
    panel.invert_yaxis()
    panel.legend(fontsize='small', loc='lower right')


def _draw_latency(panel: Any, data: Data) -> None:
    """From the stamp to the received message: half, and 95 %."""
    sizes = data['latency_ms']
    kinds = [kind for kind in NAMES if any(kind in size for size in sizes.values())]
    height = 0.8 / len(kinds)
    for index, kind in enumerate(kinds):
        for row, taken in enumerate(size.get(kind) for size in sizes.values()):
            if not taken:
                continue
            half, most = np.percentile(taken, (50, 95))
            place = row - 0.4 + (index + 0.5) * height
            panel.barh(place, half, height, color=colour(index),
                       label=None if row else NAMES[kind])
            panel.plot((half, most), (place, place), color=colour(index), marker='|')
            panel.annotate(f'{half:.1f}', (0, place), xytext=(4, 0), va='center',
                           textcoords='offset points', fontsize='small')
    panel.set(title='the node: from the stamp to the received poses',
              xlabel='ms; bar: p50, line: p95',
              yticks=range(len(sizes)), yticklabels=list(sizes))
    panel.invert_yaxis()
    panel.legend(fontsize='small')


def _draw_cameras(panel: Any, data: Data) -> None:
    """Rate of all cameras together against their number."""
    panel.plot(data['cameras'], data['rate'], 'o-', color=colour(0), label='all cameras together')
    if data.get('engine_rate'):
        panel.axhline(data['engine_rate'], color=colour(1), linestyle='--',
                      label='the bare network')
    panel.set(title='several cameras', xlabel='cameras', ylabel='images/s', xticks=data['cameras'])
    panel.set_ylim(bottom=0)
    panel.legend(fontsize='small', loc='lower right')


def _draw_engines(panel: Any, data: Data) -> None:
    """Time of a call of each network, a bar for each engine and precision."""
    rows = [row for row in data['settings'] if row['batch'] == data['batches'][0]]
    rows = [row for row in rows if row['threads'] == rows[0]['threads']]
    labels = [f'{TITLES[row["model"]]}, {row["engine"]} {row["precision"]}' for row in rows]
    models = list(dict.fromkeys(row['model'] for row in rows))
    bars = panel.barh(labels, [row['ms']['p50'] for row in rows],
                      color=[colour(models.index(row['model'])) for row in rows])
    panel.bar_label(bars, fmt='%.1f', padding=3, fontsize='small')
    panel.set(title='the bare networks', xlabel='ms per call, p50, threads: '
              f'{rows[0]["threads"]}, pictures: {data["batches"][0]}')
    panel.invert_yaxis()
    panel.margins(x=0.12)
    panel.tick_params(axis='y', labelsize='x-small')


def _draw_batches(panel: Any, data: Data) -> None:
    """Rate of the bare networks against the size of the batch, where an engine has batches."""
    curves: dict[str, list[Data]] = {}
    for row in data['settings']:
        curves.setdefault(f'{TITLES[row["model"]]}, {row["engine"]} {row["precision"]}, '
                          f'threads: {row["threads"]}', []).append(row)
    several = [(label, rows) for label, rows in curves.items() if len(rows) > 1]
    for index, (label, rows) in enumerate(several):
        panel.plot([row['batch'] for row in rows],
                   [1000.0 * row['batch'] / row['ms']['p50'] for row in rows], 'o-',
                   color=colour(index), label=label)
    panel.set(title='batches', xlabel='pictures per call', ylabel='pictures/s', xscale='log',
              yscale='log')
    panel.set_xticks(data['batches'], labels=data['batches'])
    panel.legend(fontsize='x-small')


PANELS: tuple[tuple[str, str, int, Callable[[Any, Data], None]], ...] = (
    ('engine', 'runtimes', 2, _draw_engines), ('engine', 'batches', 2, _draw_batches),
    ('chain', 'settings', 1, _draw_steps), ('node', 'latency_ms', 1, _draw_latency),
    ('cameras', 'cameras', 1, _draw_cameras))
"""A part, what there must be in its data, how many of it at least, and what draws it."""
