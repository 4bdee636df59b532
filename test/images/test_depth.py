"""Depth images from messages: units, layouts, codecs, and what is damaged."""
import numpy as np
import pytest
from support.depth_messages import (
    HEADER,
    compressed_depth,
    png,
    serialized_compressed,
    serialized_image,
)

from movenet_ros.errors import ImageError
from movenet_ros.images.cdr import COMPRESSED_IMAGE, IMAGE, ImageMessage
from movenet_ros.images.depth import read_depth, to_depth

HEIGHT, WIDTH = 30, 41
ROWS, COLUMNS = (grid.ravel() for grid in np.indices((HEIGHT, WIDTH)))


def scene():
    """Millimetres: a slope, an edge, and pixels without depth."""
    depth = np.add.outer(np.arange(HEIGHT) * 40, np.arange(WIDTH) * 3).astype(np.uint16) + 500
    depth[5:12, 7:20] = 9000
    depth[20:, :9] = 0
    depth[0, 0], depth[-1, -1] = 1, 65535
    return depth


def in_metres(millimetres):
    return np.where(millimetres, millimetres * np.float32(0.001), np.float32(np.nan))


def metres(depth):
    return depth.metres(ROWS, COLUMNS).reshape(HEIGHT, WIDTH)


def raw_message(pixels, encoding, *, padding=0, surplus=0, order='<'):
    rows = pixels.astype(pixels.dtype.newbyteorder(order)).view(np.uint8).reshape(len(pixels), -1)
    data = np.pad(rows, [(0, 0), (0, padding)], constant_values=0xEE)
    return serialized_image(encoding, *pixels.shape, data.shape[1],
                            data.tobytes() + bytes(surplus), is_bigendian=order == '>')


def rejection(*args, **kwargs):
    with pytest.raises(ImageError) as caught:
        read_depth(*args, **kwargs)
    return caught.value


@pytest.mark.parametrize('order', '<>')
@pytest.mark.parametrize('padding', [0, 1, 6])
@pytest.mark.parametrize('encoding', ['16UC1', 'mono16', '32FC1'])
def test_units_and_layouts(encoding, padding, order):
    pixels = in_metres(scene()) if encoding == '32FC1' else scene()
    depth = read_depth(raw_message(pixels, encoding, padding=padding, surplus=5, order=order),
                       IMAGE)
    assert (depth.height, depth.width) == (HEIGHT, WIDTH)
    assert (depth.frame_id, depth.stamp_ns) == ('camera', 5_000_000_007)
    np.testing.assert_array_equal(metres(depth), in_metres(scene()))


def test_raw_depth_is_a_view():
    message = bytearray(raw_message(scene(), '16UC1'))
    depth = read_depth(memoryview(message), IMAGE)
    assert np.shares_memory(depth.pixels, np.frombuffer(message, np.uint8))


@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf, 0.0, -1.0, 1e30])
def test_floats_that_are_no_depth(value):
    pixels = np.full((HEIGHT, WIDTH), value, np.float32)
    pixels[3, 4] = 2.5
    seen = metres(read_depth(raw_message(pixels, '32FC1'), IMAGE))
    assert seen[3, 4] == 2.5
    assert np.isnan(seen).sum() == HEIGHT * WIDTH - 1


@pytest.mark.parametrize('codec', ['png', 'rvl'])
def test_compressed_millimetres_are_exact(codec):
    message = serialized_compressed(f'16UC1; compressedDepth {codec}',
                                    compressed_depth(scene(), codec))
    depth = read_depth(message, COMPRESSED_IMAGE)
    assert (depth.frame_id, depth.stamp_ns) == ('camera', 5_000_000_007)
    np.testing.assert_array_equal(metres(depth), in_metres(scene()))


@pytest.mark.parametrize('codec', ['png', 'rvl'])
def test_compressed_metres_are_as_exact_as_their_quantisation(codec):
    wanted = in_metres(scene())
    wanted[wanted >= 10] = np.nan  # farther than the quantisation reaches
    wanted[wanted < 0.1] = np.nan  # so near that it does not fit into 16 bits
    message = serialized_compressed(f'32FC1; compressedDepth {codec}',
                                    compressed_depth(wanted, codec))
    seen = metres(read_depth(message, COMPRESSED_IMAGE))
    np.testing.assert_array_equal(np.isnan(seen), np.isnan(wanted))
    # A step of q at the depth z is z**2 / A = z**2 / 10100.
    known = ~np.isnan(wanted)
    assert (np.abs(seen - wanted)[known] <= 1.01 * wanted[known] ** 2 / 10100).all()


@pytest.mark.parametrize('format', ['16UC1; compressedDepth', '16UC1;compressedDepth png',
                                    'mono16; compressedDepth png '])
def test_other_ways_to_write_the_format(format):
    message = serialized_compressed(format, compressed_depth(scene()))
    np.testing.assert_array_equal(metres(read_depth(message, COMPRESSED_IMAGE)),
                                  in_metres(scene()))


