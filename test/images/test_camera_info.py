"""Serialized CameraInfo messages, written by rosbags, damaged in every way."""
import dataclasses

import numpy as np
import pytest
from support.specimens import STORE, camera_info, serialized_camera_infos

from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.core.geometry.region import RegionOfInterest
from movenet_ros.errors import CameraModelError
from movenet_ros.images.camera_info import CAMERA_INFO, is_rectified_topic, read_camera_info

FIELDS = {
    'frame_id': 'käse_optical', 'height': 960, 'width': 1280, 'distortion_model': 'plumb_bob',
    'd': (0.1, -0.2, 0.003, -0.004, 0.05), 'k': (900, 0, 641, 0, 901, 482, 0, 0, 1),
    'r': (1, 0, 0, 0, 0.8, -0.6, 0, 0.6, 0.8),
    'p': (880, 0, 640, -90, 0, 881, 480, 0, 0, 0, 1, 0), 'binning_x': 2, 'binning_y': 4}


def serialized(little_endian=True, **fields):
    return bytes(STORE.serialize_cdr(camera_info(**fields), CAMERA_INFO,
                                     little_endian=little_endian))


@pytest.mark.parametrize('little_endian', [True, False])
@pytest.mark.parametrize('frame_id', ['', 'a', 'ab', 'abc', 'abcd', 'käse_optical'])
@pytest.mark.parametrize('d', [(), FIELDS['d'], (*FIELDS['d'], 0)])
def test_every_field_is_read(little_endian, frame_id, d):
    # frame_id moves what follows to every alignment
    fields = {**FIELDS, 'frame_id': frame_id, 'd': d}
    raw = serialized(little_endian, roi=(64, 32, 240, 320, True), **fields)
    region = RegionOfInterest(x_offset=64, y_offset=32, height=240, width=320, do_rectify=True)
    assert read_camera_info(raw) == CameraModel(roi=region, **fields)
    assert read_camera_info(memoryview(raw), rectified=True) == CameraModel(
        roi=region, rectified=True, **fields)


def as_xcdr2(fields):
    """A little-endian message in XCDR2, in which float64 is aligned to 4 bytes."""
    body = bytearray()

    def put(kind, values):
        data = np.array(values, kind).tobytes()
        body.extend(bytes(-len(body) % min(4, np.dtype(kind).itemsize)) + data)

    def put_text(text):
        put('<u4', [len(text) + 1])
        body.extend(text.encode() + b'\0')

    put('<u4', [1000, 5])
    put_text(fields['frame_id'])
    put('<u4', [fields['height'], fields['width']])
    put_text(fields['distortion_model'])
    put('<u4', [len(fields['d'])])
    for name in 'dkrp':
        put('<f8', fields[name])
    put('<u4', [fields['binning_x'], fields['binning_y'], 0, 0, 0, 0])
    put('u1', [0])
    return b'\0\7\0\0' + bytes(body)


@pytest.mark.parametrize('frame_id', ['', 'camera', 'left_camera'])
def test_xcdr2_aligns_numbers_otherwise(frame_id):
    fields = {**FIELDS, 'frame_id': frame_id}
    assert read_camera_info(as_xcdr2(fields)) == CameraModel(**fields)


@pytest.mark.parametrize('number', range(4))
def test_a_message_cut_off_anywhere_is_an_error(number):
    raw = serialized_camera_infos()[number]
    end = len(raw)
    # the serializer may fill up the end
    while end and raw[end - 1] == 0 and end > len(raw) - 3:
        end -= 1
    for length in range(end - 1):
        with pytest.raises(CameraModelError, match='camera_info message = ') as caught:
            read_camera_info(raw[:length])
        assert caught.value.cause == 'damaged_message'


def test_an_announced_length_does_not_reserve_memory():
    raw = bytearray(serialized(frame_id='', distortion_model=''))
    at = raw.index(np.array([480, 640], '<u4').tobytes()) + 8 + 8
    assert raw[at:at + 4] == np.array([4], '<u4').tobytes()
    raw[at:at + 4] = b'\xff' * 4
    with pytest.raises(CameraModelError, match='the message ends after'):
        read_camera_info(raw)


def test_bad_numbers_are_errors_of_the_model():
    with pytest.raises(CameraModelError) as caught:
        read_camera_info(serialized(k=(0,) * 9))
    assert caught.value.cause == 'uncalibrated'
    assert caught.value.field == 'k[0]'


def test_models_differ_only_where_messages_do():
    fisheye, _, part, _ = serialized_camera_infos()
    assert read_camera_info(fisheye) == read_camera_info(fisheye) != read_camera_info(part)
    assert (dataclasses.replace(read_camera_info(fisheye), rectified=True)
            == read_camera_info(fisheye, rectified=True))


@pytest.mark.parametrize(('topic', 'rectified'), [
    ('/camera/image_raw', False), ('/camera/color/image_raw/compressed', False),
    ('/camera/image', False), ('/camera/image_color', False), ('image_rect', True),
    ('/left/image_rect', True), ('/camera/image_rect_color/compressed', True),
    ('/camera/infra1/image_rect_raw', True), ('/zed/zed_node/rgb/image_rect_color', True),
    ('/zed/zed_node/rgb/color/rect/image', True), ('/zed/zed_node/rgb/color/raw/image', False),
    ('/rectory/image_raw', False), ('/rect_robot/image', False)])
def test_the_name_of_a_topic_says_whether_images_are_rectified(topic, rectified):
    assert is_rectified_topic(topic) is rectified
