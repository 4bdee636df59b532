"""The demo of positions in metres: a drawn depth camera, and what the node makes of it.

Publishes an image with its depth and calibration, and the next one when its poses in metres are
there. Afterwards it draws some of the images with their poses, and beside each the same people
in 3-D.
"""
from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import rclpy
from numpy.typing import NDArray
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from movenet_ros.config.declarations import OverlayConfig
from movenet_ros.core.types import Picture
from movenet_ros.errors import EngineError
from movenet_ros.images.overlay import draw
from movenet_ros.msg import PoseArray, PoseArray3D
from movenet_ros.ros.conversions import from_pose_array, set_stamp, stamp_ns, to_image
from movenet_ros.tools import rgbd_scene
from movenet_ros.tools.rgbd_scene import RgbdImage
from movenet_ros.tools.skeleton_views import Skeleton, draw_views

FRAME = 'camera_optical_frame'
TIMEOUT = 30.0  # s, for the node and for each answer
AGAIN = 0.5  # s, until the first image is sent again: who is not yet connected misses it
MOMENTS = 3


@dataclass(frozen=True, eq=False)
class Answer:
    """An image, and what the node said of it."""

    image: RgbdImage
    poses: PoseArray
    poses_3d: PoseArray3D


class DepthCamera:
    """Publishes the scene and receives the answers; to be used as a context manager."""

    def __init__(self) -> None:
        rclpy.init(args=[])
        self._node: Node = rclpy.create_node('depth_camera', start_parameter_services=False)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        quiet = PublisherEventCallbacks(use_default_callbacks=False)
        self._publishers = {topic: self._node.create_publisher(
            kind, topic, QoSProfile(depth=10), event_callbacks=quiet)
            for topic, kind in (('camera_info', CameraInfo), ('depth', Image), ('image', Image))}
        self._came: dict[tuple[str, int], Any] = {}
        for topic, kind in (('poses', PoseArray), ('poses_3d', PoseArray3D)):
            self._node.create_subscription(
                kind, f'movenet/{topic}', self._keeper(topic), QoSProfile(depth=10),
                event_callbacks=SubscriptionEventCallbacks(use_default_callbacks=False))

    def __enter__(self) -> DepthCamera:
        return self

    def __exit__(self, *error: object) -> None:
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.try_shutdown()

    def _keeper(self, topic: str) -> Callable[[Any], None]:
        def keep(message: Any) -> None:
            self._came[topic, stamp_ns(message.header)] = message
        return keep

    def play(self, runs: Callable[[], bool]) -> Iterator[Answer]:
        """Plays the scene.

        Args:
            runs: Whether the node does.

        Raises:
            EngineError: It does not, or does not answer.
        """
        for index, image in enumerate(rgbd_scene.images()):
            stamp = time.time_ns()
            keys = [(topic, stamp) for topic in ('poses', 'poses_3d')]
            self._publish(image, stamp)
            deadline, again = time.monotonic() + TIMEOUT, time.monotonic() + AGAIN
            while not all(key in self._came for key in keys):
                if not runs():
                    raise EngineError('the node has ended; see its messages above')
                if time.monotonic() > deadline:
                    raise EngineError(f'image {index} was not answered in {TIMEOUT:g} s; see the '
                                      'messages of the node above')
                if not index and time.monotonic() > again:
                    again = time.monotonic() + AGAIN
                    self._publish(image, stamp)
                self._executor.spin_once(timeout_sec=0.05)
            yield Answer(image, *(self._came[key] for key in keys))

    def _publish(self, image: RgbdImage, stamp: int) -> None:
        header = Header(frame_id=FRAME)
        set_stamp(header, stamp)
        self._publishers['camera_info'].publish(_camera_info(header))
        self._publishers['depth'].publish(_depth_message(image.depth, header))
        self._publishers['image'].publish(to_image(Picture(image.pixels, 'bgr'), header))


def _camera_info(header: Header) -> CameraInfo:
    (x, y), focal = rgbd_scene.CENTRE, rgbd_scene.FOCAL
    return CameraInfo(
        header=header, width=rgbd_scene.WIDTH, height=rgbd_scene.HEIGHT,
        distortion_model='plumb_bob', d=[0.0] * 5, k=[focal, 0.0, x, 0.0, focal, y, 0.0, 0.0, 1.0],
        r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p=[focal, 0.0, x, 0.0, 0.0, focal, y, 0.0, 0.0, 0.0, 1.0, 0.0])


def _depth_message(depth: NDArray[np.uint16], header: Header) -> Image:
    message = Image(header=header, height=depth.shape[0], width=depth.shape[1], encoding='16UC1',
                    step=depth.strides[0])
    message.data.frombytes(depth.tobytes())
    return message


def record(answers: Sequence[Answer], path: Path) -> list[str]:
    """Writes a picture of some moments; returns lines that report what was measured."""
    moments = np.linspace(0, len(answers) - 1, MOMENTS).round().astype(int).tolist()
    picture = np.vstack([_drawn(answers[moment]) for moment in moments])
    if not cv2.imwrite(str(path), picture):
        raise EngineError(f'{path} cannot be written')
    errors = [error for answer in answers for error in _errors(answer)]
    if not errors:
        raise EngineError('nobody had a position')
    people = sum(len(answer.image.places) for answer in answers)
    return [f'{len(answers)} images, {people} people in them, {len(errors)} with a position; '
            f'median {statistics.median(errors) * 100:.0f} cm from where they were drawn.',
            'What to open next:',
            f'  {path!s:<26}  {MOMENTS} moments: the poses, and the people in 3-D']


def _drawn(answer: Answer) -> NDArray[np.uint8]:
    overlay = draw(Picture(answer.image.pixels, 'bgr'), from_pose_array(answer.poses).poses,
                   OverlayConfig())
    skeletons = [Skeleton(person.id, np.array([k.position for k in person.keypoints]))
                 for person in answer.poses_3d.poses]
    half_width = rgbd_scene.WIDTH / 2 / rgbd_scene.FOCAL
    return np.hstack([overlay, draw_views(skeletons, answer.image.places, half_width,
                                          overlay.shape[0])])


def _errors(answer: Answer) -> Iterator[float]:
    """Distance over the floor of each person from the nearest place where one was drawn [m]."""
    places = np.array(answer.image.places)
    for person in answer.poses_3d.poses:
        position = np.array(person.position)[[0, 2]]
        if np.isfinite(position).all():
            yield float(np.linalg.norm(places - position, axis=1).min())
