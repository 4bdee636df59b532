"""Shows the whole chain on this machine: a sample clip as the camera, the node, a subscriber.

Each is a process of its own, and they talk over DDS. Leaves in the output folder a
bag of the poses, a video and a picture of what the node draws.
"""
from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from movenet_ros.cli.console import show
from movenet_ros.cli.run import require_ros
from movenet_ros.config import find
from movenet_ros.errors import SourceError
from movenet_ros.media.sources import open_source
from movenet_ros.share import large_image_profile, share_dir

EXAMPLES = """\
examples:
  movenet demo
  movenet demo --model thunder --clip my_clip.mp4 --output out/my_demo

"""

CLIPS = {'lightning': 'one_person.mp4', 'thunder': 'one_person.mp4',
         'multipose': 'several_people.mp4'}
PATIENCE = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    parser.add_argument('--model', choices=find('model').choices, default='multipose',
                        help='the network (default: multipose)')
    parser.add_argument('--clip', type=Path, metavar='FILE',
                        help='a video to play (default: a sample clip of the source checkout)')
    parser.add_argument('--output', type=Path, default=Path('out/demo'), metavar='FOLDER',
                        help='where to leave the results (default: out/demo)')


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    require_ros()
    clip = args.clip or share_dir() / 'test' / 'data' / CLIPS[args.model]
    if not clip.is_file():
        hint = '' if args.clip else (': the sample clips are in the source checkout alone; name a '
                                     'video of people with --clip FILE')
        raise SourceError(f'{clip}: there is no such file{hint}')
    fps = open_source(clip).fps
    args.output.mkdir(parents=True, exist_ok=True)
    _keep_to_ourselves(args.output)
    # Imported late, as ROS reads the environment when it starts.
    from movenet_ros.ros.exhibit import Exhibit
    show(f'camera: {clip.name}   node: movenet, {args.model}   subscriber: this process')
    with _child('run', '--ros-args', '-p', 'autostart:=true', '-p', f'model:={args.model}',
                '--log-level', 'warn'), Exhibit(args.output, fps) as exhibit:
        exhibit.wait_for_node(PATIENCE)
        with _child('replay', str(clip), '--reliable', '--subscribers', '2') as camera:
            exhibit.watch(lambda: camera.poll() is None)
    print(exhibit.report())
    return 0


def _keep_to_ourselves(output: Path) -> None:
    """Sets the environment of this process and its children: no other robot is disturbed."""
    os.environ.update({
        'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST', 'ROS_LOG_DIR': str(output / 'log'),
        'ROS_DOMAIN_ID': str(random.randint(1, 100)), **large_image_profile()})


@contextmanager
def _child(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another `movenet` command, which ends with the block."""
    with subprocess.Popen([sys.executable, '-m', 'movenet_ros.cli', *words],
                          start_new_session=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
