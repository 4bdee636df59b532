"""Bad images over DDS: a good one before and one after are processed, the node stays active.

Each bad image is counted by its cause in the diagnostics, and one line of the log names cause,
topic and value, however many come.
"""
from itertools import groupby

import numpy as np
import pytest
from rclpy.serialization import serialize_message
from support.paths import MALFORMED_IMAGES
from support.specimens import file, png
from support.watched import GOOD, SMALL, compressed, raw, watched

from movenet_ros.files.sources import open_source

JPEG, PNG = GOOD['compressed'].data.tobytes(), file('.png', SMALL)


def floats(encoding, channels):
    pixels = np.full((48, 64, channels), np.nan, np.float32)
    pixels[::2] = np.inf
    return raw(encoding, step=64 * channels * 4, data=pixels.tobytes())


def patched(data, at, new):
    return data[:at] + new + data[at + len(new):]


FRAME = JPEG.index(b'\xff\xc0')  # of the JPEG: length, depth, height, width, components
SCANS = JPEG[JPEG.index(b'\xff\xda'):-2]


WHOLE = serialize_message(raw()), serialize_message(GOOD['compressed'])

# cause, what the log says of the value, message or bytes of one
REJECTED = {'raw': [
    ('damaged_message', 'ends after 20 bytes', WHOLE[0][:20]),
    ('damaged_message', 'announces 9216 bytes, but 152 are left', WHOLE[0][:200]),
    ('damaged_message', 'begins with 00 ff', patched(WHOLE[0], 1, b'\xff')),
    ('damaged_message', 'announces 4294967295 bytes', patched(WHOLE[0], 12, b'\xff' * 4)),
    ('no_encoding', 'has no encoding', raw('')),
    ('unknown_encoding', "'cheese8' is unknown", raw('cheese8')),
    ('unknown_encoding', 'similar ones: rgb8', raw('RGB8')),
    ('unknown_encoding', "'xxxx", raw('x' * 100_000)),
    ('unsupported_encoding', '32FC3 is a matrix', floats('32FC3', 3)),
    ('unsupported_encoding', 'nv24', raw('nv24')),
    ('depth', '32FC1 is depth in metres', floats('32FC1', 1)),
    ('depth', '16UC1 is depth in millimetres', raw('16UC1')),
    ('no_size', '0 x 48', raw(width=0)),
    ('no_size', '64 x 0', raw(height=0)),
    ('no_size', '0 x 0', raw(width=0, height=0)),
    ('too_large', '4294967295 x 1', raw(width=2**32 - 1, height=1, step=2**32 - 1)),
    ('too_large', '1 x 16385', raw(height=16385, width=1)),
    ('too_large', '9000 x 9000', raw(height=9000, width=9000)),
    ('odd_size', '63 x 48', raw('uyvy', width=63)),
    ('too_small', '2 x 48', raw('bayer_rggb8', width=2)),
    ('short_step', 'step is 191', raw(step=191)),
    ('short_step', 'step is 0', raw(step=0)),
    ('short_data', 'the message has 9215', raw(data=bytes(9215))),
    ('short_data', 'the message has 0', raw(data=b'')),
    ('short_data', 'rows of 4294967295 bytes', raw(step=2**32 - 1)),
    ('short_data', '64 x 49', raw(height=49, data=bytes(9216))),
], 'compressed': [
    ('damaged_message', 'are left', WHOLE[1][:-10]),
    ('no_data', 'has no data', compressed(b'')),
    ('unknown_format', 'WebP', compressed(b'RIFF\0\0\0\0WEBPVP8 ')),
    ('unknown_format', 'H.264', compressed(b'\0\0\0\x01gB', 'h264')),
    ('unknown_format', '01 02 03', compressed(b'\1\2\3')),
    ('truncated', 'a part of the picture is missing', compressed(JPEG[:-150])),
    ('truncated', 'no last chunk', compressed(PNG[:-20], 'png')),
    ('truncated', 'within its header', compressed(JPEG[:100])),
    ('damaged', 'is damaged', compressed(png(64, 48))),
    ('damaged', 'is damaged', compressed(patched(PNG, 50, bytes(40)), 'png')),
    ('no_size', '0 x 48', compressed(png(0, 48))),
    ('too_large', '50000 x 50000', compressed(png(50_000, 50_000, bytes(10**6)))),
    ('too_large', '65535 x 65535', compressed(patched(JPEG, FRAME + 5, b'\xff' * 4))),
    ('too_many_scans', '501 scans', compressed(JPEG[:-2] + 500 * SCANS + JPEG[-2:])),
    ('unsupported_colours', '4 colour components (CMYK?)',
     compressed(patched(JPEG, FRAME + 9, b'\4'))),
    ('depth', 'is depth in millimetres', compressed(PNG, '16UC1; compressedDepth png')),
    ('depth', 'subscribe to the colour image', compressed(PNG, 'mono16; compressedDepth png')),
    ('depth', 'is depth in metres', compressed(PNG, '32FC1; compressedDepth png')),
]}
BY_CAUSE = [pytest.param(transport, cause, [case[1:] for case in cases], id=f'{transport} {cause}')
            for transport, all_cases in REJECTED.items()
            for cause, cases in groupby(all_cases, lambda case: case[0])]


@pytest.mark.parametrize(('transport', 'cause', 'cases'), BY_CAUSE)
def test_an_image_that_cannot_be_used(node, peer, transport, cause, cases):
    with watched(node, peer, transport) as camera:
        sequence = camera.show().sequence
        for number, (value, message) in enumerate([*cases, cases[0]], 1):
            reject(camera, message, cause, number)
            assert value in camera.report().message
        values = camera.values()
        assert values['images rejected'] == values[f'images rejected: {cause}']
        (line,) = camera.lines('rejected')
        assert f'image from {camera.topic} rejected ({cause})' in line
        assert cases[0][0] in line
        assert len(line) < 500
        assert camera.show().sequence == sequence + 1


def reject(camera, message, cause, number):
    """Publishes an image, and waits until it is counted as the `number`th with a cause."""
    key = f'images rejected: {cause}'
    camera.camera.publisher.publish(message)
    camera.peer.until(lambda: camera.values().get(key) == str(number), f'{key} {number}')


@pytest.mark.skipif(not MALFORMED_IMAGES.is_dir(), reason=f'{MALFORMED_IMAGES} is not here')
@pytest.mark.parametrize(('transport', 'topic', 'cause'), [
    ('raw', 'image', 'short_data'), ('compressed', 'compressed_image', 'truncated')])
def test_malformed_images_that_were_recorded(node, peer, transport, topic, cause):
    bag = open_source(MALFORMED_IMAGES / 'test_bag_mcap', topic=f'/test/sensor_msgs/{topic}')
    with watched(node, peer, transport) as camera:
        for number, message in enumerate(bag.raw_messages(), 1):
            reject(camera, message.data, cause, number)
        assert number == 2
        (line,) = camera.lines('rejected')
        assert f'image from {camera.topic} rejected ({cause})' in line
