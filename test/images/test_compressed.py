"""decode_compressed: what cameras send, and what breaks on the way."""
import struct

import cv2
import numpy as np
import pytest
from support.paths import DATA
from support.specimens import animated_png, png

from movenet_ros.errors import ImageError
from movenet_ros.images.compressed import decode_compressed, has_end_mark
from movenet_ros.images.compressed_format import parse_format
from movenet_ros.images.encodings import to_picture

HEIGHT, WIDTH = 40, 56


def scene():
    """Smooth, so that JPEG keeps it; red at the left, blue at the right."""
    x = np.linspace(0, 255, WIDTH)
    image = np.stack([np.tile(x, (HEIGHT, 1)), np.full((HEIGHT, WIDTH), 90),
                      np.tile(x[::-1], (HEIGHT, 1))], axis=2)
    return image.astype(np.uint8)


def encoded(ending, image, *options):
    good, data = cv2.imencode(ending, image, options)
    assert good
    return data.tobytes()


JPEG, PNG = encoded('.jpg', scene()), encoded('.png', scene())
PROGRESSIVE = encoded('.jpg', scene(), cv2.IMWRITE_JPEG_PROGRESSIVE, 1)


def rejection(data, format='jpeg'):
    with pytest.raises(ImageError) as caught:
        decode_compressed(format, data)
    return caught.value


@pytest.mark.parametrize('format', ['jpeg', 'bgr8; jpeg compressed bgr8', '', 'nonsense'])
def test_jpeg(format):
    seen = decode_compressed(format, JPEG)
    assert seen.order == 'bgr'
    np.testing.assert_allclose(seen.pixels.astype(int), scene(), atol=12)


def test_png_is_exact():
    np.testing.assert_array_equal(decode_compressed('rgb8; png compressed', PNG).pixels, scene())


def test_progressive_jpeg():
    np.testing.assert_allclose(decode_compressed('', PROGRESSIVE).pixels.astype(int), scene(),
                               atol=12)


def test_grey_becomes_bgr():
    grey = scene()[:, :, 0]
    for ending in ('.png', '.jpg'):
        seen = decode_compressed('mono8; png compressed mono8', encoded(ending, grey))
        assert seen.pixels.shape == (HEIGHT, WIDTH, 3)
        np.testing.assert_allclose(seen.pixels[:, :, 1].astype(int), grey, atol=6)


def test_alpha_is_dropped():
    seen = decode_compressed('bgra8; png compressed', encoded('.png', np.dstack(
        [scene(), np.full((HEIGHT, WIDTH), 3, np.uint8)])))
    np.testing.assert_array_equal(seen.pixels, scene())


def test_the_first_frame_of_an_animation():
    assert decode_compressed('', animated_png()).pixels.shape == (8, 16, 3)


def test_16_bits_become_8():
    wide = scene().astype(np.uint16) * 257
    np.testing.assert_array_equal(decode_compressed('', encoded('.png', wide)).pixels, scene())


def with_orientation(jpeg, orientation):
    entry = struct.pack('<HHII', 0x0112, 3, 1, orientation)
    exif = b'Exif\0\0II*\0' + struct.pack('<IH', 8, 1) + entry + bytes(4)
    return jpeg[:2] + b'\xff\xe1' + struct.pack('>H', len(exif) + 2) + exif + jpeg[2:]


def test_exif_orientation_is_ignored():
    turned = with_orientation(JPEG, 6)
    assert cv2.imdecode(np.frombuffer(turned, np.uint8), cv2.IMREAD_COLOR).shape[0] == WIDTH
    np.testing.assert_array_equal(decode_compressed('', turned).pixels,
                                  decode_compressed('', JPEG).pixels)


def test_padding_after_the_end_is_ignored():
    np.testing.assert_array_equal(decode_compressed('', JPEG + bytes(100)).pixels,
                                  decode_compressed('', JPEG).pixels)


