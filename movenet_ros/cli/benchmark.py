"""Measures how fast it is: the networks, the pipeline around them, and the node over DDS.

What is compared takes turns, so ratios hold on a busy machine too; times and rates need a quiet
one. Targets that are missed do not fail the command: machines differ.
"""
from __future__ import annotations

import argparse
import importlib
import os
import shlex
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from movenet_ros.cli.console import log, show_lines
from movenet_ros.cli.exit_codes import FAILED, OK
from movenet_ros.cli.options import add_pictures
from movenet_ros.cli.run import require_ros
from movenet_ros.config import Config, find
from movenet_ros.engines.checks import check_device
from movenet_ros.engines.loading import LOADERS
from movenet_ros.engines.precision import AUTO, has_precision
from movenet_ros.engines.selection import choose_engine
from movenet_ros.errors import EngineError, MovenetError, ParameterError, SourceError
from movenet_ros.measure.accuracy.dataset import read_dataset
from movenet_ros.measure.report.files import check_writable, write, write_json
from movenet_ros.measure.report.tools import tool
from movenet_ros.measure.speed.machine import this_machine
from movenet_ros.measure.speed.options import AnnotatedPictures, Options
from movenet_ros.measure.speed.report import Report, as_json, as_markdown, as_text, update_page
from movenet_ros.measure.speed.result import Part
from movenet_ros.measure.speed.scenes import SIZES, scene

EXAMPLES = """\
examples:
  movenet benchmark --json speed.json --plot speed.png
  movenet benchmark --part engine chain --model lightning --seconds 20
  movenet benchmark --part engine --engine all --images val2017 \\
      --annotations person_keypoints_val2017.json --json engines.json
  movenet benchmark --part engine --engine keras onnxruntime --device gpu:0 \\
      --precision float32 float16 --batch 1,2,4,8,16,32,64

"""

# By the part: a module with `measure_PART(options, log) -> Part`.
SPEED = 'movenet_ros.measure.speed'
NODE = f'{SPEED}.node'
PARTS = {'engine': f'{SPEED}.engine', 'chain': f'{SPEED}.chain', 'tfjs': f'{SPEED}.tfjs_comparison',
         'node': NODE, 'cameras': NODE, 'start': NODE}
