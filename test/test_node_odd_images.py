"""Images that are odd, but pictures all the same: they are answered like any other."""
import cv2
import numpy as np
import pytest
from rclpy.serialization import serialize_message
from support.watched import SMALL, compressed, raw, watched

JPEG = cv2.imencode('.jpg', SMALL)[1].tobytes()
ALPHA = np.dstack([SMALL, SMALL[:, :, 0]])

# transport, what is odd, message, height and width of the answer
CASES = [
    ('raw', 'one pixel', raw(height=1, width=1), (1, 1)),
    ('raw', 'one pixel wide', raw(height=480, width=1), (480, 1)),
    ('raw', 'one pixel high', raw(height=1, width=640), (1, 640)),
    ('raw', 'very wide', raw('mono8', height=32, width=16384, step=16384), (32, 16384)),
    ('raw', 'very high', raw('mono8', height=16384, width=32, step=32), (16384, 32)),
    ('raw', 'more data than rows', raw(data=bytes(9216 + 4096)), (48, 64)),
    ('raw', 'padded rows', raw(step=256), (48, 64)),
    ('raw', 'big-endian, which means nothing to bytes', raw(is_bigendian=1), (48, 64)),
    ('raw', 'big-endian words', raw('mono16', step=128, is_bigendian=1), (48, 64)),
    ('compressed', '16-bit PNG',
     compressed(cv2.imencode('.png', SMALL.astype(np.uint16))[1], 'png'), (48, 64)),
    ('compressed', 'alpha', compressed(cv2.imencode('.png', ALPHA)[1], 'png'), (48, 64)),
    ('compressed', 'grey', compressed(cv2.imencode('.jpg', SMALL[:, :, 0])[1]), (48, 64)),
    ('compressed', 'padding after the end', compressed(JPEG + bytes(1000)), (48, 64)),
    ('compressed', 'a format that is none', compressed(JPEG, 'rgb99; cheese'), (48, 64)),
    ('compressed', 'one pixel', compressed(cv2.imencode('.png', SMALL[:1, :1])[1]), (1, 1)),
]
STAMPS = {'zero': [0.0], 'equal': [7.0, 7.0], 'back': [9.0, 5.0, 5.5, 1.0],
          'far ahead': [2.0**31 - 2], 'far apart': [1.0, 2.0**31 - 2, 2.0]}


@pytest.fixture
def camera(node, peer):
    with watched(node, peer) as camera:
        yield camera


@pytest.mark.parametrize(('transport', 'message', 'size'), [
    pytest.param(transport, *case, id=f'{transport}: {name}') for transport, name, *case in CASES])
def test_a_picture_is_a_picture(node, peer, transport, message, size):
    with watched(node, peer, transport) as camera:
        answer = camera.show(message, frame_id='odd')
        assert (answer.header.frame_id, answer.height, answer.width) == ('odd', *size)
        assert 'images refused' not in ''.join(camera.lines('refused'))


@pytest.mark.parametrize('stamps', STAMPS.values(), ids=STAMPS)
def test_stamps_come_back_as_they_are(camera, stamps):
    for stamp in stamps:
        back = camera.show(stamp=stamp).header.stamp
        assert back.sec + back.nanosec / 10**9 == stamp


def test_a_frame_id_may_be_empty(camera):
    assert camera.show(frame_id='').header.frame_id == ''


def test_a_frame_id_that_is_no_text(camera):
    message = raw()
    message.header.frame_id = 'camera'
    camera.camera.publisher.publish(serialize_message(message).replace(b'camera', b'\xff' * 6))
    camera.peer.until(lambda: camera.poses[-1].header.frame_id == '\ufffd' * 6, 'an answer')


def test_size_and_encoding_may_change_at_any_time(camera):
    for encoding, height, width in (('bgr8', 48, 64), ('rgb8', 48, 64), ('mono8', 48, 64),
                                    ('bgra8', 24, 48), ('bgr8', 96, 128), ('bgr8', 48, 64)):
        answer = camera.show(raw(encoding, height=height, width=width, step=4 * width))
        assert (answer.height, answer.width) == (height, width)
