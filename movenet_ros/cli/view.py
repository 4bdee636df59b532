"""Shows a running node, or a recording, on a page in a browser.

The page has the pictures with the people on them, rates, losses and warnings, and a click
chooses the target. Without a recording it may be started before the node, and goes on when the
node is started again. By default only this machine reaches the page.
"""
from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from movenet_ros.cli.console import flush, log, show
from movenet_ros.cli.exit_codes import OK
from movenet_ros.cli.options import node_name
from movenet_ros.cli.run import require_ros
from movenet_ros.config import Config
from movenet_ros.config.files import NODE
from movenet_ros.errors import ParameterError

if TYPE_CHECKING:
    from movenet_ros.tools.view.serve import ServerOptions

PORT = 8180
DEFAULT = Config()

EXAMPLES = """\
examples:
  movenet view
  movenet view --node /robot1/movenet --port 9000
  movenet view --host 0.0.0.0
  movenet view recording/ --poses poses.jsonl

"""

EXIT_CODES = """\
exit codes: 0 stopped by a signal; 1 failed, the cause is on stderr; 2 wrong usage, or the port is
taken; 130 interrupted before the page was there"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    parser.add_argument('recording', nargs='?', metavar='RECORDING',
                        help='a bag, a video or pictures, instead of a running node')
    parser.add_argument('--node', metavar='NAME', type=node_name,
                        help=f'full name of the node (default: {NODE})')
    parser.add_argument('--poses', metavar='FILE',
                        help='a .jsonl file or a bag with the poses, where RECORDING has none')
    parser.add_argument('--topic', metavar='TOPIC',
                        help='the image topic of a bag (default: all that have poses)')
    parser.add_argument('--poses-topic', metavar='TOPIC',
                        help='the topic with the poses (default: all)')
    parser.add_argument('--white-level', type=int, metavar='VALUE',
                        help="the node's parameter white_level, for images of 16 bits: RECORDING "
                        f'does not hold it (default: {DEFAULT.white_level})')
    parser.add_argument('--host', default='127.0.0.1', metavar='ADDRESS',
                        help='address to listen at; 0.0.0.0: other machines reach the page, with a '
                        'token (default: 127.0.0.1)')
    parser.add_argument('--port', type=int, default=PORT,
                        help=f'TCP port; 0: any that is free (default: {PORT})')
    parser.add_argument('--token', metavar='TEXT',
                        help='what the address has to contain (default: a new one where other '
                        'machines reach the page)')


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    if args.recording is None:
        _run_live(args)
    else:
        _run_recording(args)
    return OK


def _run_live(args: argparse.Namespace) -> None:
    for option in ('poses', 'topic', 'poses_topic', 'white_level'):
        if getattr(args, option) is not None:
            raise ParameterError(f'--{option.replace("_", "-")}', getattr(args, option),
                                 'goes with a RECORDING')
    require_ros()
    from movenet_ros.tools.view.serve import serve_node
    owner = args.node or NODE
    serve_node(owner, _server_options(args), partial(_show_url, owner))


def _run_recording(args: argparse.Namespace) -> None:
    if args.node is not None:
        raise ParameterError('--node', args.node, 'goes without a RECORDING')
    from movenet_ros.tools.view.recording import open_recording
    from movenet_ros.tools.view.serve import serve_recording
    given = {} if args.white_level is None else {'white_level': args.white_level}
    with open_recording(args.recording, poses=args.poses, topic=args.topic,
                        poses_topic=args.poses_topic,
                        white_level=DEFAULT.replace(given).white_level) as recording:
        for note in recording.notes:
            log(note)
        serve_recording(recording, _server_options(args), partial(_show_url, recording.title))


def _server_options(args: argparse.Namespace) -> ServerOptions:
    from movenet_ros.tools.view.serve import ServerOptions
    return ServerOptions(args.host, args.port, args.token)


def _show_url(what: str, url: str) -> None:
    show(f'{what} is shown on {url}')
    flush()
