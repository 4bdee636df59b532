"""Records images and poses of running nodes into a bag, as rosbag2 would.

That is what each node of this package subscribes to (images, camera_info, depth) and the poses,
events, gestures and target that it publishes, each message as it came. Waits for nodes and topics
that are not there yet. Ends with Ctrl-C.
"""
from __future__ import annotations

import argparse
import math
from pathlib import Path

from movenet_ros.cli.console import log, show
from movenet_ros.cli.exit_codes import INCOMPLETE, OK
from movenet_ros.cli.options import node_name
from movenet_ros.cli.run import require_ros
from movenet_ros.cli.status_line import StatusLine
from movenet_ros.errors import ParameterError

EXAMPLES = """\
examples:
  movenet record --output recording
  movenet record --output clip.mcap --seconds 10 --node /robot1/movenet /tf /odom

"""

EXIT_CODES = """\
exit codes: 0 recorded; 1 nothing was recorded, or the bag cannot be written; 2 wrong usage;
3 recorded, but messages are missing; 130 interrupted before it had begun"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    parser.add_argument('topics', metavar='TOPIC', nargs='*',
                        help='other topics to record, if their message packages are installed')
    parser.add_argument('--output', '-o', metavar='BAG', type=Path, required=True,
                        help='a new bag: one file if it ends in .mcap, or else a folder')
    parser.add_argument('--node', metavar='NAME', type=node_name,
                        help='full name of the node (default: all of this package)')
    parser.add_argument('--seconds', type=float,
                        help='for how long, from the first message on (default: until Ctrl-C)')


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    if args.seconds is not None and not 0.0 < args.seconds < math.inf:
        raise ParameterError('--seconds', args.seconds, 'must be above 0')
    require_ros()
    from movenet_ros.tools.record import RecordOptions, record
    options = RecordOptions(args.node, tuple(args.topics), args.seconds)
    with StatusLine() as status:
        recorded = record(args.output, options, report=log, show_status=status.show)
    for line in recorded.lines:
        show(line)
    return OK if recorded.is_complete else INCOMPLETE