@pytest.mark.parametrize('whole', [PNG, PROGRESSIVE], ids=['png', 'progressive'])
def test_every_truncation_is_rejected(whole):
    for size in range(8, len(whole) - 1):
        assert rejection(whole[:size]).cause in ('truncated', 'damaged'), size
    assert rejection(whole[:len(whole) // 2]).cause == 'truncated'


SAMPLING = {'4:4:4': cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
            '4:2:0': cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420}


def photo(*options):
    image = cv2.resize(cv2.imread(str(DATA / 'astronaut.jpg')), (120, 88))
    return encoded('.jpg', image, *options)


@pytest.fixture(params=[(sampling, restarts) for sampling in SAMPLING for restarts in (0, 3)])
def jpeg(request):
    sampling, restarts = request.param
    return photo(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, SAMPLING[sampling],
                 cv2.IMWRITE_JPEG_RST_INTERVAL, restarts)


@pytest.mark.parametrize('padding', [b'', bytes(1), bytes(1000), b'\xff', b'\xff' * 7])
def test_a_jpeg_that_lacks_only_its_end_mark_is_whole(jpeg, padding):
    cut = jpeg[:-2] + padding
    np.testing.assert_array_equal(decode_compressed('jpeg', cut).pixels,
                                  decode_compressed('jpeg', jpeg).pixels)
    assert not has_end_mark(cut)
    assert has_end_mark(jpeg)
    assert has_end_mark(jpeg + padding)


def test_a_jpeg_that_lacks_more_than_its_last_block_is_rejected(jpeg):
    """A block of 16 x 16 px takes at most a few hundred bytes."""
    block = 200
    for size in range(8, len(jpeg) - block):
        assert rejection(jpeg[:size]).cause in ('truncated', 'damaged'), size
    for padding in (bytes(100), b'\xff' * 100):
        assert rejection(jpeg[:len(jpeg) // 2] + padding).cause == 'truncated'


def test_a_jpeg_whose_last_block_is_grey_may_lack_its_end_mark():
    grey = scene()
    grey[:, :] = 128
    grey[:8, :8] = 10
    whole = encoded('.jpg', grey)
    np.testing.assert_array_equal(decode_compressed('', whole[:-2]).pixels,
                                  decode_compressed('', whole).pixels)


def test_the_end_mark_of_a_thumbnail_is_not_that_of_the_picture():
    thumbnail = encoded('.jpg', scene()[::4, ::4])
    exif = b'Exif\0\0' + thumbnail
    whole = JPEG[:2] + b'\xff\xe1' + struct.pack('>H', len(exif) + 2) + exif + JPEG[2:]
    assert has_end_mark(whole + bytes(9))
    assert not has_end_mark(whole[:-2])
    assert decode_compressed('', whole[:-2]).pixels.shape == scene().shape


def test_other_files_need_no_end_mark_of_a_jpeg():
    assert has_end_mark(PNG)


@pytest.mark.parametrize(('data', 'cause', 'says'), [
    (b'', 'no_data', 'no data'),
    (b'RIFF\0\0\0\0WEBPVP8 ', 'unknown_format', 'WebP'),
    (b'GIF89a', 'unknown_format', 'GIF'),
    (b'\0\0\0\x01gB', 'unknown_format', 'H.264'),
    (b'II*\0', 'unknown_format', 'TIFF'), (b'hello', 'unknown_format', '68 65 6c 6c 6f'),
    (b'\0\0\0\x18ftypheic' + bytes(20), 'unknown_format', 'HEIF'),
    (bytes(10), 'unknown_format', '00 00'),
    (JPEG[:2], 'unknown_format', 'ff d8'),
    (None, 'bad_data', 'bytes')])
def test_rejections(data, cause, says):
    error = rejection(data)
    assert error.cause == cause
    assert says in str(error)


DEPTH = encoded('.png', scene()[:, :, 0].astype(np.uint16) * 20)


@pytest.mark.parametrize('format', [
    '16UC1; compressedDepth', '16UC1; compressedDepth png', '32FC1; compressedDepth rvl',
    'mono16; compressedDepth png', '16UC1; png compressed ', '16UC1; png compressed',
    '16UC1;png', '16UC1', '16UC1; jpeg compressed mono8', '32FC1; tiff compressed '])
def test_depth_is_rejected(format):
    assert rejection(DEPTH, format).cause == 'depth'


def test_depth_is_rejected_as_it_is_in_a_raw_image():
    with pytest.raises(ImageError) as raw:
        to_picture(encoding='16UC1', height=4, width=4, step=8, is_bigendian=0, data=bytes(32))
    assert str(rejection(DEPTH, '16UC1; png compressed ')) == str(raw.value)


def test_numbers_that_are_no_picture_are_rejected():
    assert rejection(PNG, '32SC1; png compressed ').cause == 'unsupported_encoding'


def mosaic(pattern, bits=8):
    """What a camera with this colour filter sees of the scene."""
    channel = {'r': 2, 'g': 1, 'b': 0}
    seen = np.empty((HEIGHT, WIDTH), np.uint8)
    for at, colour in enumerate(pattern):
        rows, columns = np.s_[at // 2::2], np.s_[at % 2::2]
        seen[rows, columns] = scene()[rows, columns, channel[colour]]
    return seen if bits == 8 else seen.astype(np.uint16) * 257


PATTERNS = ('rggb', 'bggr', 'gbrg', 'grbg')


@pytest.mark.parametrize('bits', [8, 16])
@pytest.mark.parametrize('pattern', PATTERNS)
def test_a_mosaic_in_a_png_becomes_what_it_becomes_raw(pattern, bits):
    seen = mosaic(pattern, bits)
    encoding = f'bayer_{pattern}{bits}'
    raw = to_picture(encoding=encoding, height=HEIGHT, width=WIDTH, step=WIDTH * seen.itemsize,
                     is_bigendian=0, data=seen.tobytes())
    for target in ('', encoding):
        got = decode_compressed(f'{encoding}; png compressed {target}', encoded('.png', seen))
        np.testing.assert_array_equal(got.pixels, raw.pixels)
        assert got.order == raw.order
    np.testing.assert_allclose(got.pixels[2:-2, 2:-2].astype(int), scene()[2:-2, 2:-2], atol=12)


@pytest.mark.parametrize('bits', [8, 16])
@pytest.mark.parametrize('pattern', PATTERNS)
def test_a_mosaic_in_a_jpeg_of_an_old_publisher(pattern, bits):
    """Before 2.3.2 compressed_image_transport named no target and converted nothing."""
    data = encoded('.jpg', mosaic(pattern), cv2.IMWRITE_JPEG_QUALITY, 100)
    got = decode_compressed(f'bayer_{pattern}{bits}; jpeg compressed ', data)
    np.testing.assert_allclose(got.pixels[2:-2, 2:-2].astype(int), scene()[2:-2, 2:-2], atol=16)


@pytest.mark.parametrize('target', ['mono8', 'bgr8'])
def test_what_the_publisher_has_converted_is_no_mosaic(target):
    image = scene() if target == 'bgr8' else cv2.cvtColor(scene(), cv2.COLOR_BGR2GRAY)
    got = decode_compressed(f'bayer_rggb8; jpeg compressed {target}', encoded('.jpg', image))
    np.testing.assert_allclose(got.pixels, np.broadcast_to(
        image.reshape(HEIGHT, WIDTH, -1), (HEIGHT, WIDTH, 3)), atol=12)


def test_colour_is_no_mosaic_whatever_the_format_says():
    np.testing.assert_array_equal(
        decode_compressed('bayer_rggb8; png compressed ', PNG).pixels, scene())


def test_a_mosaic_of_hardly_any_pixels_is_rejected():
    error = rejection(encoded('.png', mosaic('rggb')[:2]), 'bayer_rggb8; png compressed ')
    assert error.cause == 'too_small'


@pytest.mark.parametrize('target', ['rgb8', 'rgb16'])
def test_red_and_blue_are_swapped_where_the_target_says_so(target):
    swapped = np.ascontiguousarray(scene()[:, :, ::-1])
    got = decode_compressed(f'rgb8; png compressed {target}', encoded('.png', swapped))
    assert got.order == 'rgb'
    np.testing.assert_array_equal(got.pixels[:, :, ::-1], scene())


def words():
    x = np.linspace(0, 65535, WIDTH).astype(np.uint16)
    return np.ascontiguousarray(np.tile(x, (HEIGHT, 1)))


@pytest.mark.parametrize('white_level', [65535, 4095, 0])
def test_mono16_in_a_png_becomes_what_it_becomes_raw(white_level):
    seen = words() // (1 if white_level == 65535 else 16)
    raw = to_picture(encoding='mono16', height=HEIGHT, width=WIDTH, step=2 * WIDTH,
                     is_bigendian=0, data=seen.astype('<u2').tobytes(), white_level=white_level)
    got = decode_compressed('mono16; png compressed ', encoded('.png', seen), white_level)
    np.testing.assert_array_equal(got.pixels, np.repeat(raw.pixels, 3, axis=2))


@pytest.mark.parametrize(('text', 'source', 'target'), [
    ('jpeg', 'jpeg', ''), ('', '', ''), ('bgr8; jpeg compressed bgr8', 'bgr8', 'bgr8'),
    ('mono16; jpeg compressed mono8', 'mono16', 'mono8'), ('rgb8;jpeg', 'rgb8', ''),
    ('rgb16; png compressed bgr16', 'rgb16', 'bgr16'), ('bgr8; png compressed ', 'bgr8', ''),
    (' rgb8 ;  jpeg  compressed  bgr8 ', 'rgb8', 'bgr8'), (';;;', '', ''),
    ('x' * 10**6 + '; jpeg compressed bgr8', 'x' * 200, '')])
def test_formats(text, source, target):
    said = parse_format(text)
    assert (said.source, said.target, said.bayer, said.depth) == (source, target, '', False)


@pytest.mark.parametrize(('width', 'height', 'cause'), [
    (2**31 - 1, 2**31 - 1, 'too_large'), (16385, 1, 'too_large'), (9000, 9000, 'too_large'),
    (0, 5, 'no_size')])
def test_declared_sizes_are_checked_before_decoding(width, height, cause):
    assert rejection(png(width, height)).cause == cause
    if width < 65536:
        at = JPEG.index(b'\xff\xc0') + 5
        resized = JPEG[:at] + struct.pack('>HH', height, width) + JPEG[at + 4:]
        assert rejection(resized).cause == cause


def test_cmyk_is_rejected():
    at = JPEG.index(b'\xff\xc0') + 9
    error = rejection(JPEG[:at] + b'\4' + JPEG[at + 1:])
    assert error.cause == 'unsupported_colours'


def test_a_jpeg_of_thousands_of_scans_is_rejected():
    """Each goes over the whole picture, so that 1 MB may take minutes."""
    end = PROGRESSIVE.rindex(b'\xff\xd9')
    scan = PROGRESSIVE[PROGRESSIVE.rindex(b'\xff\xda'):end]
    assert decode_compressed('', PROGRESSIVE[:end] + 80 * scan + PROGRESSIVE[end:])
    error = rejection(PROGRESSIVE[:end] + 10_000 * scan + PROGRESSIVE[end:])
    assert error.cause == 'too_many_scans'
    assert 'at most 100' in str(error)


def test_a_png_without_its_pixels_is_rejected():
    assert rejection(png(10, 10)).cause == 'damaged'


def test_a_png_whose_pixels_go_by_another_name_is_rejected_before_decoding():
    """OpenCV takes gigabytes, and seconds, for some of these."""
    error = rejection(PNG.replace(b'IDAT', b'IXAT'))
    assert error.cause == 'damaged'
    assert 'no pixels' in str(error)
