"""The `movenet` command."""
from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from movenet_ros.cli import console
from movenet_ros.cli.exit_codes import FAILED, INTERRUPTED, USAGE
from movenet_ros.cli.interruption import interruptible
from movenet_ros.errors import MovenetError, ParameterError

# Each is a module of this package with `add_arguments(parser)` and `run(args) -> int`, and with
# EXAMPLES and EXIT_CODES where it has such of its own.
COMMANDS = {
    'run': 'start the ROS 2 node',
    'status': 'what the running nodes do: rates, loss, latency, warnings',
    'record': 'images and poses of running nodes, into a bag',
    'view': 'a running node or a recording, on a page in a browser',
    'process': 'poses of a video, pictures or a bag, without ROS',
    'diff': 'compare two recordings of poses',
    'replay': 'play a clip or a bag as a camera',
    'evaluate': 'accuracy, jitter and lag of the poses',
    'draw-worlds': 'clips of people who cross and hide each other, with ground truth',
    'benchmark': 'how fast the networks, the pipeline and the node are',
    'models': 'list, verify, import and export the weights',
    'params': 'the parameters, and checks of parameter files',
    'share-dir': 'the folder with config/, launch/, examples/ and msg/ of the package',
    'demo': 'camera, node and subscriber on this machine, to look at',
}

EXIT_CODES = """\
exit codes: 0 done; 1 failed, the cause is on stderr; 2 wrong usage or parameter;
3 done, but some images were rejected; 130 interrupted"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; a user's mistake ends in one line on stderr, never in a traceback."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        with interruptible():
            return _exit_code(words)
    except KeyboardInterrupt:
        return INTERRUPTED


def _exit_code(words: list[str]) -> int:
    try:
        console.prepare()
        try:
            code = _run(words)
        except SystemExit:  # of the parser, after a help text
            console.flush()
            raise
        console.flush()
        return code
    except ParameterError as error:
        return _complain(error, USAGE)
    except MovenetError as error:
        return _complain(error, FAILED)
    except BrokenPipeError:
        return FAILED
    except OSError as error:
        return _complain(error, FAILED)  # what no command foresaw
    finally:
        _abandon_output()


def _run(words: list[str]) -> int:
    # The node's arguments are ROS's to parse, not ours.
    if words[:1] == ['--ros-args']:  # as `ros2 run` and launch files start any node
        words.insert(0, 'run')
    if words[:1] == ['run'] and not {'-h', '--help'} & set(words[1:2]):
        return int(_module('run').start(words[1:]))
    args = _parser(words).parse_args(words)
    return int(args.run(args))


def _abandon_output() -> None:
    """Drops what stdout cannot take, so that Python does not report it at its exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(error: Exception, code: int) -> int:
    console.log(error)
    return code


def _module(name: str) -> ModuleType:
    return importlib.import_module(f'movenet_ros.cli.{name.replace("-", "_")}')


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        for line in _module('version').lines():
            console.show(line)
        parser.exit()


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = console.Parser(
        prog='movenet', description='MoveNet human poses for ROS 2.', epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--version', action=_Version, nargs=0,
                        help='of this package and of what it runs on')
    commands = parser.add_subparsers(required=True, metavar='COMMAND')
    for name, text in COMMANDS.items():
        command = commands.add_parser(
            name, help=text, formatter_class=argparse.RawDescriptionHelpFormatter)
        # Only the command that is asked for is imported: `movenet --help` stays quick.
        if name in words[:1]:
            module = _module(name)
            command.description = module.__doc__
            command.epilog = (getattr(module, 'EXAMPLES', '')
                              + getattr(module, 'EXIT_CODES', EXIT_CODES))
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser
