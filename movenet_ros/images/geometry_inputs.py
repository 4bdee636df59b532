"""Calibration and depth for a camera's images, as their messages come in.

    image, camera_info, depth  ->  images with the camera and the depth that belong to them

The node and `movenet process` both use it, so that live and replay agree.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from movenet_ros.core.geometry.depth_image import DepthImage
from movenet_ros.core.geometry.lifting import registration_error
from movenet_ros.core.geometry.pairing import Outcome, Paired, Pairing
from movenet_ros.core.observation import ObservedImage
from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import CameraModelError, ImageError, one_line
from movenet_ros.images.calibration import NONE, Calibration
from movenet_ros.images.cdr import read_header
from movenet_ros.images.depth import read_depth

Token = TypeVar('Token')

GRID = 40
"""At most so many pixels in a row, and in a column, are looked at for any depth."""
UNPAIRED = {
    Outcome.NONE_NEAR: 'no depth image has a stamp near that of the image',
    Outcome.NONE_IN_TIME: 'no depth image has come in time',
    Outcome.STOPPED: 'no depth images come, or all with much earlier or later stamps'}


@dataclass(frozen=True)
class Problem:
    """Why an image has no calibration, or no depth.

    Attributes:
        cause: A short identifier, for counters.
        text: What is wrong.
    """

    cause: str
    text: str


NO_CAMERA_INFO = Problem(NONE, 'no camera_info has come')
UNCALIBRATED = Problem('no_camera_info', 'depth is of no use without a camera_info')


@dataclass(frozen=True, eq=False)
class LocatedImage(Generic[Token]):
    """An image with what is known of its geometry.

    Attributes:
        token: What was given with the image.
        image: The image, with its camera and its depth.
        uncalibrated: Why there is no camera; None if there is.
        without_depth: Why there is no depth that can be used; None if there is, or if none is
            wanted.
    """

    token: Token
    image: ObservedImage
    uncalibrated: Problem | None
    without_depth: Problem | None


class GeometryInputs(Generic[Token]):
    """Finds the calibration and the depth of each image of a camera."""

    def __init__(self, image_topic: str, depth_kind: str | None) -> None:
        """Nothing has come yet.

        Args:
            image_topic: Full name of the topic of the images.
            depth_kind: Type of the messages with depth; None if there are none. Images then
                do not wait for depth.
        """
        self._calibration = Calibration(image_topic)
        self._depth_kind = depth_kind
        self._pairing: Pairing[LocatedImage[Token], bytes] = Pairing()

    def add_camera_info(self, raw: bytes) -> None:
        """Takes a serialized sensor_msgs/CameraInfo; it holds for images that come after it."""
        self._calibration.add(raw)

    def add_depth(self, raw: bytes) -> list[LocatedImage[Token]]:
        """Takes a serialized depth image; returns the images that are complete with it.

        Raises:
            ImageError: It has no header, and belongs to no image (cause `damaged_message`).
        """
        stamp_ns, _ = read_header(raw)
        self._pairing, paired = self._pairing.add_depth(raw, stamp_ns)
        return self._completed(paired)

    def add_image(self, token: Token, image: ObservedImage) -> list[LocatedImage[Token]]:
        """Takes an image; returns those that are complete now, in order.

        Args:
            token: Anything, which is returned with the image.
            image: The image.
        """
        located = self._calibrated(token, image)
        if self._depth_kind is None:
            return [located]
        self._pairing, paired = self._pairing.add_poses(located, image.stamp_ns)
        return self._completed(paired)

    @property
    def depth_lag(self) -> float | None:
        """By how much the latest depth is behind the latest image, by the stamps [s].

        Negative where it is ahead; None where no depth or no image has come.
        """
        image, depth = self._pairing.pose_stamps.latest_ns, self._pairing.depth_stamps.latest_ns
        return None if image is None or depth is None else (image - depth) / NANOSECONDS

    @property
    def is_waiting(self) -> bool:
        """Whether an image waits for depth."""
        return bool(self._pairing.waiting)

    def rest(self) -> list[LocatedImage[Token]]:
        """The images that still wait for depth, when no more messages come."""
        paired, self._pairing = self._pairing.rest(), Pairing()
        return self._completed(paired)

    def _calibrated(self, token: Token, image: ObservedImage) -> LocatedImage[Token]:
        if self._calibration.is_missing:
            return LocatedImage(token, image, NO_CAMERA_INFO, None)
        picture = image.picture
        try:
            camera = self._calibration.of_image(image.frame_id, picture.width, picture.height)
        except CameraModelError as error:
            return LocatedImage(token, image, Problem(error.cause, str(error)), None)
        return LocatedImage(token, replace(image, camera=camera), None, None)

    def _completed(self, paired: Iterable[Paired[LocatedImage[Token], bytes]]) -> list[
            LocatedImage[Token]]:
        return [self._with_depth(pair) for pair in paired]

    def _with_depth(self, pair: Paired[LocatedImage[Token], bytes]) -> LocatedImage[Token]:
        located = pair.item
        if pair.depth is None:
            problem = Problem(pair.outcome.value, UNPAIRED[pair.outcome])
            return replace(located, without_depth=problem)
        if located.image.camera is None:
            return replace(located, without_depth=UNCALIBRATED)
        assert self._depth_kind is not None
        try:
            depth = read_depth(pair.depth, self._depth_kind)
        except ImageError as error:
            return replace(located, without_depth=Problem(error.cause, str(error)))
        image = replace(located.image, depth=depth)
        return replace(located, image=image, without_depth=_problem(image, depth))


def _problem(image: ObservedImage, depth: DepthImage) -> Problem | None:
    """What is wrong with a depth image that was read."""
    assert image.camera is not None
    if text := registration_error(depth, image.camera):
        is_same = depth.frame_id == image.camera.frame_id
        return Problem('another_size' if is_same else 'another_frame', one_line(text))
    some = depth.pixels[::depth.height // GRID + 1, ::depth.width // GRID + 1]
    if not ((some > 0) & (some < np.inf)).any():
        return Problem('no_values', 'the depth image has no values, but 0, NaN or infinity '
                       'everywhere: is the sensor covered, or too close?')
    return None
