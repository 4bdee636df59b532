"""Image and CompressedImage as bytes: what the message types of bags read from them."""
import numpy as np
import pytest

from movenet_ros.core.types import Picture
from movenet_ros.files.bags.typestore import typestore
from movenet_ros.images.cdr import COMPRESSED_IMAGE, IMAGE
from movenet_ros.images.compressed_format import parse_format
from movenet_ros.images.jpeg import FORMAT, encode_jpeg
from movenet_ros.messages.image import serialize_compressed, serialize_image
from movenet_ros.messages.published_image import PublishedImage

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)


def published(frame_id):
    return PublishedImage((-12, 2**32 - 1), frame_id, 7, 5, 3, 'multipose')


def read(raw, kind, frame_id):
    """The message that the bytes are, and nothing is left over."""
    message = typestore().deserialize_cdr(raw, kind)
    assert bytes(typestore().serialize_cdr(message, kind)) == raw
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (-12, 2**32 - 1)
    assert message.header.frame_id == frame_id
    return message


# Lengths of texts that need 0 to 3 bytes to the next multiple of 4
@pytest.mark.parametrize('frame_id', ['', 'a', 'ab', 'abc', 'Käfer'])
def test_an_image(frame_id):
    message = read(serialize_image(published(frame_id), PIXELS), IMAGE, frame_id)
    assert (message.height, message.width, message.step) == (5, 7, 21)
    assert (message.encoding, message.is_bigendian) == ('bgr8', 0)
    np.testing.assert_array_equal(message.data, PIXELS.ravel())


@pytest.mark.parametrize('frame_id', ['', 'a', 'ab', 'abc', 'Käfer'])
def test_a_jpeg(frame_id):
    file = encode_jpeg(Picture(PIXELS, 'bgr'))
    message = read(serialize_compressed(published(frame_id), FORMAT, file), COMPRESSED_IMAGE,
                   frame_id)
    assert bytes(message.data) == file
    read_format = parse_format(message.format)
    assert (read_format.source, read_format.target) == ('bgr8', 'bgr8')
    # what image_transport's subscriber and image_transport_decompress look for
    assert message.format.partition(';')[2].strip().startswith('jpeg')
