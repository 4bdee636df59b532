"""Poses as movenet_ros/PoseArray messages in a rosbag2 (MCAP), and events, without ROS.

A folder is for programs: it holds these alone. A single file is also for looking at: beside them it
has what Foxglove shows, the images and annotations.

The log time of a message is the time at which its image was received, or else the stamp of the
image. Nothing depends on when it was written, so equal poses give equal bytes.
"""
from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import SinkError
from movenet_ros.files.atomic_output import AtomicOutput, as_output_error
from movenet_ros.files.bags.bag_writer import BagWriter
from movenet_ros.files.bags.requirements import require_rosbags
from movenet_ros.files.bags.shown_image import shown_messages
from movenet_ros.files.sink import Result, Sink
from movenet_ros.messages.gesture_array import GESTURE_ARRAY, serialize_gestures
from movenet_ros.messages.person_event import PERSON_EVENT, serialize_event
from movenet_ros.messages.pose_array import POSE_ARRAY, PoseMessage, serialize
from movenet_ros.messages.pose_array_3d import POSE_ARRAY_3D, serialize_3d
from movenet_ros.messages.target import TARGET, serialize_target

POSES_TOPIC = '/movenet/poses'
METADATA = 'metadata.yaml'
MARK = ('made_by', 'movenet process')
"""In the metadata of each bag: results can be computed again, and so be replaced."""
# The metadata is the last record before the summary, whose place is in the footer.
FOOTER = struct.Struct('<QQI8s')
MOST_METADATA = 2 ** 16


class BagSink(Sink):
    """Writes a bag: a single .mcap file, or a folder with metadata.yaml."""

    def __init__(self, path: Path, *, topic: str = POSES_TOPIC) -> None:
        """Opens the bag.

        Args:
            path: A name that ends in .mcap for one file, any other for a folder.
            topic: Name of the topic of the poses in the bag; beside it are `events`, `poses_3d`
                if there is a calibration, `gestures` if they are enabled, and `target` if one is
                selected. In one file also `image/compressed` and `annotations`.

        Raises:
            SinkError: The place cannot be written to, or holds what this class did not write.
            MovenetError: The package rosbags is missing.
        """
        super().__init__()
        require_rosbags()
        self._path, self._single = path, path.suffix.lower() == '.mcap'
        _check_replaceable(path, self._single)
        self._output = AtomicOutput(path)
        try:
            # The file inside takes its name from the folder's.
            folder = self._output.path.with_suffix('') if self._single else self._output.path
            with as_output_error(path):
                self._writer = BagWriter(folder, MARK)
            self._topic = topic
            self._writer.add_topic(topic, POSE_ARRAY)
            self._writer.add_topic(_beside(topic, 'events'), PERSON_EVENT)
        except BaseException:
            self._output.discard()
            raise

    def _messages(self, message: PoseMessage, result: Result) -> Iterator[tuple[str, str, bytes]]:
        """Topic, type and bytes of each; topics that most recordings do not have come with it."""
        image, topic, observation = message.image, self._topic, result.observation
        if self._single:
            for name, kind, serialized in shown_messages(result, image):
                yield _beside(topic, name), kind, serialized
        yield topic, POSE_ARRAY, serialize(message)
        for event in observation.events:
            yield _beside(topic, 'events'), PERSON_EVENT, serialize_event(image, event)
        if observation.poses_3d is not None:
            yield (_beside(topic, 'poses_3d'), POSE_ARRAY_3D,
                   serialize_3d(image, message.poses, observation.poses_3d))
        if observation.gestures is not None:
            yield (_beside(topic, 'gestures'), GESTURE_ARRAY,
                   serialize_gestures(image, observation.gestures))
        if not observation.target.selection.is_none:
            yield _beside(topic, 'target'), TARGET, serialize_target(image, observation.target)

    def _write(self, result: Result) -> None:
        message = PoseMessage(
            divmod(result.stamp_ns, NANOSECONDS), result.frame_id, result.picture.width,
            result.picture.height, result.sequence, result.model, result.poses)
        try:
            messages = list(self._messages(message, result))
        except (struct.error, UnicodeEncodeError) as error:
            raise SinkError(f'{self._path}: the poses of the image at {result.stamp_ns} ns do '
                            f'not fit into a message: {error}') from error
        log_ns = result.stamp_ns if result.receive_ns is None else result.receive_ns
        with as_output_error(self._path):
            for topic, kind, serialized in messages:
                self._writer.add_topic(topic, kind)
                self._writer.write(topic, log_ns, serialized)

    def _finish(self) -> None:
        with as_output_error(self._path):
            self._writer.close()
            if self._single:
                self._writer.file.replace(self._output.path)
        self._output.publish()

    def _discard(self) -> None:
        try:
            self._writer.abort()
        finally:
            self._output.discard()


def _beside(topic: str, name: str) -> str:
    """The topic of this name in the namespace of another one."""
    return topic.rpartition('/')[0] + '/' + name


def _check_replaceable(path: Path, single: bool) -> None:
    """Rejects to replace anything but an earlier result: a recording cannot be made again."""
    if path.is_file() and not single:
        raise SinkError(f'{path}: is a file, and a bag is a folder; remove it, or let the name '
                        'end in .mcap for a single file')
    items = sorted(path.iterdir()) if path.is_dir() else [path] * path.exists()
    files = [item for item in items if item.name != METADATA]
    if items and not (len(files) == 1 and _is_ours(path, files[0])):
        raise SinkError(f'{path}: holds something that this command did not write '
                        f'({(files or items)[0].name}); nothing was changed, choose another name '
                        'or remove it')


def _is_ours(bag: Path, file: Path) -> bool:
    """Whether a bag, and the file with its messages, is one that a `BagSink` wrote."""
    if not file.is_file() or not file.stat().st_size:
        return file.is_file() and bag == file
    try:
        with file.open('rb') as content:
            content.seek(-FOOTER.size, os.SEEK_END)
            summary = FOOTER.unpack(content.read())[0]
            content.seek(max(0, summary - MOST_METADATA))
            return ': '.join(MARK).encode() in content.read(min(summary, MOST_METADATA))
    except (OSError, struct.error):
        return False
