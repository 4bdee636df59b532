"""Recorded poses as messages."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from movenet_ros.files.recorded_poses import read_poses
from movenet_ros.files.source import PathLike
from movenet_ros.messages.pose_array import PoseMessage, serialize

if TYPE_CHECKING:
    from movenet_ros.msg import PoseArray


def read_pose_arrays(path: PathLike, topic: str | None = None) -> list[PoseArray]:
    """The poses in a recording as movenet_ros/PoseArray messages, in its order.

    Args:
        path: A rosbag2 (a folder, a .mcap or a .db3 file) or a .jsonl file of `movenet process`.
        topic: The topic of a bag that has several with PoseArrays.

    Raises:
        SourceError: It cannot be read, or there are no poses in it.
    """
    return [deserialize(serialize(message)) for message in read_poses(path, topic)]


def deserialize(data: bytes) -> PoseArray:
    """A PoseArray from its serialized bytes (CDR)."""
    # Imported late: comparing recordings needs no ROS.
    from rclpy.serialization import deserialize_message

    from movenet_ros.msg import PoseArray
    message: PoseArray = deserialize_message(data, PoseArray)
    return message


def pose_messages(poses: PathLike | Iterable[PoseMessage | PoseArray]) -> Iterator[PoseMessage]:
    """Poses of a recording, of `read_poses`, or in PoseArray messages, as PoseMessages.

    Raises:
        SourceError: The recording cannot be read.
        TypeError: It is none of these.
    """
    if isinstance(poses, (str, bytes)) or hasattr(poses, '__fspath__'):
        yield from read_poses(poses)  # type: ignore[arg-type]
        return
    for message in poses:
        if isinstance(message, PoseMessage):
            yield message
        elif hasattr(message, 'poses') and hasattr(message, 'header'):
            from movenet_ros.ros.conversions import from_pose_array
            yield from_pose_array(message)
        else:
            raise TypeError(f'not poses: {type(message).__name__}; give a recording, PoseArray '
                            'messages, or what read_poses gives')
