"""Plays a recording, a video or pictures as a camera would."""
from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import rclpy
from rclpy.exceptions import InvalidTopicNameException
from rclpy.signals import SignalHandlerOptions

from movenet_ros.errors import ParameterError
from movenet_ros.files.sources import open_source
from movenet_ros.ros.signals import StopRequest
from movenet_ros.tools.planned_images import planned_images
from movenet_ros.tools.player import Player, ReplayOptions
from movenet_ros.tools.spinning import spinning
from movenet_ros.tools.stamps_log import write_stamps_log


def main(path: str | Path, options: ReplayOptions, *, bag_topic: str | None = None,
         fps: float | None = None, report: Callable[[str], None] = lambda text: None,
         stamps_log: Path | None = None) -> int:
    """Plays a file until its end, or until SIGINT or SIGTERM.

    Args:
        path: A bag, a video, a picture or a folder of pictures.
        options: How to play.
        bag_topic: Which topic of a bag to play; None where there is only one with images.
        fps: Rate of pictures, and of a video instead of its own times [Hz]; None for 30, and
            for the own times.
        report: Takes a line about what is going on.
        stamps_log: A file to be written, with a line for every image that was published.

    Returns:
        Exit code: 0.

    Raises:
        SourceError: The file cannot be read.
        SinkError: The stamps log cannot be written.
        ParameterError: The topic's name is none.
    """
    with (StopRequest() as stop, open_source(path, topic=bag_topic, fps=fps) as source,
          ExitStack() as stack):
        published = stack.enter_context(write_stamps_log(stamps_log)) if stamps_log else None
        for note in source.notes:
            report(note)
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        try:
            player = Player(options, report=report, published=published)
            with spinning(player):
                player.wait_for_subscribers(stop)
                count = player.play(lambda: planned_images(source, options.transport), stop)
            report(f'{count} images played')
            player.destroy_node()
        except InvalidTopicNameException as error:
            cause = str(error).partition(':\n')[0]
            raise ParameterError('--topic', options.topic, cause) from error
        finally:
            rclpy.try_shutdown()
    return 0
