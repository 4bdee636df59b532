"""The demo of positions in metres: `movenet demo --three-d`."""
from __future__ import annotations

import argparse

from movenet_ros.cli.console import log, show
from movenet_ros.cli.demo_processes import START_TIMEOUT, child, keeping_to_ourselves
from movenet_ros.cli.exit_codes import INTERRUPTED, OK
from movenet_ros.cli.status_line import StatusLine


def run_demo_3d(args: argparse.Namespace) -> int:
    """Runs it, with the arguments of `movenet demo`."""
    logs = args.output / 'log'
    logs.mkdir(parents=True, exist_ok=True)
    with keeping_to_ourselves(logs):
        return _show_people(args)


def _show_people(args: argparse.Namespace) -> int:
    # Imported late, as ROS reads the environment when it starts.
    from movenet_ros.tools.demo_3d import DepthCamera, record
    show(f'camera: a drawn scene with depth   node: movenet, {args.model}')
    answers = []
    try:
        with (child('run', '--ros-args', '--log-level', 'warn', '-p', 'autostart:=true',
                    '-p', f'model:={args.model}', '-p', 'depth.transport:=raw',
                    '-p', f'diagnostics.image_timeout:={START_TIMEOUT}') as node,
              DepthCamera() as camera, StatusLine() as status):
            for answer in camera.play(lambda: node.poll() is None):
                answers.append(answer)
                distances = ', '.join(f'{person.id}: {person.distance:.2f} m'
                                      for person in answer.poses_3d.poses)
                status.show(f'images {len(answers):4d}   {distances}')
    except KeyboardInterrupt:
        log('stopped; nothing was written')
        return INTERRUPTED
    for line in record(answers, args.output / 'picture_3d.png'):
        show(line)
    return OK
