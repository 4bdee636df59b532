"""Measures accuracy, false positives, jitter and lag of the poses.

On annotated pictures: COCO's AP and AR. On pictures without people: false positives. On clips:
jitter and lag of the filter, gaps, ids. Needs the extra `evaluate`.
"""
from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from movenet_ros.cli.console import log, show_lines
from movenet_ros.cli.exit_codes import OK
from movenet_ros.cli.options import add_parameters, add_pictures, config, warn_without_effect
from movenet_ros.config import Config, find
from movenet_ros.config.parameter import Value
from movenet_ros.core.network import Network
from movenet_ros.engines.loading import load_network
from movenet_ros.errors import ParameterError
from movenet_ros.files.sources import open_source
from movenet_ros.measure.accuracy.clip import Moment, run_clip
from movenet_ros.measure.accuracy.dataset import read_dataset, read_folder
from movenet_ros.measure.accuracy.identity import read_truth
from movenet_ros.measure.accuracy.keypoint_tracking import read_keypoints
from movenet_ros.measure.accuracy.modes import Loader, Mode, networks_of, picture_modes
from movenet_ros.measure.accuracy.pictures import measure_accuracy, measure_negatives
from movenet_ros.measure.accuracy.plots import plot_motion, plot_precision
from movenet_ros.measure.accuracy.report import table
from movenet_ros.measure.accuracy.sequence import measure_motion
from movenet_ros.measure.accuracy.sheet import write_sheet
from movenet_ros.measure.accuracy.sweep import settings
from movenet_ros.measure.report.files import check_writable, write_json
from movenet_ros.measure.report.tools import tool
from movenet_ros.share import sample_clip

EXAMPLES = """\
examples:
  movenet evaluate
  movenet evaluate --images val2017 --annotations person_keypoints_val2017.json --json ap.json
  movenet evaluate --images I --annotations A.json --model thunder --plot pr.png --sheet worst.jpg
  movenet evaluate --negatives empty_rooms --model lightning --sweep min_pose_score=0.2,0.3,0.4
  movenet evaluate --images I --annotations A.json --sweep precision=float32,int8
  movenet evaluate --sequence clip.mp4 --model thunder --ground-truth gt.txt
  movenet evaluate --sequence clip.mp4 --sweep filter.min_cutoff=0.5,1,2 --sweep filter.beta=0,10 \\
      --plot curve.png

"""

SAMPLE = 'one_person.mp4'

LOADED_BY = ('models_dir', 'engine', 'threads', 'device', 'precision')
"""The parameters with which a network is loaded."""

