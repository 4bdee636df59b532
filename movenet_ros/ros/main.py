"""Runs the node until it is asked to stop: `python -m movenet_ros.ros.main --ros-args ...`."""
from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from movenet_ros.config import files as parameter_files
from movenet_ros.errors import MovenetError, one_line
from movenet_ros.fastdds_profile import use_large_image_profile
from movenet_ros.ros.memory import keep_image_memory
from movenet_ros.ros.shared_memory import remove_abandoned
from movenet_ros.ros.signals import StopRequest

if TYPE_CHECKING:
    from rclpy.node import Node

BAD_START = 2


def run(argv: Sequence[str]) -> int:
    """Runs the node.

    Args:
        argv: Arguments without the program's name, e.g. `--ros-args -p autostart:=true`.

    Returns:
        Exit code: 0 after SIGINT or SIGTERM; 2 if the node cannot start with these arguments and
        parameters.
    """
    with StopRequest() as stop:
        keep_image_memory()
        # a predecessor that was killed and started again by a launch file leaves one each time
        remove_abandoned()
        # its overlays may be large; but room is left for its camera and a listener
        use_large_image_profile(processes=3)
        # Imported late, so that a stop signal is honoured while all this loads.
        import cv2
        import rclpy
        from rclpy.signals import SignalHandlerOptions

        from movenet_ros.ros.node import MovenetNode, spin
        # Resampling to the network's size is too little work to share: waking and awaiting
        # OpenCV's threads took 0.6 ms of CPU time per image, and saved no time.
        cv2.setNumThreads(1)
        try:
            rclpy.init(args=['movenet', *argv], signal_handler_options=SignalHandlerOptions.NO)
            _reject_unknown_arguments(argv)
            node = MovenetNode()
        except (MovenetError, RuntimeError) as error:
            # RuntimeError: what rclpy raises for arguments and files that it cannot read
            print(f'movenet cannot start: {_words(error)}', file=sys.stderr, flush=True)
            rclpy.try_shutdown()
            return BAD_START
        _warn_of_ignored_files(node, argv)
        spin(node, stop)
        return 0


def _warn_of_ignored_files(node: Node, argv: Sequence[str]) -> None:
    # ROS itself is silent when the name or namespace of the node is another one than in the file.
    for option, path in pairwise(argv):
        if option == '--params-file' and (
                text := parameter_files.ignored(path, node.get_fully_qualified_name())):
            node.get_logger().warning(text)


def _reject_unknown_arguments(argv: Sequence[str]) -> None:
    from rclpy.utilities import remove_ros_args
    if unknown := remove_ros_args(list(argv)):
        raise MovenetError(f'{" ".join(unknown)}: only ROS arguments are taken, and they come '
                           'after --ros-args')


def _words(error: Exception) -> str:
    # rclpy gives only the arguments that it does not know
    unknown = 'unknown ROS arguments: ' if 'ROSArgs' in type(error).__name__ else ''
    return unknown + one_line(error)


def main() -> None:
    """The entry point of the node's executable."""
    sys.exit(run(sys.argv[1:]))


if __name__ == '__main__':
    main()
