"""Runs the node until it is asked to stop: `python -m movenet_ros.ros.main --ros-args ...`."""
from __future__ import annotations

import sys
from collections.abc import Sequence

from movenet_ros.errors import MovenetError, one_line
from movenet_ros.ros.memory import keep_image_memory
from movenet_ros.ros.shared_memory import remove_abandoned
from movenet_ros.ros.signals import StopRequest

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
        # Imported late: so that a stop signal is heeded while all this loads.
        import cv2
        import rclpy
        from rclpy.signals import SignalHandlerOptions

        from movenet_ros.ros.node import MovenetNode, spin
        # Resampling to the network's size is too little work to share: waking and awaiting
        # OpenCV's threads took 0.6 ms of CPU time per image, and saved no time.
        cv2.setNumThreads(1)
        try:
            rclpy.init(args=['movenet', *argv], signal_handler_options=SignalHandlerOptions.NO)
            _refuse_strangers(argv)
            node = MovenetNode()
        except (MovenetError, RuntimeError) as error:
            # RuntimeError: what rclpy raises for arguments and files that it cannot read
            print(f'movenet cannot start: {_words(error)}', file=sys.stderr, flush=True)
            rclpy.try_shutdown()
            return BAD_START
        spin(node, stop)
        return 0


def _refuse_strangers(argv: Sequence[str]) -> None:
    from rclpy.utilities import remove_ros_args
    if strangers := remove_ros_args(list(argv)):
        raise MovenetError(f'{" ".join(strangers)}: only ROS arguments are taken, and they come '
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
