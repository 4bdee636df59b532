"""`~/overlay` and `~/overlay/compressed`: the image with the people drawn on it."""
from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CompressedImage, Image

from movenet_ros.config.declarations import OverlayConfig
from movenet_ros.core.types import Picture, Poses
from movenet_ros.images.overlay import draw
from movenet_ros.messages.bgr_image import serialize_image, serialize_jpeg
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.publications.publication import CreatePublisher

JPEG_QUALITY = 80
"""Of OpenCV's 100; see docs/topics.md for sizes and times. 90 takes 1.4 times as many bytes."""


class OverlayOutput:
    """Draws images for those who subscribe: each only once, and none where nobody does."""

    def __init__(self, create: CreatePublisher) -> None:
        """Creates the publishers of both topics."""
        # An old image is of no use to anybody.
        self._raw = create(Image, 'overlay', QoSProfile(depth=1))
        self._compressed = create(CompressedImage, 'overlay/compressed', QoSProfile(depth=1))

    def publish(self, image: PublishedImage, picture: Picture, poses: Poses,
                options: OverlayConfig, target: int) -> None:
        """Draws an image and publishes it on those of the topics that have subscribers.

        Args:
            image: The messages carry its header.
            picture: The image itself.
            poses: The people in it.
            options: What to draw.
            target: Id of the chosen person; 0 for none.
        """
        is_raw = self._raw.get_subscription_count() > 0
        is_compressed = self._compressed.get_subscription_count() > 0
        if not (is_raw or is_compressed):
            return
        drawn = draw(picture, poses, options, target)
        if is_raw:
            self._raw.publish(serialize_image(image, drawn))
        if is_compressed:
            self._compressed.publish(serialize_jpeg(image, _jpeg(drawn)))


def _jpeg(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    _, encoded = cv2.imencode('.jpg', pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return np.asarray(encoded, np.uint8)
