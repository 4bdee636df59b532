"""Images that are unusual, but pictures: processed like any other, with a warning.

Each warning is counted by its cause in the diagnostics, and one line of the log names cause,
topic and value, however many such images come.
"""
import time

import cv2
import numpy as np
import pytest
from rclpy.serialization import serialize_message
from support.watched import SMALL, compressed, raw, watched

JPEG = cv2.imencode('.jpg', SMALL)[1].tobytes()
ALPHA = np.dstack([SMALL, SMALL[:, :, 0]])

# transport, what is unusual, message, height and width of the answer, what is counted when it comes
# twice after a good one of 64 x 48 in bgr8, or jpeg
CASES = [
    ('raw', 'one pixel', raw(data=bytes([90] * 3), height=1, width=1), (1, 1),
     {'tiny': 2, 'new_size': 1, 'flat_image': 2}),
    ('raw', 'one pixel wide', raw(height=480, width=1), (480, 1), {'tiny': 2, 'new_size': 1}),
    ('raw', 'one pixel high', raw(height=1, width=640), (1, 640), {'tiny': 2, 'new_size': 1}),
    ('raw', 'very wide', raw('mono8', height=32, width=16384, step=16384), (32, 16384),
     {'new_size': 1, 'new_encoding': 1}),
    ('raw', 'very high', raw('mono8', height=16384, width=32, step=32), (16384, 32),
     {'new_size': 1, 'new_encoding': 1}),
    ('raw', 'more data than rows', raw(data=SMALL.tobytes() + bytes(4096)), (48, 64),
     {'surplus_data': 2}),
    ('raw', 'padded rows', raw(step=256), (48, 64), {}),
    ('raw', 'big-endian, which means nothing to bytes', raw(is_bigendian=1), (48, 64), {}),
    ('raw', 'big-endian words', raw('mono16', step=128, is_bigendian=1), (48, 64),
     {'new_encoding': 1}),
    ('compressed', '16-bit PNG',
     compressed(cv2.imencode('.png', SMALL.astype(np.uint16) * 257)[1], 'png'), (48, 64),
     {'new_encoding': 1}),
    ('compressed', 'alpha', compressed(cv2.imencode('.png', ALPHA)[1], 'png'), (48, 64),
     {'new_encoding': 1}),
    ('compressed', 'grey', compressed(cv2.imencode('.jpg', SMALL[:, :, 0])[1]), (48, 64), {}),
    ('compressed', 'no end mark', compressed(JPEG[:-2]), (48, 64), {'no_end_mark': 2}),
    ('compressed', 'padding after the end', compressed(JPEG + bytes(1000)), (48, 64), {}),
    ('compressed', 'a format that is none', compressed(JPEG, 'rgb99; cheese'), (48, 64),
     {'new_encoding': 1}),
    ('compressed', 'one pixel', compressed(cv2.imencode('.png', SMALL[:1, -1:])[1]), (1, 1),
     {'tiny': 2, 'new_size': 1, 'bright_image': 2}),
]
# stamps after one of 1000 s and some, and what is counted
STAMPS = {
    'zero': ([0.0, 0.0], {'no_stamp': 2, 'stamp_back': 1, 'same_stamp': 1}),
    'equal': ([2000.0, 2000.0, 2000.0], {'same_stamp': 2}),
    'late': ([2000.0, 2000.5, 2000.125, 2000.25, 2000.625], {'late_stamp': 2}),
    'back': ([2000.0, 1500.0, 1600.0, 1.0], {'stamp_back': 2}),
    'ahead': ([2.0**31 - 2, 2.0**31 - 1], {'stamp_ahead': 2}),
    'far apart': ([1.0, 2.0**31 - 2, 2.0], {'stamp_back': 2, 'stamp_ahead': 1})}


@pytest.fixture
def camera(node, peer):
    with watched(node, peer) as camera:
        yield camera


def counted(values, before):
    """What was counted since, by cause."""
    key = 'images warned: '
    return {name.removeprefix(key): int(value) - int(before.get(name, 0))
            for name, value in values.items()
            if name.startswith(key) and value != before.get(name)}


