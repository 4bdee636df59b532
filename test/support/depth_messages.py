"""Depth images as cameras publish them: serialized, and compressed."""
import struct

import cv2
import numpy as np

HEADER = struct.Struct('<iff')
DEPTH_MAX, QUANTISATION = 10.0, 100.0
"""Defaults of compressed_depth_image_transport, for 32FC1."""


def png(pixels):
    good, data = cv2.imencode('.png', pixels)
    assert good
    return data.tobytes()


def rvl(pixels):
    """The stream, written digit by digit, after width and height."""
    digits, previous = [], 0

    def write(number):
        while True:
            number, digit = number >> 3, number & 7
            digits.append(digit | (8 if number else 0))
            if not number:
                return

    values, at = pixels.ravel().tolist(), 0
    while at < len(values):
        start = at
        while at < len(values) and not values[at]:
            at += 1
        write(at - start)
        start = at
        while at < len(values) and values[at]:
            at += 1
        write(at - start)
        for value in values[start:at]:
            difference, previous = value - previous, value
            write(2 * difference if difference >= 0 else -2 * difference - 1)
    digits += [0] * (-len(digits) % 8)
    words = [sum(digit << 28 - 4 * place for place, digit in enumerate(digits[begin:begin + 8]))
             for begin in range(0, len(digits), 8)]
    height, width = pixels.shape
    return struct.pack(f'<II{len(words)}I', width, height, *words)


CODECS = {'png': png, 'rvl': rvl}


def compressed_depth(pixels, codec='png'):
    """The data of a CompressedImage: of uint16 [H,W] as it is, of float32 its quantised inverse."""
    a = b = 0.0
    if pixels.dtype == np.float32:
        a = QUANTISATION * (QUANTISATION + 1)
        b = 1 - a / DEPTH_MAX
        with np.errstate(divide='ignore', invalid='ignore'):
            inverse = np.where((pixels > 0) & (pixels < DEPTH_MAX), a / pixels + b, 0)
        pixels = inverse.astype(np.uint16)
    return HEADER.pack(0, a, b) + CODECS[codec](pixels)


def _aligned(data, size):
    # The encapsulation's 4 bytes do not count.
    return data + bytes(-(len(data) - 4) % size)


def _text(text):
    encoded = text.encode() + b'\0'
    return struct.pack('<I', len(encoded)) + encoded


def _header(stamp_ns, frame_id):
    return b'\0\1\0\0' + struct.pack('<iI', *divmod(stamp_ns, 10**9)) + _text(frame_id)


def serialized_image(encoding, height, width, step, data, *, stamp_ns=5_000_000_007,
                     frame_id='camera', is_bigendian=False):
    """A sensor_msgs/Image as the middleware delivers it."""
    raw = _aligned(_header(stamp_ns, frame_id), 4) + struct.pack('<II', height, width)
    raw = _aligned(raw + _text(encoding) + bytes([is_bigendian]), 4)
    return raw + struct.pack('<II', step, len(data)) + data


def serialized_compressed(format, data, *, stamp_ns=5_000_000_007, frame_id='camera'):
    """A sensor_msgs/CompressedImage as the middleware delivers it."""
    raw = _aligned(_header(stamp_ns, frame_id), 4)
    return _aligned(raw + _text(format), 4) + struct.pack('<I', len(data)) + data
