"""Runs the pipeline on the images of a recording, one after the other."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from movenet_ros.core.types import Picture
from movenet_ros.errors import ImageError
from movenet_ros.files.bags.bag import RawMessage
from movenet_ros.files.bags.source import BagSource
from movenet_ros.files.sink import Result, Sink
from movenet_ros.files.source import Frame, Source
from movenet_ros.images.image_warnings import (
    ImageHistory,
    image_traits,
    image_warnings,
    picture_warnings,
)
from movenet_ros.library import MoveNet
from movenet_ros.processing.observing import Observing
from movenet_ros.processing.tally import Tally


def process(frames: Iterable[Frame | RawMessage], net: MoveNet, tally: Tally,
            observing: Observing | None = None) -> Iterator[Result]:
    """Runs the pipeline on every frame, and observes the results.

    Args:
        frames: In the order of their stamps; between them the messages that came with them.
        net: The networks and the parameters.
        tally: Counts the frames whose picture cannot be used, which give no result and leave the
            state as it is, as in the node; and what is wrong with others.
        observing: Observes them; None where the frames have nothing to do with one another: each
            is then processed by itself.

    Yields:
        One result for every other frame, in order.
    """
    sequence, history = 0, ImageHistory()
    for frame in frames:
        if isinstance(frame, RawMessage):
            if observing:
                yield from observing.add_message(frame)
            continue
        if (picture := _picture(frame, net, tally)) is None:
            continue
        poses = net(picture, stamp_ns=frame.stamp_ns) if observing else net.detect(picture)
        history = _warn(frame, picture, history, net, tally)
        result = Result(frame.stamp_ns, frame.frame_id, sequence, net.info.model, picture, poses,
                        frame.receive_ns, message=frame.message)
        yield from observing.add(result) if observing else (result,)
        sequence += 1
    if observing:
        yield from observing.rest()


def write_results(results: Iterable[Result], sinks: Sequence[Sink], tally: Tally) -> None:
    """Writes every result to all outputs, and counts it.

    Raises:
        SourceError: The images end before the recording does; what came before is written.
        SinkError: An output cannot be written.
    """
    for result in results:
        for sink in sinks:
            sink.write(result)
        tally.processed += 1


def with_geometry(source: Source, frames: Iterable[Frame],
                  observing: Observing | None) -> Iterable[Frame | RawMessage]:
    """Frames of a source, with the messages of calibration and depth that a bag has."""
    if observing is None or not isinstance(source, BagSource):
        return frames
    return source.with_geometry(frames, observing.topics, lambda: observing.is_waiting)


def _picture(frame: Frame, net: MoveNet, tally: Tally) -> Picture | None:
    """The picture of a frame; None if it cannot be used."""
    try:
        return frame.picture(net.config.white_level)
    except ImageError as error:
        tally.add_rejected(error, frame.stamp_ns)
        return None


def _warn(frame: Frame, picture: Picture, history: ImageHistory, net: MoveNet,
          tally: Tally) -> ImageHistory:
    """Counts what is wrong with an image."""
    if frame.message is None:
        warnings = picture_warnings(picture)
    else:
        image, max_lateness = image_traits(frame.message, picture), net.config.max_lateness
        warnings = image_warnings(history, image, frame.receive_ns or 0, max_lateness)
        history = history.with_image(image, max_lateness)
    for cause, text in warnings:
        tally.add_warned(cause, text, frame.stamp_ns)
    return history
