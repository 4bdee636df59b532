"""Computes the poses of a video, of pictures, or of a bag, without ROS.

The same pictures, stamps and parameters give the same numbers as the node does.
"""
from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from movenet_ros.cli import process_many
from movenet_ros.cli.console import log
from movenet_ros.cli.exit_codes import FAILED, INCOMPLETE, OK
from movenet_ros.cli.interruption import Interruption
from movenet_ros.cli.options import add_config, config, warn_without_effect
from movenet_ros.cli.process_options import add_part, as_options, part
from movenet_ros.errors import ParameterError, counted
from movenet_ros.files.bags.geometry import GeometryTopics
from movenet_ros.files.bags.source import BAG_FILES, BagSource
from movenet_ros.files.processed_stamps import read_processed_stamps
from movenet_ros.files.sinks import STDOUT, check_output, open_sink
from movenet_ros.files.sources import Frame, Source, open_source
from movenet_ros.library import MoveNet
from movenet_ros.processing.observing import NOWHERE, Observing
from movenet_ros.processing.results import process, with_geometry, write_results
from movenet_ros.processing.tally import Tally

EXAMPLES = """\
examples:
  movenet process clip.mp4 --output poses.jsonl --output overlay.webm
  movenet process recording/ --topic /camera/image_raw --model thunder --output poses.mcap
  movenet process recording/ --only-stamps-of /movenet/poses --output poses.mcap
  movenet process photographs/ --model multipose --output sheet.png
  movenet process 'frames/*.jpg' --fps 10 --output poses.jsonl
  movenet process clip.mp4 --start 60 --end 90 --every 3 --output poses.jsonl
  movenet process recordings/ --output-dir poses/ --format jsonl,parquet --jobs 4
  movenet process clip.mp4 --param filter.enabled=false | jq .poses

"""
EXIT_CODES = """\
exit codes: 0 done; 1 failed, the cause is on stderr; 2 wrong usage or parameter;
3 done, but some images were rejected, or with --output-dir some recordings were set aside or cut
off; 130 interrupted"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    parser.add_argument('input', metavar='INPUT', nargs='+',
                        help='a video, a picture, a folder or quoted pattern of pictures, '
                        'or a rosbag2 (folder, .mcap or .db3); its content decides. With '
                        '--output-dir also several, folders of them, URLs (s3://...), or - for a '
                        'list on stdin')
    parser.add_argument('--output', '-o', metavar='OUT', action='append', default=[],
                        help='by ending: .jsonl (or -, the default: stdout), .mcap (bag with '
                        'PoseArrays, images and annotations, for Foxglove) or a folder (bag with '
                        'PoseArrays), .parquet (table), .rrd (Rerun recording), .webm or .mp4 '
                        '(overlay video), .png or .jpg (contact sheet); may be given several times')
    parser.add_argument('--topic', help='the image topic of a bag that has several')
    parser.add_argument('--depth-topic', metavar='TOPIC',
                        help='depth images of a bag, registered to the images: people get '
                        'positions in metres')
    parser.add_argument('--camera-info-topic', metavar='TOPIC',
                        help='the calibration of the images of a bag; by default camera_info '
                        'beside them, if it is there')
    parser.add_argument('--only-stamps-of', metavar='POSES',
                        help='only the images that a live node processed: the PoseArray topic '
                        'recorded in the same bag; or FILE or FILE:TOPIC, another bag or .jsonl')
    parser.add_argument('--fps', type=float,
                        help='makes a sequence of this rate of pictures, which are processed each '
                        "by itself without it, and replaces a video's own times")
    add_part(parser)
    parser.add_argument('--quiet', '-q', action='store_true', help='no progress bar, no summary')
    process_many.add_arguments(parser)
    add_config(parser)


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    if args.output_dir is not None:
        return process_many.run(args)
    process_many.check_without_folder(args)
    return _process_one(args.input[0], args)


def _process_one(path: str, args: argparse.Namespace) -> int:
    chosen = config(args)
    _check_options(path, args)
    _keep_the_input(path, args.output)
    _keep_apart(args.output)
    chosen_part, tally = part(args), Tally(log)
    with ExitStack() as stack:
        with as_options():
            source = stack.enter_context(open_source(path, topic=args.topic, fps=args.fps))
        noted = _report_notes(source, 0)
        with as_options():
            chosen_frames = chosen_part.frames(source)
        total = chosen_part.total(source)
        about = 'about ' if source.estimated or not chosen_part.is_whole else ''
        processed = None
        if args.only_stamps_of is not None:
            processed = read_processed_stamps(args.only_stamps_of, path)
            for note in processed.notes:
                log(note)
            total, about = processed.total, ''
        observing = (None if source.stills else
                     Observing(chosen, tally, _geometry_topics(source, args)))
        net = stack.enter_context(MoveNet(chosen))
        if processed and processed.model != net.info.model:
            log(f'{processed.name}: these poses are of {processed.model}, and those to come of '
                f'{net.info.model}: they will differ; give --model or --params as of the node')
        warn_without_effect(args, chosen)
        stack.callback(lambda: _report_notes(source, noted))
        interruption = Interruption()
        try:
            with interruption, ExitStack() as outputs:
                frames: Iterable[Frame] = _until_interrupted(chosen_frames, interruption)
                if processed:
                    frames = processed.select(frames)
                sinks = [outputs.enter_context(open_sink(
                    output, overlay=chosen.overlay, fps=source.fps, stills=source.stills,
                    recording=path))
                    for output in args.output or [STDOUT]]
                for note in (note for sink in sinks for note in sink.notes):
                    log(note)
                frames = _with_progress(frames, total, args.quiet)
                write_results(process(with_geometry(source, frames, observing), net, tally,
                                      observing), sinks, tally)
        except KeyboardInterrupt:
            _report_interruption(f' of {about}{total}' if total else '', tally,
                                 whole=not interruption.forced)
            raise
    if processed and (missing := processed.report()):
        log(missing)
    if not args.quiet:
        log(tally)
    if not tally.processed:
        log(f'{path}: no image was processed: {tally.why_none(chosen_part)}')
        return FAILED
    return INCOMPLETE if tally.rejected else OK


def _check_options(path: str, args: argparse.Namespace) -> None:
    """Rejects values that cannot be meant, before anything is read."""
    for name, value in (('INPUT', path), ('--topic', args.topic),
                        ('--only-stamps-of', args.only_stamps_of),
                        ('--depth-topic', args.depth_topic),
                        ('--camera-info-topic', args.camera_info_topic)):
        if value == '':
            raise ParameterError(name, value, 'is empty; is a variable of your shell not set?')
    with as_options():
        for output in args.output:
            check_output(output)


def _geometry_topics(source: Source, args: argparse.Namespace) -> GeometryTopics:
    if isinstance(source, BagSource):
        return source.find_geometry(args.camera_info_topic, args.depth_topic)
    for name, value in (('--depth-topic', args.depth_topic),
                        ('--camera-info-topic', args.camera_info_topic)):
        if value is not None:
            raise ParameterError(name, value, f'only a bag has topics, and {source.name} is none; '
                                 'leave it out')
    return NOWHERE


def _report_notes(source: Source, start: int) -> int:
    """Says the notes from the `start`-th on; returns how many there are."""
    for note in source.notes[start:]:
        log(note)
    return len(source.notes)


def _until_interrupted(frames: Iterable[Frame], interruption: Interruption) -> Iterator[Frame]:
    """The frames; also those that are left out or rejected later end with an interruption."""
    for frame in frames:
        interruption.check()
        yield frame


def _report_interruption(total: str, tally: Tally, whole: bool) -> None:
    done, rejected = tally.processed, tally.rejected.total()
    held = ('nothing was written' if not done else
            f'the outputs are partial: they hold these {done}' if whole and not rejected else
            f'the outputs are partial: they hold the {done} that were processed' if whole else
            'interrupted again while the outputs were written: they are not complete')
    whole_count = f'{done + rejected}{total} images' if total else counted(done + rejected, 'image')
    log(f'interrupted after {whole_count}; {held}')


def _keep_the_input(path: str, outputs: Iterable[str]) -> None:
    """Rejects outputs that would replace what is read, as an output replaces what has its name."""
    source = _resolved(path)
    for output in outputs:
        place = _resolved(output)
        # A bag's folder is the bag, and so is each file in it.
        part = source in place.parents and place.suffix in BAG_FILES and place.exists()
        if output != STDOUT and (place in (source, *source.parents) or part):
            raise ParameterError('--output', output, f'would replace the input, {path}')


def _keep_apart(outputs: Sequence[str]) -> None:
    """Rejects outputs of which one would replace another."""
    for number, output in enumerate(outputs):
        for other in outputs[:number]:
            if output == other:
                raise ParameterError('--output', output, 'is given twice')
            if STDOUT in (output, other):
                continue
            place, before = _resolved(output), _resolved(other)
            if place == before or place in before.parents or before in place.parents:
                raise ParameterError('--output', output, f'would replace the output {other}')


def _resolved(path: str) -> Path:
    # Path.resolve raises RuntimeError for a link that leads back to itself.
    return Path(os.path.realpath(path))


def _with_progress(frames: Iterable[Frame], total: int | None, quiet: bool) -> Iterable[Frame]:
    from tqdm import tqdm
    # None leaves the bar out where stderr is no terminal.
    bar: Iterable[Frame] = tqdm(frames, total=total, unit='image', disable=True if quiet else None)
    return bar
