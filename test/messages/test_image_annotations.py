"""ImageAnnotations as bytes: what the message types of Foxglove read from them."""
import dataclasses
import struct

import numpy as np
import pytest
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from support.poses import people

from movenet_ros.core.skeleton import EDGES
from movenet_ros.files.bags.foxglove_types import FOXGLOVE_MSGS
from movenet_ros.files.bags.typestore import typestore
from movenet_ros.images.labels import digit_height, text_colour
from movenet_ros.images.overlay import PALETTE, line_widths
from movenet_ros.messages.image_annotations import (
    IMAGE_ANNOTATIONS,
    PointsType,
    serialize_annotations,
)
from movenet_ros.messages.published_image import PublishedImage

IMAGE = PublishedImage((-12, 2**32 - 1), 'camera', 640, 480, 7, 'multipose')
# What rosidl computes when it builds foxglove_msgs 3.4.3.
HASH = 'RIHS01_bc4e578b1ef80953415d6f966a4cab305c8a44c8b64fc405312b6f06a08fc45e'


@pytest.fixture
def older():
    """The types as they were before March 2026."""
    store = get_typestore(Stores.ROS2_HUMBLE)
    for name, text in FOXGLOVE_MSGS.items():
        lines = [line for line in text.splitlines() if 'metadata' not in line
                 and (name, line.strip()) != ('ImageAnnotations',
                                              'builtin_interfaces/Time timestamp')]
        store.register(get_types_from_msg('\n'.join(lines), f'foxglove_msgs/msg/{name}'))
    return store


def read(poses, image=IMAGE):
    return typestore().deserialize_cdr(serialize_annotations(image, poses), IMAGE_ANNOTATIONS)


def xy(points):
    return [(point.x, point.y) for point in points]


def stamp(message):
    return message.timestamp.sec, message.timestamp.nanosec


def test_the_type_is_that_of_foxglove():
    assert typestore().hash_rihs01(IMAGE_ANNOTATIONS) == HASH


@pytest.mark.parametrize('ids', [[], [1], [9, 10, 123456]])
def test_the_bytes_are_those_of_the_type(ids):
    poses = people(*[(40 * number, 30) for number in range(len(ids))], ids=ids)
    raw = serialize_annotations(IMAGE, poses)
    message = typestore().deserialize_cdr(raw, IMAGE_ANNOTATIONS)
    assert bytes(typestore().serialize_cdr(message, IMAGE_ANNOTATIONS)) == raw
    assert (len(message.points), len(message.texts)) == (3 * len(ids), len(ids))


def test_the_bytes_are_those_of_the_older_type(older):
    poses = people((10, 20), (300, 40))
    raw = serialize_annotations(IMAGE, poses, metadata=False)
    message = older.deserialize_cdr(raw, IMAGE_ANNOTATIONS)
    assert bytes(older.serialize_cdr(message, IMAGE_ANNOTATIONS)) == raw
    newer = read(poses)
    assert [xy(item.points) for item in message.points] == [xy(item.points)
                                                            for item in newer.points]
    assert [item.text for item in message.texts] == [item.text for item in newer.texts]


def test_every_timestamp_is_that_of_the_image():
    message = read(people((10, 20), (300, 40)))
    stamps = {stamp(part) for part in (message, *message.points, *message.texts)}
    assert stamps == {(-12, 2**32 - 1)}


def test_coordinates_are_those_of_the_poses():
    poses = people((10.25, 20.5), (300, 40))
    box, lines, points, *_ = read(poses).points
    assert [item.type for item in (box, lines, points)] == [
        PointsType.LINE_LOOP, PointsType.LINE_LIST, PointsType.POINTS]
    assert xy(box.points) == [(10.25, 20.5), (26.25, 20.5), (26.25, 36.5), (10.25, 36.5)]
    assert xy(points.points) == [tuple(place) for place in poses.xy[0].tolist()]
    assert xy(lines.points) == [tuple(poses.xy[0, end].tolist()) for edge in EDGES for end in edge]


def test_constants_are_those_of_the_type():
    kind = typestore().types['foxglove_msgs/msg/PointsAnnotation']
    assert all(getattr(kind, value.name) == value for value in PointsType)


def test_only_what_is_visible_is_drawn():
    poses = people((10, 20))
    visible = np.zeros((1, 17), np.bool_)
    visible[0, [5, 6, 7, 9]] = True
    xy_hidden = np.where(visible[..., None], poses.xy, np.nan).astype(np.float32)
    _, lines, points = read(dataclasses.replace(poses, visible=visible, xy=xy_hidden)).points
    assert xy(points.points) == [tuple(poses.xy[0, index].tolist()) for index in (5, 6, 7, 9)]
    assert xy(lines.points) == [tuple(poses.xy[0, end].tolist())
                                for edge in ((5, 6), (5, 7), (7, 9)) for end in edge]


def rgb(color):
    return tuple(round(255 * value) for value in (color.r, color.g, color.b))


@pytest.mark.parametrize('number', [1, 2, 7, 8, 100])
def test_colours_are_those_of_overlays(number):
    message = read(people((10, 20), ids=[number]))
    color = PALETTE[(number - 1) % len(PALETTE)][::-1]
    assert {rgb(item.outline_color) for item in message.points} == {color}
    assert [item.fill_color.a for item in message.points] == [0.0, 0.0, 1.0]
    text, = message.texts
    assert rgb(text.background_color) == color
    assert rgb(text.text_color) == text_colour(color[::-1])


def test_a_label_is_above_the_box_and_within_the_image():
    above, inside = read(people((100, 200), (300, 2), ids=[3, 12], score=0.875)).texts
    assert (above.text, inside.text) == ('3  0.88', '12  0.88')
    assert xy([above.position]) == [(100, 200)]
    assert inside.position.x == 300 and inside.position.y > inside.font_size


@pytest.mark.parametrize('size', [(320, 240), (640, 480), (3840, 2160)])
@pytest.mark.parametrize('height', [20, 100, 2000])
def test_lines_and_labels_are_as_large_as_in_overlays(size, height):
    poses = people((10, 20))
    poses = dataclasses.replace(poses, box=np.float32([[10, 20, 20, 20 + height]]))
    message = read(poses, dataclasses.replace(IMAGE, width=size[0], height=size[1]))
    box, lines, points = message.points
    widths = line_widths(size, height)
    assert lines.thickness == widths.line
    assert points.thickness == pytest.approx(widths.joint)
    assert 1 <= box.thickness <= lines.thickness
    assert message.texts[0].font_size > digit_height(size, height)


def test_numbers_that_do_not_fit_are_rejected():
    with pytest.raises(struct.error):
        serialize_annotations(dataclasses.replace(IMAGE, stamp=(2**31, 0)), people())
