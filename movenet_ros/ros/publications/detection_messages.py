"""People as vision_msgs/Detection2DArray and Detection3DArray, for what takes any detector.

vision_msgs has no keypoints. The class is `person`, the detection's id the person's. Fields are
those of vision_msgs 4: since then the centre of a 2-D box is a vision_msgs/Pose2D.
"""
from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from std_msgs.msg import Header

from movenet_ros.core.geometry.poses_3d import Poses3D
from movenet_ros.core.types import Poses

CLASS_ID = 'person'

Floats = NDArray[np.floating[Any]]


def to_detections_2d(messages: ModuleType, header: Header, poses: Poses) -> Any:
    """The Detection2DArray of an image; boxes in pixels, as in PoseArray.

    Args:
        messages: `vision_msgs.msg`.
        header: Of the image.
        poses: The people.
    """
    detections = []
    for number, score, (x_min, y_min, x_max, y_max) in zip(
            poses.id.tolist(), poses.score.tolist(), poses.box.tolist(), strict=True):
        detection = messages.Detection2D(
            header=header, id=str(number), results=[_hypothesis(messages, score)])
        center = detection.bbox.center.position
        center.x, center.y = (x_min + x_max) / 2, (y_min + y_max) / 2
        detection.bbox.size_x, detection.bbox.size_y = x_max - x_min, y_max - y_min
        detections.append(detection)
    return messages.Detection2DArray(header=header, detections=detections)


def to_detections_3d(messages: ModuleType, header: Header, poses: Poses,
                     people: Poses3D) -> Any:
    """The Detection3DArray of an image: the people of whom there is a position.

    A box is the smallest one, parallel to the axes of the frame, around the keypoints whose
    position is known, and in depth also around the person's extent. The pose of the hypothesis is
    the person's position; without one, the box's centre.

    Args:
        messages: `vision_msgs.msg`.
        header: Of the image; the frame is the camera's optical one.
        poses: N people.
        people: The same in metres.
    """
    detections = []
    for row, (number, score) in enumerate(zip(
            poses.id.tolist(), poses.score.tolist(), strict=True)):
        lowest, highest = _limits(people, row)
        if np.isnan(lowest).any():
            continue
        detection = messages.Detection3D(
            header=header, id=str(number), results=[_hypothesis(messages, score)])
        center = (lowest + highest) / 2
        position = people.position[row]
        _set_pose(detection.bbox.center, center)
        _set_pose(detection.results[0].pose.pose, center if np.isnan(position).any() else position)
        size = detection.bbox.size
        size.x, size.y, size.z = (highest - lowest).tolist()
        detections.append(detection)
    return messages.Detection3DArray(header=header, detections=detections)


def _limits(people: Poses3D, row: int) -> tuple[Floats, Floats]:
    """The corners of a person's box [m]: two [3]; NaN if no keypoint has a position."""
    # fmin and fmax leave NaN out.
    points, extent = people.keypoint_position[row], people.extent[row]
    lowest, highest = np.fmin.reduce(points), np.fmax.reduce(points)
    lowest[2], highest[2] = np.fmin(lowest[2], extent[0]), np.fmax(highest[2], extent[1])
    return lowest, highest


def _set_pose(pose: Any, position: Floats) -> None:
    pose.position.x, pose.position.y, pose.position.z = position.tolist()
    pose.orientation.w = 1.0


def _hypothesis(messages: ModuleType, score: float) -> Any:
    result = messages.ObjectHypothesisWithPose()
    result.hypothesis.class_id, result.hypothesis.score = CLASS_ID, score
    return result
