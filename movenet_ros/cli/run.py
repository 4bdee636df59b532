"""Starts the ROS 2 node. Every argument is ROS's own."""
from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from movenet_ros.errors import EngineError

EXAMPLES = """\
examples:
  movenet run --ros-args -p autostart:=true -r image:=/camera/image_raw
  movenet run --ros-args --params-file my.yaml -r __ns:=/front

"""

EXIT_CODES = """\
exit codes: 0 stopped by a signal; 1 ROS 2 cannot be imported; 2 wrong argument or parameter;
4 the network hangs, with the parameter watchdog.exit"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments, for the help text alone."""
    parser.add_argument('arguments', nargs='*', metavar='--ros-args ...')


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    return start(args.arguments)


def start(arguments: Sequence[str]) -> int:
    """Runs the node until it is asked to stop.

    Raises:
        EngineError: ROS 2 is not there.
    """
    require_ros()
    from movenet_ros.ros.main import run as run_node
    return run_node(arguments)


def require_ros() -> None:
    """Raises an EngineError if ROS 2 or the compiled messages cannot be imported."""
    try:
        import rclpy  # noqa: F401

        import movenet_ros.msg  # noqa: F401
    except ImportError as error:
        distro = os.environ.get('ROS_DISTRO', 'none')
        raise EngineError(
            f'ROS 2 or the messages of this package cannot be imported ({error}); ROS_DISTRO is '
            f'{distro}: source the setup file of your ROS 2 workspace, or install the package '
            'with pip, not the library only') from error