ALL = 'all'
QUICK = 1.0
MANY = 1024
"""Most pictures in a batch."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    what = parser.add_argument_group('what to measure')
    what.add_argument('--part', nargs='+', action='extend', choices=PARTS,
                      help='engine: the networks alone; chain: the pipeline beside them; tfjs: '
                      'TensorFlow.js beside it; node: the node over DDS; cameras: several; start: '
                      'until the first pose, and memory (default: all that can run here)')
    what.add_argument('--model', nargs='+', action='extend', choices=find('model').choices,
                      help='the networks of engine, chain and tfjs (default: all that a part has)')
    what.add_argument('--size', nargs='+', action='extend', choices=SIZES,
                      help='of the images (default: all)')
    what.add_argument('--engine', nargs='+', choices=(*find('engine').choices, ALL),
                      default=[Config.engine],
                      help='what runs the networks; of several, the engine part compares all, and '
                      f'the others take the first; {ALL}: each that is installed, with each '
                      f'precision that it has here (default: {Config.engine})')
    what.add_argument('--device', default=Config.device,
                      help='where: cpu, gpu:N or auto; with onnxruntime also tensorrt:N and '
                      f'openvino (default: {Config.device})')
    what.add_argument('--precision', nargs='+', choices=find('precision').choices,
                      help='what they compute in; of several, the engine part compares all '
                      f'(default: {Config.precision})')
    what.add_argument('--threads', metavar='N', nargs='+', type=int, default=[],
                      help='numbers of CPU threads of a network in the parts engine, chain and '
                      f'tfjs (default: 1 and 2; keras: {Config.threads})')
    what.add_argument('--batch', metavar='N,N,...', default='1',
                      help='pictures per call of the engine part, where an engine gains by that '
                      '(default: 1)')
    add_pictures(what, 'annotated pictures, on which the engine part measures accuracy, too')
    what.add_argument('--tfjs', metavar='FOLDER', type=Path,
                      help='with run.mjs, node_modules and package/models: pose-detection for '
                      'TensorFlow.js, which the tfjs part runs')
    what.add_argument('--clip', metavar='FILE', type=Path,
                      help='a video of people to show (default: the sample clips, at all sizes)')
    how = parser.add_mutually_exclusive_group()
    how.add_argument('--seconds', type=float, default=Options.seconds,
                     help=f'for each setting (default: {Options.seconds:g})')
    how.add_argument('--quick', action='store_true', help=f'the same as --seconds {QUICK:g}, and '
                     'one round of the node: to see that it works')
    result = parser.add_argument_group('what to make of it')
    result.add_argument('--json', metavar='OUT', type=Path, help='write the numbers')
    result.add_argument('--markdown', metavar='OUT.md', type=Path,
                        help='write a page, or what is measured on it')
    result.add_argument('--plot', metavar='OUT.png', type=Path,
                        help='draw a picture; needs the extra `evaluate`')


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    options = _options(args)
    _check(args, options)
    chosen, left_out = _choose(args.part)
    machine = this_machine(options.engines)
    for line in filter(None, (machine.busy, *left_out.values())):
        log(line)
    parts, failed = _measure(chosen, options, 1 if args.quick else None)
    _publish(Report(machine, parts, _command(args), {**left_out, **failed}), args)
    return FAILED if failed else OK


def _options(args: argparse.Namespace) -> Options:
    seconds = QUICK if args.quick else args.seconds
    if not seconds > 0:
        raise ParameterError('--seconds', seconds, 'must be > 0')
    precisions = _precisions(args)
    return Options(
        models=tuple(args.model or ()), engines=_engines(args, precisions[0]),
        device=args.device, precisions=precisions, threads=tuple(args.threads),
        batches=_batches(args.batch), sizes=tuple(args.size or SIZES), seconds=seconds,
        starts=1 if args.quick else Options.starts, pictures=_pictures(args), tfjs=args.tfjs,
        clip=args.clip)


def _engines(args: argparse.Namespace, precision: str) -> tuple[str, ...]:
    """The engines to compare, without `auto` and `all`."""
    check_device(args.device)
    if ALL in args.engine:
        return tuple(LOADERS)
    return tuple(dict.fromkeys(
        choose_engine(name, args.device, precision=precision).engine if name == AUTO else name
        for name in args.engine))


def _precisions(args: argparse.Namespace) -> tuple[str, ...]:
    every = tuple(name for name in find('precision').choices if name != AUTO)
    default = every if ALL in args.engine else (Config.precision,)
    return tuple(dict.fromkeys(args.precision or default))


def _pictures(args: argparse.Namespace) -> AnnotatedPictures | None:
    if bool(args.images) != bool(args.annotations):
        raise ParameterError('--annotations', args.annotations, 'go together with --images')
    return AnnotatedPictures(args.images, args.annotations, args.split) if args.images else None


def _batches(text: str) -> tuple[int, ...]:
    sizes = [int(word) if word.strip().isdecimal() else 0 for word in text.split(',')]
    if not all(1 <= size <= MANY for size in sizes):
        raise ParameterError('--batch', text, f'must be numbers from 1 to {MANY}, such as 1,2,4')
    return tuple(dict.fromkeys(sizes))


def _check(args: argparse.Namespace, options: Options) -> None:
    """Fails now rather than after minutes of measuring."""
    if not all(count >= 1 for count in options.threads):
        raise ParameterError('--threads', args.threads, 'must be at least 1')
    for precision in options.precisions:
        if not any(has_precision(engine, precision) for engine in options.engines):
            raise ParameterError('--precision', precision,
                                 f'{" or ".join(options.engines)} has no such precision')
    if options.pictures:
        tool('pycocotools.cocoeval')
        read_dataset(*astuple(options.pictures))
    if options.tfjs is None and 'tfjs' in (args.part or ()):
        raise ParameterError('--part', 'tfjs', 'needs --tfjs FOLDER')
    if options.tfjs is not None:
        from movenet_ros.measure.speed.tfjs_comparison import check_tfjs
        check_tfjs(options.tfjs)
    if options.clip is not None:
        if not options.clip.is_file():
            raise SourceError(f'{options.clip}: there is no such file')
        scene('lightning', SIZES['vga'], options.clip)
    if args.plot:
        tool('matplotlib.figure')
    for path in filter(None, (args.json, args.markdown, args.plot)):
        check_writable(path)


def _choose(wanted: Sequence[str] | None) -> tuple[list[str], dict[str, str]]:
    """The parts to measure, and why others are left out."""
    chosen = [part for part in PARTS if part in (wanted or PARTS)]
    over_dds = [part for part in chosen if PARTS[part] == NODE]
    try:
        if over_dds:
            require_ros()
            importlib.import_module(NODE)
    except (EngineError, ImportError) as error:
        if wanted:
            raise EngineError(f'{", ".join(over_dds)} cannot be measured: {error}') from error
        names = ', '.join(over_dds)
        return ([part for part in chosen if part not in over_dds],
                {names: f'{names} left out: {error}'})
    return chosen, {}


def _measure(chosen: Sequence[str], options: Options,
             rounds: int | None) -> tuple[list[Part], dict[str, str]]:
    """Measures part after part; one that fails does not take the others with it."""
    parts, failed = [], {}
    for name in chosen:
        module = importlib.import_module(PARTS[name])
        wanted = options if PARTS[name] != NODE else module.NodeOptions(
            seconds=options.seconds, rounds=rounds or module.NodeOptions.rounds,
            sizes=options.sizes, engine=options.engines[0], precision=options.precisions[0],
            clip=options.clip)
        try:
            parts.append(getattr(module, f'measure_{name}')(wanted, log))
        except (MovenetError, OSError) as error:
            failed[name] = f'{name} failed: {error}'
            log(failed[name])
    return parts, failed


def _publish(report: Report, args: argparse.Namespace) -> None:
    show_lines(as_text(report))
    if args.json:
        write_json(args.json, as_json(report))
    if args.plot:
        from movenet_ros.measure.speed.plot import plot_report
        plot_report(args.plot, report.parts)
    if args.markdown:
        link = os.path.relpath(args.plot, args.markdown.parent) if args.plot else None
        before = args.markdown.read_text(encoding='utf-8') if args.markdown.is_file() else ''
        write(args.markdown, update_page(before, as_markdown(report, link)).encode())


def _command(args: argparse.Namespace) -> str:
    """The command that does the same again."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    words = ['movenet', 'benchmark']
    for name, default in vars(parser.parse_args([])).items():
        value = getattr(args, name)
        if value == default:
            continue
        words.append(f'--{name}')
        if name == 'tfjs':
            words.append('FOLDER')
        elif value is not True:
            words += map(str, value if isinstance(value, list) else [value])
    return shlex.join(words)
