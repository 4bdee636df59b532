"""Messages from the chain's values, and back."""
from __future__ import annotations

import time
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from movenet_ros.core.network import NetworkInfo
from movenet_ros.core.skeleton import EDGES, KEYPOINT_NAMES, MIRRORED
from movenet_ros.core.types import NANOSECONDS, Picture, Poses
from movenet_ros.errors import printable
from movenet_ros.messages.pose_array import PoseMessage
from movenet_ros.msg import Keypoint, PoseArray, PoseInfo
from movenet_ros.ros.diagnostics.monitor import Report

ENCODINGS = {'rgb': 'rgb8', 'bgr': 'bgr8', 'rgba': 'rgba8', 'bgra': 'bgra8', 'mono': 'mono8'}
TO_BGR = {'rgb': cv2.COLOR_RGB2BGR, 'rgba': cv2.COLOR_RGBA2BGR, 'bgra': cv2.COLOR_BGRA2BGR}
JPEG_QUALITY = 90


def stamp_ns(header: Header) -> int:
    """A header's stamp as one integer [ns]."""
    return int(header.stamp.sec) * NANOSECONDS + int(header.stamp.nanosec)


def receive_ns(info: Mapping[str, Any]) -> int:
    """When the middleware received a message, by the system clock [ns]; now, if it does not say."""
    return int(info['received_timestamp']) or time.time_ns()


def set_stamp(header: Header, nanoseconds: int) -> None:
    """Writes a stamp [ns] into a header."""
    header.stamp.sec, header.stamp.nanosec = divmod(nanoseconds, NANOSECONDS)


def to_header(stamp: tuple[int, int], frame_id: str) -> Header:
    """A header with this stamp (seconds, nanoseconds)."""
    header = Header(frame_id=frame_id)
    header.stamp.sec, header.stamp.nanosec = stamp
    return header


def to_image(picture: Picture, header: Header) -> Image:
    """An image message, with the channels in the picture's own order."""
    # Filled by frombytes the field takes the array as it is; anything else is checked
    # and copied byte by byte, which takes a hundred times as long.
    data = array('B')
    data.frombytes(np.ascontiguousarray(picture.pixels).data)
    return Image(header=header, height=picture.height, width=picture.width,
                 encoding=ENCODINGS[picture.order], is_bigendian=0,
                 step=len(data) // picture.height, data=data)


def to_compressed_image(picture: Picture, header: Header) -> CompressedImage:
    """A JPEG message, as image_transport writes it."""
    pixels: Any = np.ascontiguousarray(picture.pixels)
    if picture.order in TO_BGR:
        pixels = cv2.cvtColor(pixels, TO_BGR[picture.order])
    _, jpeg = cv2.imencode('.jpg', pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    coded = 'mono8' if picture.order == 'mono' else 'bgr8'
    message = CompressedImage(
        header=header, format=f'{ENCODINGS[picture.order]}; jpeg compressed {coded}')
    message.data.frombytes(jpeg.data)
    return message


def from_pose_array(message: PoseArray) -> PoseMessage:
    """What a PoseArray says."""
    people = message.poses
    points = np.array([[(k.x, k.y, k.score) for k in p.keypoints] for p in people], np.float32)
    points = points.reshape(len(people), Keypoint.COUNT, 3)
    box = np.array([(p.x_min, p.y_min, p.x_max, p.y_max) for p in people], np.float32)
    visible = np.array([[k.visible for k in p.keypoints] for p in people], np.bool_)
    velocity = np.array([(p.velocity_x, p.velocity_y) for p in people], np.float32)
    poses = Poses(
        xy=points[..., :2], keypoint_score=points[..., 2], box=box.reshape(-1, 4),
        score=np.array([p.score for p in people], np.float32),
        id=np.array([p.id for p in people], np.int32),
        age=np.array([p.age for p in people], np.float32),
        visible=visible.reshape(-1, Keypoint.COUNT), velocity=velocity.reshape(-1, 2),
        truncated=np.array([p.truncated for p in people], np.bool_),
        time_unseen=np.array([p.time_unseen for p in people], np.float32))
    stamp = message.header.stamp
    return PoseMessage((stamp.sec, stamp.nanosec), message.header.frame_id, message.width,
                       message.height, message.sequence, message.model, poses)


def to_pose_info(header: Header, info: NetworkInfo, configuration: str) -> PoseInfo:
    """The message that says what the poses mean.

    Args:
        header: With the time of the announcement.
        info: The network.
        configuration: Digest of the parameters.
    """
    return PoseInfo(
        header=header, convention='COCO', keypoint_names=list(KEYPOINT_NAMES),
        edges=[end for edge in EDGES for end in edge], mirrored=list(MIRRORED),
        model=info.model, model_sha256=info.sha256, engine=info.engine, device=info.device,
        configuration=configuration)


def to_diagnostics(reports: Sequence[Report], now_ns: int) -> DiagnosticArray:
    """The message for /diagnostics; what it shows is made printable."""
    message = DiagnosticArray(status=[
        DiagnosticStatus(
            level=bytes([report.level]), name=printable(report.name),
            message=printable(report.message), hardware_id=printable(report.hardware_id),
            values=[KeyValue(key=printable(key), value=printable(value))
                    for key, value in report.values])
        for report in reports])
    set_stamp(message.header, now_ns)
    return message
