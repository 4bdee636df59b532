"""`movenet process` with --output-dir: many recordings, each with a result set of its own."""
from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from movenet_ros.cli.console import log
from movenet_ros.cli.exit_codes import FAILED, INCOMPLETE, OK
from movenet_ros.cli.options import config, warn_without_effect
from movenet_ros.cli.process_options import as_options, part
from movenet_ros.errors import ParameterError, counted
from movenet_ros.files.atomic_output import (
    AtomicOutput,
    as_output_error,
    remove_abandoned,
    write_atomically,
)
from movenet_ros.files.locations import is_url
from movenet_ros.files.parquet import load_pyarrow
from movenet_ros.files.source import check_fps
from movenet_ros.fleet.engine import process_inputs
from movenet_ros.fleet.inputs import Input, find_inputs
from movenet_ros.fleet.worker import Outcome
from movenet_ros.processing.job import FORMATS, Job
from movenet_ros.processing.result_set import result_folder

STDIN = '-'
SET_ASIDE = 'set_aside.jsonl'
"""In the folder of results: the inputs without results, each with its error."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options for many recordings."""
    many = parser.add_argument_group('many recordings')
    many.add_argument('--output-dir', metavar='DIR',
                      help='makes a folder NAME.poses in it for each recording; what is there '
                      'already, made with the same settings, is kept')
    many.add_argument('--format', metavar='FORMATS',
                      help=f'what is in each, separated by commas: {", ".join(FORMATS)} (bag: '
                      'poses without images; default: jsonl)')
    many.add_argument('--jobs', '-j', metavar='N', type=int, default=1,
                      help='so many recordings at a time, in processes of one thread each '
                      '(default: 1)')
    many.add_argument('--cluster', metavar='ADDRESS',
                      help='the scheduler of a Dask cluster that does the work, e.g. '
                      'tcp://10.0.0.5:8786')


def check_without_folder(args: argparse.Namespace) -> None:
    """Rejects options for many recordings where there is no folder for their results.

    Raises:
        ParameterError: There is such an option.
    """
    for name, value in (('--format', args.format), ('--cluster', args.cluster),
                        ('--jobs', args.jobs if args.jobs != 1 else None),
                        ('INPUT', args.input[1] if len(args.input) > 1 else None)):
        if value is not None:
            what = 'is a second one' if name == 'INPUT' else 'is for many recordings'
            raise ParameterError(name, value, f'{what}; give --output-dir, a folder for the '
                                 'results of each')


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    chosen = config(args)
    _check(args)
    output_dir = os.path.abspath(args.output_dir)  # noqa: PTH100 - links stay as they are named
    job = Job(output_dir, _formats(args.format), chosen, part(args), args.topic, args.depth_topic,
              args.camera_info_topic, args.fps)
    _check_here(job, args.cluster)
    inputs = find_inputs(_places(args.input), output_dir)
    if not inputs:
        raise ParameterError('INPUT', STDIN, 'the list on stdin is empty')
    warn_without_effect(args, chosen)
    _prepare(output_dir, inputs)
    outcomes: list[Outcome] = []
    started = time.monotonic()
    try:
        for outcome in _with_progress(process_inputs(
                job, inputs, args.jobs, args.cluster, log), len(inputs), args.quiet):
            outcomes.append(outcome)
            if outcome.error:
                log(outcome.error)
    except KeyboardInterrupt:
        log(f'interrupted after {len(outcomes)} of {counted(len(inputs), "input")}; the same '
            'command goes on from there')
        raise
    _write_set_aside(Path(output_dir), outcomes)
    if not args.quiet:
        log(_summary(outcomes, time.monotonic() - started))
    return _exit_code(outcomes)


