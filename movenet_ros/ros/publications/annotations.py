"""`~/annotations`: people as Foxglove draws them on an image."""
from __future__ import annotations

from types import ModuleType

from rclpy.qos import QoSProfile

from movenet_ros.core.observation import Observation
from movenet_ros.messages.image_annotations import serialize_annotations
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.publications.publication import CreatePublisher

FIELDS = {
    'ImageAnnotations': ['timestamp', 'circles', 'points', 'texts', 'metadata'],
    'PointsAnnotation': ['timestamp', 'type', 'points', 'outline_color', 'outline_colors',
                         'fill_color', 'thickness', 'metadata'],
    'TextAnnotation': ['timestamp', 'position', 'text', 'font_size', 'text_color',
                       'background_color', 'metadata'],
}
"""Those of foxglove_msgs 3.2.5 and later."""

OLDER_FIELDS = {
    'ImageAnnotations': ['circles', 'points', 'texts'],
    'PointsAnnotation': FIELDS['PointsAnnotation'][:-1],
    'TextAnnotation': FIELDS['TextAnnotation'][:-1],
}
"""Those of foxglove_msgs 2.2 to 3.2.4."""


class AnnotationPublication:
    """Publishes `~/annotations`, while it has subscribers."""

    def __init__(self, create: CreatePublisher, messages: ModuleType) -> None:
        """Creates the publisher.

        Args:
            create: Creates it.
            messages: `foxglove_msgs.msg`, with known fields.
        """
        self._metadata = _fields(messages) == FIELDS
        self._publisher = create(messages.ImageAnnotations, 'annotations', QoSProfile(depth=10))

    def publish(self, image: PublishedImage, observation: Observation) -> None:
        """See `Publication`."""
        if self._publisher.get_subscription_count():
            self._publisher.publish(
                serialize_annotations(image, observation.poses, metadata=self._metadata))


def has_known_fields(messages: ModuleType) -> bool:
    """Whether annotations can be written for this version of `foxglove_msgs.msg`."""
    return _fields(messages) in (FIELDS, OLDER_FIELDS)


def _fields(messages: ModuleType) -> dict[str, list[str]]:
    return {name: list(getattr(messages, name).get_fields_and_field_types())
            if hasattr(messages, name) else [] for name in FIELDS}
