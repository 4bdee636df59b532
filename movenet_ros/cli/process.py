"""Computes the poses of a video, of pictures, or of a bag, without ROS.

The same pictures, stamps and parameters give the same numbers as the node does.
"""
from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from movenet_ros.cli.console import log
from movenet_ros.cli.exit_codes import FAILED, INCOMPLETE, OK
from movenet_ros.cli.interruption import Interruption
from movenet_ros.cli.observing import NOWHERE, Observing
from movenet_ros.cli.options import add_config, config, warn_without_effect
from movenet_ros.config import Config
from movenet_ros.core.types import Picture
from movenet_ros.errors import ImageError, ParameterError, counted
from movenet_ros.files.bags.bag import RawMessage
from movenet_ros.files.bags.geometry import GeometryTopics
from movenet_ros.files.bags.source import BAG_FILES, BagSource
from movenet_ros.files.processed_stamps import read_processed_stamps
from movenet_ros.files.sinks import STDOUT, Result, check_output, open_sink
from movenet_ros.files.sources import Frame, Source, open_source
from movenet_ros.images.image_warnings import (
    ImageHistory,
    image_traits,
    image_warnings,
    picture_warnings,
)
from movenet_ros.library import MoveNet

EXAMPLES = """\
examples:
  movenet process clip.mp4 --output poses.jsonl --output overlay.webm
  movenet process recording/ --topic /camera/image_raw --model thunder --output poses.mcap
  movenet process recording/ --only-stamps-of /movenet/poses --output poses.mcap
  movenet process photographs/ --model multipose --output sheet.png
  movenet process 'frames/*.jpg' --fps 10 --output poses.jsonl
  movenet process clip.mp4 --param filter.enabled=false | jq .poses

"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    parser.add_argument('input', metavar='INPUT',
                        help='a video, a picture, a folder or quoted pattern of pictures, '
                        'or a rosbag2 (folder, .mcap or .db3); its content decides')
    parser.add_argument('--output', '-o', metavar='OUT', action='append', default=[],
                        help='by ending: .jsonl (or -, the default: stdout), .mcap (bag with '
                        'PoseArrays, images and annotations, for Foxglove) or a folder (bag with '
                        'PoseArrays), .rrd (Rerun recording), .webm or .mp4 (overlay video), '
                        '.png or .jpg (contact sheet); may be given several times')
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
    parser.add_argument('--quiet', '-q', action='store_true', help='no progress bar, no summary')
    add_config(parser)


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    chosen = config(args)
    _check_options(args)
    _keep_the_input(args.input, args.output)
    _keep_apart(args.output)
    rejected: Counter[str] = Counter()
    warned: Counter[str] = Counter()
    done = 0
    with ExitStack() as stack:
        with _as_options():
            source = stack.enter_context(open_source(args.input, topic=args.topic, fps=args.fps))
        noted = _report_notes(source, 0)
        total, about = source.total, 'about ' if source.estimated else ''
        processed = None
        if args.only_stamps_of is not None:
            processed = read_processed_stamps(args.only_stamps_of, args.input)
            for note in processed.notes:
                log(note)
            total, about = processed.total, ''
        observing = (None if source.stills else
                     Observing(chosen, _geometry_topics(source, args)))
        net = stack.enter_context(MoveNet(chosen))
        if processed and processed.model != net.info.model:
            log(f'{processed.name}: these poses are of {processed.model}, and those to come of '
                f'{net.info.model}: they will differ; give --model or --params as of the node')
        warn_without_effect(args, chosen)
        stack.callback(lambda: _report_notes(source, noted))
        interruption = Interruption()
        try:
            with interruption, ExitStack() as outputs:
                frames: Iterable[Frame] = _until_interrupted(source, interruption)
                if processed:
                    frames = processed.select(frames)
                sinks = [outputs.enter_context(open_sink(
                    output, overlay=chosen.overlay, fps=source.fps, stills=source.stills))
                    for output in args.output or [STDOUT]]
                for note in (note for sink in sinks for note in sink.notes):
                    log(note)
                frames = _with_progress(frames, total, args.quiet)
                for result in process(_with_geometry(source, frames, observing), net,
                                      rejected, warned, observing):
                    for sink in sinks:
                        sink.write(result)
                    done += 1
        except KeyboardInterrupt:
            _report_interruption(f' of {about}{total}' if total else '', done, rejected.total(),
                                 whole=not interruption.forced)
            raise
    if processed and (missing := processed.report()):
        log(missing)
    if not args.quiet:
        _report(done, rejected, warned, observing.problems if observing else Counter())
    if not done:
        log(f'{args.input}: no image was processed: '
             + (f'all {rejected.total()} were rejected' if rejected else 'there is none'))
        return FAILED
    return INCOMPLETE if rejected else OK


def _check_options(args: argparse.Namespace) -> None:
    """Rejects values that cannot be meant, before anything is read."""
    for name, value in (('INPUT', args.input), ('--topic', args.topic),
                        ('--only-stamps-of', args.only_stamps_of),
                        ('--depth-topic', args.depth_topic),
                        ('--camera-info-topic', args.camera_info_topic)):
        if value == '':
            raise ParameterError(name, value, 'is empty; is a variable of your shell not set?')
    with _as_options():
        for output in args.output:
            check_output(output)


@contextmanager
def _as_options() -> Iterator[None]:
    """Names the option in errors that name the argument it becomes."""
    try:
        yield
    except ParameterError as error:
        raise ParameterError(f'--{error.name}', error.value, error.cause) from error


def _geometry_topics(source: Source, args: argparse.Namespace) -> GeometryTopics:
    if isinstance(source, BagSource):
        return source.find_geometry(args.camera_info_topic, args.depth_topic)
    for name, value in (('--depth-topic', args.depth_topic),
                        ('--camera-info-topic', args.camera_info_topic)):
        if value is not None:
            raise ParameterError(name, value, f'only a bag has topics, and {args.input} is none; '
                                 'leave it out')
    return NOWHERE


def _with_geometry(source: Source, frames: Iterable[Frame],
                   observing: Observing | None) -> Iterable[Frame | RawMessage]:
    if observing is None or not isinstance(source, BagSource):
        return frames
    return source.with_geometry(frames, observing.topics, lambda: observing.is_waiting)


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


def _report_interruption(total: str, done: int, rejected: int, whole: bool) -> None:
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


def process(frames: Iterable[Frame | RawMessage], net: MoveNet, rejected: Counter[str],
            warned: Counter[str], observing: Observing | None = None) -> Iterator[Result]:
    """Runs the pipeline on every frame, and observes the results.

    Args:
        frames: In the order of their stamps; between them the messages that came with them.
        net: The networks and the parameters.
        rejected: Counts, by cause, the frames whose picture cannot be used; they give no
            result and leave the state as it is, as in the node.
        warned: Counts, by cause, what is wrong with frames that are processed all the same.
        observing: Observes them; None where the frames have nothing to do with one another: each
            is then processed by itself.

    Yields:
        One result for every other frame, in order.
    """
    sequence, history = 0, ImageHistory()
    for frame in frames:
        if isinstance(frame, RawMessage):
            if observing:
                yield from observing.add_message(frame)
            continue
        if (picture := _picture(frame, net.config, rejected)) is None:
            continue
        poses = net(picture, stamp_ns=frame.stamp_ns) if observing else net.detect(picture)
        history = _warn(frame, picture, history, net.config, warned)
        result = Result(frame.stamp_ns, frame.frame_id, sequence, net.info.model, picture, poses,
                        frame.receive_ns, message=frame.message)
        yield from observing.add(result) if observing else (result,)
        sequence += 1
    if observing:
        yield from observing.rest()


def _picture(frame: Frame, chosen: Config, rejected: Counter[str]) -> Picture | None:
    """The picture of a frame; None if it cannot be used, which is counted, and said once."""
    try:
        return frame.picture(chosen.white_level)
    except ImageError as error:
        rejected[error.cause] += 1
        if rejected[error.cause] == 1:
            log(f'image at {frame.stamp_ns} ns rejected: {error}')
        return None


def _warn(frame: Frame, picture: Picture, history: ImageHistory, chosen: Config,
          warned: Counter[str]) -> ImageHistory:
    """Counts what is wrong with an image, and prints each cause once."""
    if frame.message is None:
        warnings = picture_warnings(picture)
    else:
        image = image_traits(frame.message, picture)
        warnings = image_warnings(history, image, frame.receive_ns or 0, chosen.max_lateness)
        history = history.with_image(image, chosen.max_lateness)
    for cause, text in warnings:
        warned[cause] += 1
        if warned[cause] == 1:
            log(f'image at {frame.stamp_ns} ns processed, with a warning ({cause}): {text}')
    return history


def _with_progress(frames: Iterable[Frame], total: int | None, quiet: bool) -> Iterable[Frame]:
    from tqdm import tqdm
    # None leaves the bar out where stderr is no terminal.
    bar: Iterable[Frame] = tqdm(frames, total=total, unit='image', disable=True if quiet else None)
    return bar


def _report(done: int, rejected: Counter[str], warned: Counter[str],
            unlocated: Counter[str]) -> None:
    log(f'{counted(done, "image")} processed, {rejected.total()} rejected{_listed(rejected)}'
         + (f'; warnings{_listed(warned)}' if warned else '')
         + (f'; without positions{_listed(unlocated)}' if unlocated else ''))


def _listed(counts: Counter[str]) -> str:
    causes = ', '.join(f'{cause} {count}' for cause, count in sorted(counts.items()))
    return f' ({causes})' if causes else ''
