"""decode_compressed: what cameras send, and what breaks on the way."""
import struct

import cv2
import numpy as np
import pytest
from support.specimens import animated_png, png

from movenet_ros.errors import ImageError
from movenet_ros.media.compressed import decode_compressed

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


def refusal(data, format='jpeg'):
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


def test_padding_after_the_end_is_no_harm():
    np.testing.assert_array_equal(decode_compressed('', JPEG + bytes(100)).pixels,
                                  decode_compressed('', JPEG).pixels)


@pytest.mark.parametrize('whole', [JPEG, PNG, PROGRESSIVE], ids=['jpeg', 'png', 'progressive'])
def test_every_truncation_is_refused(whole):
    for size in range(8, len(whole) - 1):
        assert refusal(whole[:size]).cause in ('truncated', 'damaged'), size
    assert refusal(whole[:len(whole) // 2]).cause == 'truncated'


@pytest.mark.parametrize(('data', 'cause', 'says'), [
    (b'', 'no_data', 'no data'),
    (b'RIFF\0\0\0\0WEBPVP8 ', 'unknown_format', 'WebP'),
    (b'GIF89a', 'unknown_format', 'GIF'),
    (b'\0\0\0\x01gB', 'unknown_format', 'H.264'),
    (b'II*\0', 'unknown_format', 'TIFF'),
    (bytes(10), 'unknown_format', '00 00'),
    (JPEG[:2], 'unknown_format', 'ff d8'),
    (None, 'bad_data', 'bytes')])
def test_refusals(data, cause, says):
    error = refusal(data)
    assert error.cause == cause
    assert says in str(error)


def test_depth_is_refused():
    assert refusal(PNG, '16UC1; compressedDepth').cause == 'depth'


@pytest.mark.parametrize(('width', 'height', 'cause'), [
    (2**31 - 1, 2**31 - 1, 'too_large'), (16385, 1, 'too_large'), (9000, 9000, 'too_large'),
    (0, 5, 'no_size')])
def test_declared_sizes_are_checked_before_decoding(width, height, cause):
    assert refusal(png(width, height)).cause == cause
    if width < 65536:
        at = JPEG.index(b'\xff\xc0') + 5
        assert refusal(JPEG[:at] + struct.pack('>HH', height, width) + JPEG[at + 4:]).cause == cause


def test_cmyk_is_refused():
    at = JPEG.index(b'\xff\xc0') + 9
    error = refusal(JPEG[:at] + b'\4' + JPEG[at + 1:])
    assert error.cause == 'unsupported_colours'


def test_a_jpeg_of_thousands_of_scans_is_refused():
    """Each goes over the whole picture, so that 1 MB may take minutes."""
    end = PROGRESSIVE.rindex(b'\xff\xd9')
    scan = PROGRESSIVE[PROGRESSIVE.rindex(b'\xff\xda'):end]
    assert decode_compressed('', PROGRESSIVE[:end] + 80 * scan + PROGRESSIVE[end:])
    error = refusal(PROGRESSIVE[:end] + 10_000 * scan + PROGRESSIVE[end:])
    assert error.cause == 'too_many_scans'
    assert 'at most 100' in str(error)


def test_a_png_without_its_pixels_is_refused():
    assert refusal(png(10, 10)).cause == 'damaged'


def test_a_png_whose_pixels_go_by_another_name_is_refused_before_decoding():
    """OpenCV takes gigabytes, and seconds, for some of these."""
    error = refusal(PNG.replace(b'IDAT', b'IXAT'))
    assert error.cause == 'damaged'
    assert 'no pixels' in str(error)
