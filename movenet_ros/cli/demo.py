"""Shows the whole chain on this machine: a sample clip as the camera, the node, a subscriber.

Each is a process of its own, and they talk over DDS. While the clip plays, a page shows it at the
address that is printed. Leaves in the output folder a bag of the poses, a video and a picture of
what the node draws. With --three-d the camera is a drawn one with depth, and the picture shows the
people in 3-D.
"""
from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from movenet_ros.cli.console import log, show
from movenet_ros.cli.demo_3d import run_demo_3d
from movenet_ros.cli.demo_processes import START_TIMEOUT, child, keeping_to_ourselves
from movenet_ros.cli.exit_codes import INTERRUPTED, OK
from movenet_ros.cli.interruption import Interruption
from movenet_ros.cli.run import require_ros
from movenet_ros.cli.status_line import StatusLine
from movenet_ros.config import find
from movenet_ros.files.sources import open_source
from movenet_ros.share import sample_clip

if TYPE_CHECKING:
    from movenet_ros.tools.demo_recorder import DemoRecorder

EXAMPLES = """\
examples:
  movenet demo
  movenet demo --model thunder --clip my_clip.mp4 --output out/my_demo

"""

CLIPS = {'lightning': 'one_person.mp4', 'thunder': 'one_person.mp4',
         'multipose': 'several_people.mp4'}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    parser.add_argument('--model', choices=find('model').choices, default='multipose',
                        help='the network (default: multipose)')
    parser.add_argument('--clip', type=Path, metavar='FILE',
                        help='a video of people to play (default: a sample clip)')
    parser.add_argument('--output', type=Path, default=Path('out/demo'), metavar='FOLDER',
                        help='where to leave the results (default: out/demo)')
    parser.add_argument('--three-d', action='store_true',
                        help='positions in metres, in a drawn scene with depth instead of a clip')


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    require_ros()
    if args.three_d:
        return run_demo_3d(args)
    clip = args.clip or sample_clip(CLIPS[args.model])
    with open_source(clip):
        pass  # a clip that cannot be read ends the demo before anything starts
    logs = args.output / 'log'
    logs.mkdir(parents=True, exist_ok=True)
    stamps_log = logs / 'stamps.csv'
    stamps_log.unlink(missing_ok=True)
    try:
        with keeping_to_ourselves(logs):
            return _show_chain(args, clip, stamps_log)
    except KeyboardInterrupt:
        log('stopped before the first image')
        return INTERRUPTED


def _show_chain(args: argparse.Namespace, clip: Path, stamps_log: Path) -> int:
    # Imported late, as ROS reads the environment when it starts.
    from movenet_ros.tools.demo_recorder import DemoRecorder
    show(f'camera: {clip.name}   node: movenet, {args.model}   subscriber: this process')
    code = OK
    with DemoRecorder(args.output, clip, stamps_log, show=show) as recorder:
        try:
            _play(args.model, clip, stamps_log, recorder)
        except KeyboardInterrupt:
            if not recorder.processed():
                raise
            show('stopped; what was played until now is recorded')
            code = INTERRUPTED
        return _draw(recorder) or code


def _play(model: str, clip: Path, stamps_log: Path, recorder: DemoRecorder) -> None:
    """Starts the node and then the camera, and receives until the clip has been played."""
    # The page prints its address, or why there is none; the demo goes on in either case.
    with (child('view', '--port', '0'),
          child('run', '--ros-args', '--log-level', 'warn',
                '-p', 'autostart:=true', '-p', f'model:={model}',
                # The camera is started when the node is active, and takes its time, too.
                '-p', f'diagnostics.image_timeout:={START_TIMEOUT}') as node):
        recorder.wait_for_node(START_TIMEOUT, lambda: node.poll() is None)
        with (child('replay', str(clip), '--stamps-log', str(stamps_log)) as camera,
              StatusLine() as status):
            recorder.watch(lambda: camera.poll() is None, status.show)


def _draw(recorder: DemoRecorder) -> int:
    """Writes the outputs; if it is stopped, they all hold the same images."""
    interruption = Interruption()
    try:
        with interruption:
            lines = recorder.record(interruption.check)
    except KeyboardInterrupt:
        if interruption.forced:
            held = 'stopped again while the outputs were written: they are not complete'
        elif recorder.drawn:
            held = f'the outputs are partial: they hold the first {recorder.drawn}'
        else:
            held = 'nothing was written'
        log(f'stopped after {recorder.drawn} of {len(recorder.processed())} images were drawn; '
             f'{held}')
        return INTERRUPTED
    for line in lines:
        show(line)
    return OK