Item = TypeVar('Item')
Rows = list[dict[str, Any]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    what = parser.add_argument_group('what to measure on')
    add_pictures(what, 'annotated pictures')
    what.add_argument('--every-picture', action='store_true',
                      help='let single-person networks answer for pictures of several people, too '
                      '(default: only for those of one)')
    what.add_argument('--negatives', metavar='DIR', nargs='+', type=Path, default=[],
                      help='folders of pictures without people')
    what.add_argument('--sequence', '--clip', metavar='CLIP', nargs='+', default=[],
                      help='videos, folders or quoted patterns of pictures, or bags (default, '
                      'where no pictures are given: the sample clip of one person)')
    what.add_argument('--ground-truth', metavar='CSV', type=Path,
                      help="who is where in the one clip, in MOTChallenge's format")
    what.add_argument('--keypoint-truth', metavar='JSON', type=Path,
                      help='with it, where their keypoints are, from movenet draw-worlds')
    what.add_argument('--topic', help='the image topic of a bag that has several')
    what.add_argument('--fps', type=float,
                      help="rate of pictures (default: 30); replaces a video's own times")
    result = parser.add_argument_group('what to make of it')
    result.add_argument('--json', metavar='OUT', type=Path, help='write the numbers')
    result.add_argument('--plot', metavar='OUT.png', type=Path,
                        help='draw precision and recall, or jitter and lag')
    result.add_argument('--sheet', metavar='OUT', type=Path,
                        help='draw the worst cases of every mode (.png, .jpg)')
    result.add_argument('--sweep', metavar='NAME=V,V,...', action='append', default=[],
                        help='measure with each of these values of a parameter; given several '
                        'times, with all combinations')
    result.add_argument('--quiet', '-q', action='store_true', help='no progress bar')
    # options.add_config has a --model that takes one network.
    parser.add_argument('--model', nargs='+', action='extend', choices=find('model').choices,
                        help='the networks (default: all on pictures, the configured one on clips)')
    add_parameters(parser)


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    if not (args.sequence or args.images or args.negatives or args.annotations):
        args.sequence = [str(sample_clip(SAMPLE))]
        log(f'measured on the sample clip {SAMPLE}; annotated pictures are not installed, give '
             'those of COCO with --images and --annotations')
    _check(args)
    _prepare(args)
    only = args.model[0] if args.model and len(args.model) == 1 else None
    chosen = config(argparse.Namespace(**{**vars(args), 'model': only}))
    # On pictures every mode sets for itself what has an effect.
    models = (args.model or [chosen.model]) if args.sequence else []
    warn_without_effect(args, chosen, [chosen.replace({'model': model}) for model in models])
    with ExitStack() as stack:
        networks = _Networks(stack)
        content = (_on_clips if args.sequence else _on_pictures)(args, chosen, networks)
    for rows in content.values():
        show_lines(table(rows))
    if args.json:
        write_json(args.json, content)
    return OK


def _check(args: argparse.Namespace) -> None:
    """Rejects options that do not go together."""
    pictures = args.images or args.negatives
    if bool(args.sequence) == bool(pictures):
        raise ParameterError('--sequence', args.sequence, 'give either clips with --sequence, or '
                             'pictures with --images and --annotations, or --negatives')
    if bool(args.images) != bool(args.annotations):
        raise ParameterError('--annotations', args.annotations, 'go together with --images')
    if args.ground_truth and len(args.sequence) != 1:
        raise ParameterError('--ground-truth', str(args.ground_truth), 'is that of one --sequence')
    if args.keypoint_truth and not args.ground_truth:
        raise ParameterError('--keypoint-truth', str(args.keypoint_truth), 'needs --ground-truth')
    if args.sheet and not args.images:
        raise ParameterError('--sheet', str(args.sheet), 'needs --images')
    if args.plot and not (args.images or args.sequence):
        raise ParameterError('--plot', str(args.plot), 'needs --images or --sequence')


def _prepare(args: argparse.Namespace) -> None:
    """Fails now rather than after minutes of measuring."""
    needed = {'pycocotools.cocoeval': args.images, 'motmetrics': args.ground_truth,
              'matplotlib.figure': args.plot}
    for module in (module for module, wanted in needed.items() if wanted):
        tool(module)
    for path in (args.json, args.plot, args.sheet):
        if path:
            check_writable(path)


class _Networks:
    """Loads each network once, as a configuration says."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._loaded: dict[tuple[Value, ...], Network] = {}

    def loader(self, config: Config) -> Loader:
        """What loads networks for this configuration."""
        return partial(self._load, config)

    def _load(self, config: Config, model: str) -> Network:
        how = {name: getattr(config, name) for name in LOADED_BY}
        key = (model, *how.values())
        if key not in self._loaded:
            self._loaded[key] = load_network(model, **how)
            self._stack.callback(self._loaded[key].close)
        return self._loaded[key]


def _on_pictures(args: argparse.Namespace, chosen: Config,
                 networks: _Networks) -> dict[str, Rows]:
    modes, values = _modes(args, chosen, networks)
    content: dict[str, Rows] = {}
    if args.images:
        dataset = read_dataset(args.images, args.annotations, args.split)
        results = measure_accuracy(dataset, modes, every_picture=args.every_picture,
                                   watch=lambda shots: _watched(shots, 'images', args.quiet))
        content['modes'] = [{**result.row(), **values[result.mode]} for result in results]
        if args.plot:
            plot_precision(args.plot, results)
        if args.sheet:
            write_sheet(args.sheet, results)
    if args.negatives:
        shots = [shot for folder in args.negatives for shot in read_folder(folder)]
        numbered = [replace(shot, id=number) for number, shot in enumerate(shots)]
        found = measure_negatives(numbered, modes,
                                  lambda shots: _watched(shots, 'negatives', args.quiet))
        content['negatives'] = [{**result.row(), **values[result.mode]} for result in found]
    return content


def _modes(args: argparse.Namespace, chosen: Config,
           networks: _Networks) -> tuple[list[Mode], dict[str, dict[str, Value]]]:
    """Every mode with every setting, and by its name what was varied."""
    modes, values = [], {}
    for setting in settings(chosen, args.sweep):
        load = networks.loader(setting.config)
        for mode in picture_modes(setting.config, args.model or find('model').choices, load):
            name = f'{mode.name}, {setting.label}' if setting.values else mode.name
            modes.append(replace(mode, name=name))
            values[name] = setting.values
    return modes, values


def _clip_name(clip: Path) -> str:
    """The name of a clip in the table; in MOTChallenge's layout that of the folder around img."""
    return clip.parent.name if clip.name in ('img', 'img1') and clip.parent.name else clip.stem


def _on_clips(args: argparse.Namespace, chosen: Config, networks: _Networks) -> dict[str, Rows]:
    truth = read_truth(args.ground_truth) if args.ground_truth else None
    bodies = read_keypoints(args.keypoint_truth) if args.keypoint_truth else None
    rows: Rows = []
    todo = [(clip, model, setting) for clip in args.sequence
            for model in args.model or [chosen.model]
            for setting in settings(chosen, args.sweep)]
    for clip, model, setting in _watched(todo, 'clips', args.quiet):
        settled = setting.config.replace({'model': model})
        with _moments(clip, args, settled.white_level) as moments:
            ran = run_clip(moments, networks_of(settled, networks.loader(settled)), settled)
        rows.append({'clip': _clip_name(Path(clip)), 'model': model, **setting.values,
                     **measure_motion(ran, truth, bodies).row()})
    if args.plot:
        plot_motion(args.plot, rows, list(settings(chosen, args.sweep)[0].values))
    return {'sequences': rows}


@contextmanager
def _moments(clip: str, args: argparse.Namespace,
             white_level: int) -> Iterator[Iterator[Moment]]:
    with open_source(clip, topic=args.topic, fps=args.fps) as source:
        yield ((frame.stamp_ns, frame.picture(white_level)) for frame in source)


def _watched(items: Sequence[Item], unit: str, quiet: bool) -> Iterable[Item]:
    from tqdm import tqdm
    # None leaves the bar out where stderr is no terminal.
    bar: Iterable[Item] = tqdm(items, desc=unit, disable=True if quiet else None)
    return bar
