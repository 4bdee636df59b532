"""foxglove_msgs/ImageAnnotations as serialized bytes (CDR): what Foxglove draws on an image.

Foxglove's pixels count from the top-left corner of the top-left pixel, as ours do. It finds the
image by the timestamp, which is that of the image's header; these messages have no frame.
"""
from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TypeAlias

from movenet_ros.core.skeleton import EDGES
from movenet_ros.core.types import Poses
from movenet_ros.images.labels import Colour, digit_height, label_text, text_colour
from movenet_ros.images.overlay import line_widths, person_colour
from movenet_ros.messages.cdr_writer import CdrWriter
from movenet_ros.messages.published_image import PublishedImage

IMAGE_ANNOTATIONS = 'foxglove_msgs/msg/ImageAnnotations'
"""The type's full name."""

Color: TypeAlias = tuple[float, float, float, float]
"""Red, green, blue, alpha, from 0 to 1."""

NO_COLOR: Color = (0.0, 0.0, 0.0, 0.0)
DIGIT_SHARE = 0.73
"""Height of a digit, as a share of the font's size."""

Places: TypeAlias = list[list[float]]


class PointsType(IntEnum):
    """How a PointsAnnotation is drawn: the constants of its .msg."""

    POINTS = 1
    LINE_LOOP = 2
    LINE_LIST = 4


def serialize_annotations(image: PublishedImage, poses: Poses, *, metadata: bool = True) -> bytes:
    """The bytes of a message, encapsulation included.

    Of each person: the box, the lines between keypoints that are visible, these keypoints, and id
    and score above the box, all in the person's colour.

    Args:
        image: Whose annotations these are.
        poses: The people in it [px].
        metadata: Whether the type has the fields of March 2026 (foxglove_msgs 3.2.5): `metadata`,
            and a `timestamp` for all annotations.

    Raises:
        struct.error: A number is too large for its field.
    """
    drawing = _Drawing(image, metadata)
    if metadata:
        drawing.timestamp()
    drawing.writer.numbers('I', 0)  # circles
    drawing.lines_and_points(poses)
    drawing.labels(poses)
    drawing.end()
    return drawing.writer.message()


class _Drawing:
    """The parts of a message, in the order in which they are written."""

    def __init__(self, image: PublishedImage, metadata: bool) -> None:
        self.writer = CdrWriter()
        self._stamp, self._metadata = image.stamp, metadata
        self._size = image.width, image.height

    def timestamp(self) -> None:
        seconds, nanoseconds = self._stamp
        self.writer.numbers('i', seconds)
        self.writer.numbers('I', nanoseconds)

    def end(self) -> None:
        """The end of an annotation, or of them all."""
        if self._metadata:
            self.writer.numbers('I', 0)

    def lines_and_points(self, poses: Poses) -> None:
        self.writer.numbers('I', 3 * len(poses))
        for row, number in enumerate(poses.id.tolist()):
            color = _rgba(person_colour(number))
            places, visible = poses.xy[row].tolist(), poses.visible[row].tolist()
            x_min, y_min, x_max, y_max = poses.box[row].tolist()
            widths = line_widths(self._size, max(x_max - x_min, y_max - y_min))
            self._points(PointsType.LINE_LOOP, color, max(1, widths.line // 2), [
                [x_min, y_min], [x_max, y_min], [x_max, y_max], [x_min, y_max]])
            self._points(PointsType.LINE_LIST, color, widths.line, (
                places[end] for edge in EDGES if all(visible[end] for end in edge)
                for end in edge))
            # For points the thickness is the radius.
            self._points(PointsType.POINTS, color, widths.joint, (
                place for place, is_visible in zip(places, visible, strict=True) if is_visible))

    def _points(self, kind: PointsType, color: Color, thickness: float,
                places: Iterable[Iterable[float]]) -> None:
        self.timestamp()
        self.writer.numbers('B', kind)
        self.writer.points(places)
        self.writer.numbers('d', *color)
        self.writer.points([])  # colours of single segments
        # A line that is filled would hide the person.
        self.writer.numbers('d', *(color if kind is PointsType.POINTS else NO_COLOR), thickness)
        self.end()

    def labels(self, poses: Poses) -> None:
        self.writer.numbers('I', len(poses))
        for number, score, box in zip(poses.id.tolist(), poses.score.tolist(), poses.box.tolist(),
                                      strict=True):
            size = digit_height(self._size, max(box[2] - box[0], box[3] - box[1])) / DIGIT_SHARE
            self.timestamp()
            # The bottom left corner; a label of which a part is outside is cut off.
            self.writer.numbers('d', box[0], max(box[1], 1.7 * size))
            self.writer.text(label_text(number, score))
            ground = person_colour(number)
            self.writer.numbers('d', size, *_rgba(text_colour(ground)), *_rgba(ground))
            self.end()


def _rgba(colour: Colour) -> Color:
    blue, green, red = colour
    return red / 255, green / 255, blue / 255, 1.0
