"""What a recording shows beside the poses: the image and annotations, as Foxglove draws them."""
from __future__ import annotations

from collections.abc import Iterator

from movenet_ros.files.sink import Result
from movenet_ros.images.cdr import COMPRESSED_IMAGE
from movenet_ros.images.jpeg import as_jpeg
from movenet_ros.messages.image import serialize_compressed
from movenet_ros.messages.image_annotations import IMAGE_ANNOTATIONS, serialize_annotations
from movenet_ros.messages.published_image import PublishedImage

IMAGE_NAME, ANNOTATIONS_NAME = 'image/compressed', 'annotations'
"""Of the topics, beside that of the poses."""


def shown_messages(result: Result, image: PublishedImage) -> Iterator[tuple[str, str, bytes]]:
    """Name of the topic, type and bytes of each message.

    Args:
        result: The people in an image.
        image: The same image, as it is published.

    Raises:
        struct.error: A number is too large for its field.
        UnicodeEncodeError: A text cannot be written as UTF-8.
    """
    format, data = as_jpeg(result.message, result.picture)
    yield IMAGE_NAME, COMPRESSED_IMAGE, serialize_compressed(image, format, data)
    yield ANNOTATIONS_NAME, IMAGE_ANNOTATIONS, serialize_annotations(image, result.poses)