def check_told(camera, before, answer, warnings):
    """The counts, and one line of the log for each cause that is new.

    All stamps of these tests but the future ones are far behind the clock.
    """
    values = camera.values_with(answer)
    found = counted(values, before)
    assert {cause: n for cause, n in found.items() if cause != 'stamp_behind'} == warnings
    for cause in warnings:
        (line,) = camera.lines(f'warning ({cause})')
        assert f'image from {camera.topic} processed, with a warning ({cause}): ' in line
    assert values['images rejected'] == '0'


@pytest.mark.parametrize(('transport', 'message', 'size', 'warnings'), [
    pytest.param(transport, *case, id=f'{transport}: {name}') for transport, name, *case in CASES])
def test_a_picture_is_a_picture(node, peer, transport, message, size, warnings):
    with watched(node, peer, transport) as camera:
        before = camera.values_with(camera.show())
        for _ in range(2):
            answer = camera.show(message, frame_id='unusual')
            assert (answer.header.frame_id, answer.height, answer.width) == ('unusual', *size)
        check_told(camera, before, answer, warnings)


@pytest.mark.parametrize(('stamps', 'warnings'), STAMPS.values(), ids=STAMPS)
def test_stamps_come_back_as_they_are(camera, stamps, warnings):
    before = camera.values_with(camera.show())
    for stamp in stamps:
        answer = camera.show(stamp=stamp)
        assert answer.header.stamp.sec + answer.header.stamp.nanosec / 10**9 == stamp
    check_told(camera, before, answer, warnings)


def test_stamps_of_another_clock(camera):
    now = float(int(time.time()))
    before = camera.values_with(camera.show(stamp=now - 8.0))
    answer = camera.show(stamp=now)
    assert counted(camera.values_with(answer), before) == {}
    for _ in range(2):
        answer = camera.show(stamp=now - 3600.0)
    assert counted(camera.values_with(answer), before) == {
        'stamp_behind': 2, 'stamp_back': 1, 'same_stamp': 1}
    (line,) = camera.lines('warning (stamp_behind)')
    assert 'behind the clock' in line


@pytest.mark.parametrize(('shade', 'cause'), [
    (0, 'dark_image'), (255, 'bright_image'), (77, 'flat_image')])
def test_pictures_that_show_nothing(camera, shade, cause):
    before = camera.values_with(camera.show())
    answer = camera.show(raw(data=bytes([shade]) * 9216))
    check_told(camera, before, answer, {cause: 1})


def test_12_bits_in_16_are_dark_until_the_white_level_is_set(camera):
    narrow = raw('mono16', step=128, data=(SMALL[:, :, 0].astype('<u2') * 16).tobytes())
    before = camera.values_with(camera.show(narrow))
    assert counted(camera.values_with(camera.show(narrow)), before)['dark_image'] == 1
    assert camera.peer.set(white_level=4095) == []
    try:
        before = camera.values_with(camera.show(narrow))
        assert 'dark_image' not in counted(camera.values_with(camera.show(narrow)), before)
    finally:
        assert camera.peer.set(white_level=65535) == []


def test_what_is_late_is_a_live_parameter(camera):
    assert camera.peer.set(max_lateness=0.05) == []
    try:
        before = camera.values_with(camera.show(stamp=2000.0))
        check_told(camera, before, camera.show(stamp=1999.9), {'stamp_back': 1})
    finally:
        assert camera.peer.set(max_lateness=0.5) == []


def test_a_frame_id_may_be_empty(camera):
    before = camera.values_with(camera.show())
    answer = camera.show(frame_id='')
    assert answer.header.frame_id == ''
    check_told(camera, before, answer, {'no_frame_id': 1})


def test_a_frame_id_that_is_no_text(camera):
    message = raw()
    message.header.frame_id = 'camera'
    camera.camera.publisher.publish(serialize_message(message).replace(b'camera', b'\xff' * 6))
    camera.peer.until(lambda: camera.poses[-1].header.frame_id == '\ufffd' * 6, 'an answer')


def test_size_and_encoding_may_change_at_any_time(camera):
    before = camera.values_with(camera.show())
    for encoding, height, width in (('bgr8', 48, 64), ('rgb8', 48, 64), ('mono8', 48, 64),
                                    ('bgra8', 48, 96), ('bgr8', 96, 128), ('bgr8', 48, 64)):
        answer = camera.show(raw(encoding, height=height, width=width, step=4 * width))
        assert (answer.height, answer.width) == (height, width)
    check_told(camera, before, answer, {'new_size': 3, 'new_encoding': 4})