def _check(args: argparse.Namespace) -> None:
    for name, value in (('--output-dir', args.output_dir), ('--cluster', args.cluster),
                        *(('INPUT', place) for place in args.input)):
        if value == '':
            raise ParameterError(name, value, 'is empty; is a variable of your shell not set?')
    if is_url(args.output_dir):
        raise ParameterError('--output-dir', args.output_dir, 'is a URL, and results are written '
                             'only to folders; mount it, or give a folder and copy it afterwards')
    if Path(args.output_dir).is_file():
        raise ParameterError('--output-dir', args.output_dir, 'is a file; give a folder')
    if args.output:
        raise ParameterError('--output', args.output[0], 'is for one recording; with --output-dir, '
                             '--format says what is written')
    if args.only_stamps_of is not None:
        raise ParameterError('--only-stamps-of', args.only_stamps_of, 'is for one recording; '
                             'leave out --output-dir')
    with as_options():
        check_fps(args.fps)
    if args.jobs < 1:
        raise ParameterError('--jobs', args.jobs, 'must be at least 1')
    if args.cluster is not None and args.jobs != 1:
        raise ParameterError('--jobs', args.jobs, 'is for this machine; with --cluster, its '
                             'workers say how many there are')


def _check_here(job: Job, cluster: str | None) -> None:
    """Finds out now what would otherwise be wrong with every input."""
    job.settings()
    if cluster is None and 'parquet' in job.formats:
        load_pyarrow()


def _formats(text: str | None) -> tuple[str, ...]:
    names = [name.strip() for name in (text if text is not None else 'jsonl').split(',')]
    for name in names:
        if name not in FORMATS:
            raise ParameterError('--format', text, f'{name!r} is none of {", ".join(FORMATS)}')
    return tuple(sorted(set(names)))


def _places(arguments: Sequence[str]) -> Iterator[str]:
    """The inputs that are named; those of a list on stdin in place of '-'."""
    for argument in arguments:
        if argument != STDIN:
            yield argument
            continue
        text = sys.stdin.buffer.read()
        # find -print0, for names of any kind
        lines = text.split(b'\0') if b'\0' in text else text.splitlines()
        yield from (os.fsdecode(line) for line in lines if line.strip())


def _prepare(output_dir: str, inputs: Iterable[Input]) -> None:
    """Makes the folder, tries to write to it, and removes what runs that were killed have left."""
    place = Path(output_dir)
    with as_output_error(place):
        place.mkdir(parents=True, exist_ok=True)
        AtomicOutput(place / SET_ASIDE).discard()
        for folder in {result_folder(output_dir, item.name).parent for item in inputs}:
            remove_abandoned(folder)


def _with_progress(outcomes: Iterable[Outcome], total: int, quiet: bool) -> Iterator[Outcome]:
    from tqdm import tqdm
    images = 0
    # None leaves the bar out where stderr is no terminal.
    with tqdm(outcomes, total=total, unit='input', disable=True if quiet else None) as bar:
        for outcome in bar:
            images += outcome.images
            bar.set_postfix_str(counted(images, 'image'), refresh=False)
            yield outcome


def _write_set_aside(folder: Path, outcomes: Iterable[Outcome]) -> None:
    path = folder / SET_ASIDE
    lines = sorted(json.dumps({'input': outcome.item.location, 'error': outcome.error}) + '\n'
                   for outcome in outcomes if outcome.is_set_aside)
    if not lines:
        with as_output_error(path):
            path.unlink(missing_ok=True)
        return
    write_atomically(path, ''.join(lines).encode())


def _summary(outcomes: Sequence[Outcome], seconds: float) -> str:
    counts = Counter(_kind(outcome) for outcome in outcomes)
    images = sum(outcome.images for outcome in outcomes)
    kinds = ', '.join(f'{counts[kind]} {kind}' for kind in sorted(counts))
    return f'{counted(len(outcomes), "input")}: {kinds}' + (
        f'; {counted(images, "image")} in {seconds:.1f} s, {images / seconds:.0f} a second'
        if images else '')


def _kind(outcome: Outcome) -> str:
    if outcome.is_set_aside:
        return f'set aside ({SET_ASIDE} says why)'
    return ('processed' if outcome.is_new else 'up to date') + (
        ' as far as they could be read' if outcome.error else '')


def _exit_code(outcomes: Sequence[Outcome]) -> int:
    if all(outcome.is_set_aside for outcome in outcomes):
        return FAILED
    return INCOMPLETE if any(outcome.error or outcome.has_rejected for outcome in outcomes) else OK
