"""Plays a recording, a video or pictures as a camera would."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import rclpy
from rclpy.exceptions import InvalidTopicNameException
from rclpy.signals import SignalHandlerOptions

from movenet_ros.errors import ParameterError, SinkError
from movenet_ros.media.sources import open_source
from movenet_ros.ros.planned_images import PlannedImage, planned_images
from movenet_ros.ros.player import Player, Published, ReplayOptions
from movenet_ros.ros.signals import StopRequest
from movenet_ros.ros.spinning import spinning

STAMPS_HEADER = 'index,source_stamp_ns,stamp_ns'
"""The first line of a stamps log."""


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
          _stamps_log(stamps_log) as published):
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


@contextmanager
def _stamps_log(path: Path | None) -> Iterator[Published]:
    """What notes every published image in a file."""
    if path is None:
        yield lambda image, stamp_ns: None
        return
    try:
        # Line by line, so that it is right however the replay ends.
        with path.open('w', encoding='ascii', buffering=1) as file:
            print(STAMPS_HEADER, file=file)

            def note(image: PlannedImage, stamp_ns: int) -> None:
                print(f'{image.index},{image.stamp_ns},{stamp_ns}', file=file)

            yield note
    except OSError as error:
        raise SinkError(f'{path}: cannot be written: {error.strerror}') from error