def test_a_png_of_compressed_image_transport():
    message = serialized_compressed('16UC1; png compressed ', png(scene()))
    np.testing.assert_array_equal(metres(read_depth(message, COMPRESSED_IMAGE)),
                                  in_metres(scene()))


@pytest.mark.parametrize('encoding', ['rgb8', '16SC1', '8UC1', '64FC1', '', 'x' * 10_000])
def test_another_encoding_names_those_that_are_read(encoding):
    error = rejection(serialized_image(encoding, 2, 2, 16, bytes(32)), IMAGE)
    assert error.cause == ('unsupported_encoding' if encoding else 'no_encoding')
    assert '16UC1' in str(error) and '32FC1' in str(error)
    assert len(str(error)) < 300


@pytest.mark.parametrize(('height', 'width', 'step', 'size', 'cause'), [
    (0, 4, 8, 32, 'no_size'), (4, 0, 8, 32, 'no_size'), (2**31, 2**31, 2**32 - 1, 32, 'too_large'),
    (4, 4, 7, 32, 'short_step'), (4, 4, 8, 31, 'short_data'),
    (4, 4, 2**32 - 1, 32, 'short_data')])
def test_layouts_that_do_not_fit(height, width, step, size, cause):
    message = serialized_image('16UC1', height, width, step, bytes(size))
    assert rejection(message, IMAGE).cause == cause


def compressed(format, data):
    return serialized_compressed(format, data), COMPRESSED_IMAGE


HEAD = HEADER.pack(0, 0.0, 0.0)


@pytest.mark.parametrize(('format', 'data', 'cause'), [
    ('16UC1; compressedDepth png', b'', 'no_data'),
    ('16UC1; compressedDepth png', HEAD, 'truncated'),
    ('16UC1; compressedDepth png', HEAD[:5], 'truncated'),
    ('16UC1; compressedDepth png', HEAD + b'\xff\xd8\xff\xe0 a JPEG', 'unknown_format'),
    ('16UC1; compressedDepth png', HEAD + png(scene())[:-30], 'truncated'),
    ('16UC1; compressedDepth png', HEAD + png(scene().astype(np.uint8)), 'unknown_format'),
    ('16UC1; compressedDepth png', HEAD + png(np.dstack([scene()] * 3)), 'unknown_format'),
    ('16UC1; compressedDepth zstd', compressed_depth(scene()), 'unknown_format'),
    ('16UC1; jpeg compressed', b'\xff\xd8\xff\xe0 a JPEG', 'unknown_format'),
    ('32FC1; png compressed', png(scene()), 'unknown_format'),
    ('rgb8; jpeg compressed bgr8', b'\xff\xd8\xff\xe0', 'unsupported_encoding'),
    ('jpeg', b'\xff\xd8\xff\xe0', 'unsupported_encoding'),
    ('32FC1; compressedDepth png', HEADER.pack(0, 0.0, 0.0) + png(scene()), 'damaged'),
    ('32FC1; compressedDepth png', HEADER.pack(0, np.nan, 0.0) + png(scene()), 'damaged'),
    ('32FC1; compressedDepth png', HEADER.pack(0, 1.0, np.inf) + png(scene()), 'damaged')])
def test_compressed_data_that_is_no_depth(format, data, cause):
    assert rejection(*compressed(format, data)).cause == cause


def test_a_quantisation_that_divides_by_zero():
    message = serialized_compressed('32FC1; compressedDepth png',
                                    HEADER.pack(0, 3e38, 500.0) + png(scene()))
    seen = metres(read_depth(message, COMPRESSED_IMAGE))
    assert np.isnan(seen[scene() == 500]).all()


@pytest.mark.parametrize('message', [
    raw_message(scene(), '16UC1'),
    serialized_compressed('16UC1; compressedDepth png', compressed_depth(scene())),
    serialized_compressed('32FC1; compressedDepth rvl',
                          compressed_depth(in_metres(scene()), 'rvl'))], ids=['raw', 'png', 'rvl'])
def test_damaged_messages_raise_nothing_else(message):
    kind = COMPRESSED_IMAGE if b'compressedDepth' in message else IMAGE
    rng, causes = np.random.default_rng(3), set()
    for _ in range(300):
        damaged = np.frombuffer(message, np.uint8).copy()
        damaged[rng.integers(0, min(len(damaged), 120), 3)] = rng.integers(0, 256, 3)
        damaged = damaged[:rng.integers(len(damaged) // 2, len(damaged) + 1)].tobytes()
        try:
            metres_of = read_depth(damaged, kind)
            metres_of.metres(np.array([0]), np.array([0]))
        except ImageError as error:
            causes.add(error.cause)
    assert causes - {'invalid'} == causes and 'damaged_message' in causes


def test_a_message_that_is_read_already():
    message = ImageMessage((1, 2), 'lens', '16UC1', memoryview(bytes([232, 3] * 4)),
                           (2, 2, 4, False))
    depth = to_depth(message)
    assert (depth.stamp_ns, depth.frame_id) == (1_000_000_002, 'lens')
    assert depth.metres(np.array([1]), np.array([1])) == np.float32(1.0)
