"""Computes the poses of a video, of pictures, or of a bag, without ROS.

The same pictures, stamps and parameters give the same numbers as the node does.
"""
from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from movenet_ros.cli import INCOMPLETE, OK
from movenet_ros.cli.options import add_config, config
from movenet_ros.config import Config
from movenet_ros.core.network import Networks
from movenet_ros.core.pipeline import State, advance
from movenet_ros.engines import load_networks
from movenet_ros.errors import ImageError, ParameterError
from movenet_ros.media.answered_stamps import read_answered_stamps
from movenet_ros.media.bags import BAG_FILES
from movenet_ros.media.sinks import STDOUT, Result, open_sink
from movenet_ros.media.sources import Frame, open_source

EXAMPLES = """\
examples:
  movenet process clip.mp4 --output poses.jsonl --output overlay.mp4
  movenet process recording/ --topic /camera/image_raw --model thunder --output poses.mcap
  movenet process recording/ --only-stamps-of /movenet/poses --output poses.mcap
  movenet process 'pictures/*.jpg' --fps 10 --model multipose --output sheet.png
  movenet process clip.mp4 --param filter.enabled=false | jq .poses

"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    parser.add_argument('input', metavar='INPUT',
                        help='a video, a picture, a folder or quoted pattern of pictures, '
                        'or a rosbag2 (folder, .mcap or .db3)')
    parser.add_argument('--output', '-o', metavar='OUT', action='append', default=[],
                        help='by ending: .jsonl (or -, the default: stdout), .mcap or a folder '
                        '(PoseArray bag), .mp4 (overlay), .png or .jpg (contact sheet); '
                        'may be given several times')
    parser.add_argument('--topic', help='the image topic of a bag that has several')
    parser.add_argument('--only-stamps-of', metavar='POSES',
                        help='only the images that a live node answered: the PoseArray topic '
                        'recorded in the same bag; or FILE or FILE:TOPIC, another bag or .jsonl')
    parser.add_argument('--fps', type=float, default=30.0,
                        help='rate of pictures, which have no stamps (default: 30)')
    parser.add_argument('--quiet', '-q', action='store_true', help='no progress bar, no summary')
    add_config(parser)


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    chosen = config(args)
    _keep_the_input(args.input, args.output)
    _keep_apart(args.output)
    refused: Counter[str] = Counter()
    done = 0
    with ExitStack() as stack:
        source = stack.enter_context(open_source(args.input, topic=args.topic, fps=args.fps))
        for note in source.notes:
            print(f'movenet: {note}', file=sys.stderr)
        frames, total = iter(source), source.total
        answered = None
        if args.only_stamps_of:
            answered = read_answered_stamps(args.only_stamps_of, args.input)
            for note in answered.notes:
                print(f'movenet: {note}', file=sys.stderr)
            frames, total = answered.select(source), answered.total
        networks = load_networks(chosen)
        stack.callback(networks.close)
        sinks = [stack.enter_context(open_sink(
            output, overlay=chosen.overlay, fps=source.fps, total=total))
            for output in args.output or ['-']]
        for result in process(_with_progress(frames, total, args.quiet), networks, chosen,
                              refused):
            for sink in sinks:
                sink.write(result)
            done += 1
    if answered and (missing := answered.report()):
        print(f'movenet: {missing}', file=sys.stderr)
    if not args.quiet:
        _report(done, refused)
    return INCOMPLETE if refused else OK


def _keep_the_input(path: str, outputs: Iterable[str]) -> None:
    """Refuses outputs that would replace what is read, as an output replaces what has its name."""
    source = Path(path).resolve()
    for output in outputs:
        place = Path(output).resolve()
        # A bag's folder is the bag, and so is each file in it.
        part = source in place.parents and place.suffix in BAG_FILES and place.exists()
        if output != STDOUT and (place in (source, *source.parents) or part):
            raise ParameterError('--output', output, f'would replace the input, {path}')


def _keep_apart(outputs: Sequence[str]) -> None:
    """Refuses outputs of which one would replace another."""
    for number, output in enumerate(outputs):
        for other in outputs[:number]:
            place, before = Path(output).resolve(), Path(other).resolve()
            if place == before or place in before.parents or before in place.parents:
                raise ParameterError('--output', output, f'would replace the output {other}')


def process(frames: Iterable[Frame], networks: Networks, chosen: Config,
            refused: Counter[str]) -> Iterator[Result]:
    """Runs the chain on every frame.

    Args:
        frames: In the order of their stamps.
        networks: Those that `chosen` names.
        chosen: All parameters.
        refused: Counts, by cause, the frames whose picture cannot be used; they give no
            result and leave the state as it is, as in the node.

    Yields:
        One result for every other frame.
    """
    state, sequence = State(), 0
    for frame in frames:
        try:
            picture = frame.picture()
        except ImageError as error:
            refused[error.cause] += 1
            if refused[error.cause] == 1:
                print(f'movenet: image at {frame.stamp_ns} ns refused: {error}', file=sys.stderr)
            continue
        state, poses = advance(state, picture, frame.stamp_ns, networks, chosen)
        yield Result(frame.stamp_ns, frame.frame_id, sequence, networks.info.model, picture, poses)
        sequence += 1


def _with_progress(frames: Iterable[Frame], total: int | None, quiet: bool) -> Iterable[Frame]:
    from tqdm import tqdm
    # None leaves the bar out where stderr is no terminal.
    bar: Iterable[Frame] = tqdm(frames, total=total, unit='image', disable=True if quiet else None)
    return bar


def _report(done: int, refused: Counter[str]) -> None:
    causes = ', '.join(f'{cause} {count}' for cause, count in sorted(refused.items()))
    print(f'movenet: {done} images processed, {sum(refused.values())} refused'
          + (f' ({causes})' if causes else ''), file=sys.stderr)
