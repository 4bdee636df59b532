"""Messages from values and back; nothing may be lost on the way."""
import dataclasses
import struct

import numpy as np
import pytest
from builtin_interfaces.msg import Time
from hypothesis import given
from hypothesis import strategies as st
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header
from support.ros import image, jpeg

from movenet_ros.core.network import NetworkInfo
from movenet_ros.core.skeleton import EDGES, KEYPOINT_NAMES
from movenet_ros.core.types import Picture, Poses
from movenet_ros.errors import ImageError
from movenet_ros.images.cdr import COMPRESSED_IMAGE, IMAGE, read_picture
from movenet_ros.messages.pose_array import PoseMessage, serialize
from movenet_ros.msg import Keypoint, PoseArray, PoseInfo
from movenet_ros.ros.conversions import (
    from_pose_array,
    set_stamp,
    stamp_ns,
    to_compressed_image,
    to_diagnostics,
    to_image,
    to_pose_info,
)
from movenet_ros.ros.diagnostics.levels import Level
from movenet_ros.ros.diagnostics.monitor import Report

FIELDS = tuple(field.name for field in dataclasses.fields(Poses))


def header(sec=12, nanosec=345, frame_id='camera'):
    return Header(stamp=Time(sec=sec, nanosec=nanosec), frame_id=frame_id)


def people(count, seed=0):
    random = np.random.default_rng(seed)

    def numbers(*shape):
        return (random.random((count, *shape)) * 640 - 10).astype(np.float32)

    return Poses(xy=numbers(17, 2), keypoint_score=numbers(17), box=numbers(4), score=numbers(),
                 id=random.integers(1, 2**31, count).astype(np.int32), age=numbers(),
                 visible=random.random((count, 17)) < 0.5, velocity=numbers(2),
                 truncated=random.random(count) < 0.5, time_unseen=numbers())


def on_the_wire(count=2, frame_id='camera', model='multipose'):
    """A message, and what ROS makes of its bytes."""
    message = PoseMessage((-12, 2**32 - 1), frame_id, 640, 480, 2**32 - 1, model, people(count))
    return message, deserialize_message(serialize(message), PoseArray)


# Lengths of texts that need 0 to 3 bytes to the next multiple of 4
@pytest.mark.parametrize('frame_id', ['', 'a', 'ab', 'abc', 'abcd', 'Käfer'])
@pytest.mark.parametrize('count', [0, 1, 6])
def test_there_and_back_through_the_wire(count, frame_id):
    message, received = on_the_wire(count, frame_id, model=frame_id)
    back = from_pose_array(received)
    assert (back.stamp, back.frame_id, back.model) == (message.stamp, frame_id, frame_id)
    assert (back.width, back.height, back.sequence) == (640, 480, 2**32 - 1)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(back.poses, name), getattr(message.poses, name))


def test_our_bytes_are_as_many_as_ros_writes():
    for count in (0, 1, 6):
        message, received = on_the_wire(count)
        # ROS leaves what it finds between the fields.
        assert len(serialize_message(received)) == len(serialize(message))


def test_keypoints_are_where_their_constants_say():
    message, received = on_the_wire()
    ankle = received.poses[1].keypoints[Keypoint.RIGHT_ANKLE]
    assert (ankle.x, ankle.y) == tuple(message.poses.xy[1, 16])
    assert ankle.score == message.poses.keypoint_score[1, 16]
    assert [getattr(Keypoint, name.upper()) for name in KEYPOINT_NAMES] == list(range(17))
    assert received.poses[1].x_max == message.poses.box[1, 2]


def test_numbers_that_do_not_fit_are_rejected():
    with pytest.raises(struct.error):
        serialize(PoseMessage((2**31, 0), '', 1, 1, 0, '', people(0)))


@given(st.integers(-2**31 * 10**9, 2**31 * 10**9 - 1))
def test_stamps(nanoseconds):
    written = Header()
    set_stamp(written, nanoseconds)
    assert 0 <= written.stamp.nanosec < 10**9
    assert stamp_ns(written) == nanoseconds


def picture_of(message):
    """As the node reads it, which takes messages serialized."""
    kind = COMPRESSED_IMAGE if isinstance(message, CompressedImage) else IMAGE
    return read_picture(serialize_message(message), kind)


def test_a_raw_image_is_read_without_a_copy():
    pixels = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    serialized = bytearray(serialize_message(image(pixels)))
    picture = read_picture(memoryview(serialized), IMAGE)
    np.testing.assert_array_equal(picture.pixels, pixels)
    assert picture.order == 'bgr'
    serialized[-pixels.size] = 99
    assert picture.pixels[0, 0, 0] == 99


def test_a_compressed_image_is_read():
    picture = picture_of(jpeg(np.full((16, 32, 3), 200, np.uint8)))
    assert (picture.width, picture.height) == (32, 16)
    assert abs(int(picture.pixels.mean()) - 200) < 3


@pytest.mark.parametrize('message', [
    Image(encoding='cheese8', height=1, width=1, step=1, data=[0]),
    Image(encoding='bgr8', height=2, width=2, step=6, data=[0]), Image(),
    CompressedImage(format='jpeg', data=[1, 2, 3]), CompressedImage()])
def test_what_is_no_picture_is_rejected(message):
    with pytest.raises(ImageError):
        picture_of(message)


def test_an_overlay_goes_there_and_back():
    pixels = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)[::-1]
    message = to_image(Picture(pixels, 'bgr'), header())
    assert (message.header, message.encoding, message.step) == (header(), 'bgr8', 24)
    np.testing.assert_array_equal(picture_of(message).pixels, pixels)


@pytest.mark.parametrize(('order', 'colour'), [
    ('rgb', (250, 10, 10)), ('bgr', (10, 10, 250)), ('rgba', (250, 10, 10, 0))])
def test_compressed_images_keep_their_colours(order, colour):
    pixels = np.full((32, 48, len(colour)), colour, np.uint8)
    message = to_compressed_image(Picture(pixels, order), header())
    assert message.header == header()
    back = picture_of(message)
    red = {'bgr': 2, 'rgb': 0}[back.order]
    assert back.pixels[..., red].mean() > 230
    assert back.pixels[..., 2 - red].mean() < 30


def test_pose_info_says_it_all():
    info = NetworkInfo('thunder', 'litert 2.3.0', 'cpu', 2, 'ab' * 32, 256)
    message = to_pose_info(header(), info, '0123456789abcdef')
    assert list(zip(message.edges[::2], message.edges[1::2], strict=True)) == list(EDGES)
    assert (message.convention, tuple(message.keypoint_names)) == ('COCO', KEYPOINT_NAMES)
    assert (message.model, message.model_sha256, message.engine, message.device) == (
        'thunder', 'ab' * 32, 'litert 2.3.0', 'cpu')
    assert message.configuration == '0123456789abcdef'


def test_numbers_of_pose_info_are_numbers_to_json_clients():
    """rosbridge sends bytes (uint8[], char[], octet[]) as a base64 text."""
    kinds = PoseInfo.get_fields_and_field_types()
    assert {kinds[name] for name in ('edges', 'mirrored')} == {'sequence<uint16>'}


def test_a_report_becomes_a_status():
    report = Report('movenet: poses', Level.WARN, 'look', '/image', [('state', 'active')])
    message = to_diagnostics([report], 1_500_000_000)
    (status,) = message.status
    assert (status.level, status.name, status.message) == (b'\x01', 'movenet: poses', 'look')
    assert status.hardware_id == '/image'
    assert (status.values[0].key, status.values[0].value) == ('state', 'active')
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (1, 500_000_000)
