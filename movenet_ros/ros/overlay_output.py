"""`~/overlay` and `~/overlay/compressed`: the image with the people drawn on it."""
from __future__ import annotations

from rclpy.qos import QoSProfile
from sensor_msgs.msg import CompressedImage, Image

from movenet_ros.config.declarations import OverlayConfig
from movenet_ros.core.types import Picture, Poses
from movenet_ros.images.jpeg import FORMAT, encode_jpeg
from movenet_ros.images.overlay import draw
from movenet_ros.messages.image import serialize_compressed, serialize_image
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.publications.publication import CreatePublisher


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
            self._compressed.publish(
                serialize_compressed(image, FORMAT, encode_jpeg(Picture(drawn, 'bgr'))))
