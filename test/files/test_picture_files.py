"""Picture files of 16 bits, of several pictures, and those that hold none."""
import struct
import zlib

import cv2
import numpy as np
import pytest
from support.videos import shades

from movenet_ros.cli import main
from movenet_ros.errors import ImageError
from movenet_ros.files.pictures import read_picture_file
from movenet_ros.files.sources import open_source
from movenet_ros.images.encodings import to_8_bits, to_picture
from movenet_ros.images.image_warnings import picture_warnings
from movenet_ros.images.picture_count import picture_count

WIDE = np.random.default_rng(5).integers(0, 1024, (40, 50, 3), np.uint16)


def encoded(ending, pixels):
    good, data = cv2.imencode(ending, pixels)
    assert good
    return data.tobytes()


def written(path, pixels):
    path.write_bytes(encoded(path.suffix, pixels))
    return path


@pytest.mark.parametrize('ending', ['.png', '.tiff', '.ppm'])
@pytest.mark.parametrize('white_level', [65535, 1023, 0])
def test_16_bits_are_scaled_as_in_a_message(tmp_path, ending, white_level):
    (frame,) = open_source(written(tmp_path / f'a{ending}', WIDE))
    picture = frame.picture(white_level)
    assert np.array_equal(picture.pixels, to_8_bits(WIDE, white_level))
    assert picture.source_bits == 16
    message = to_picture(encoding='bgr16', height=40, width=50, step=300, is_bigendian=False,
                         data=WIDE.astype('<u2'), white_level=white_level)
    assert np.array_equal(picture.pixels, message.pixels)


@pytest.mark.parametrize('ending', ['.png', '.tiff', '.ppm', '.bmp', '.jpg', '.webp'])
def test_8_bits_are_not_scaled(tmp_path, ending):
    path = written(tmp_path / f'a{ending}', (WIDE // 4).astype(np.uint8))
    picture = read_picture_file(path, 1023)
    assert np.array_equal(picture.pixels, cv2.imread(str(path)))
    assert picture.source_bits == 8


@pytest.mark.parametrize('ending', ['.png', '.tiff'])
def test_a_dark_picture_of_16_bits_names_the_white_level(tmp_path, ending):
    wide = dict(picture_warnings(read_picture_file(written(tmp_path / f'a{ending}', WIDE))))
    assert 'white_level' in wide['dark_image']
    narrow = written(tmp_path / f'b{ending}', np.zeros((40, 50, 3), np.uint8))
    assert 'white_level' not in dict(picture_warnings(read_picture_file(narrow)))['dark_image']


def test_the_parameter_white_level_makes_dark_pictures_bright(tmp_path, capfd):
    path = str(written(tmp_path / 'a.png', WIDE))
    assert main(['process', path]) == 0
    assert 'set the parameter white_level' in capfd.readouterr().err
    assert main(['process', path, '--param', 'white_level=1023']) == 0
    assert 'dark_image' not in capfd.readouterr().err


def test_samples_of_other_types_are_named(tmp_path):
    path = written(tmp_path / 'a.tiff', np.zeros((4, 5, 3), np.float32))
    with pytest.raises(ImageError, match=r'a\.tiff: its samples are float32, and only') as caught:
        read_picture_file(path)
    assert caught.value.cause == 'unsupported_samples'


def test_an_empty_file_among_pictures_is_called_empty(tmp_path):
    written(tmp_path / 'a.png', np.zeros((4, 5, 3), np.uint8))
    (tmp_path / 'b.png').touch()
    with pytest.raises(ImageError, match=r'b\.png: the file is empty$') as caught:
        list(open_source(tmp_path))[1].picture()
    assert caught.value.cause == 'no_data'


def chunk(kind, content):
    return struct.pack('>I', len(content)) + kind + content + struct.pack(
        '>I', zlib.crc32(kind + content))


def animated_png(count):
    """One picture, and the claim that there are more, as every reader takes it from there."""
    png = encoded('.png', shades(1)[0])
    return png[:33] + chunk(b'acTL', struct.pack('>II', count, 0)) + png[33:]


def animated_webp(count):
    still = encoded('.webp', shades(1)[0])
    size = (63).to_bytes(3, 'little') + (47).to_bytes(3, 'little')
    frame = bytes(6) + size + bytes(4) + still[12:]
    body = b'WEBP' + riff(b'VP8X', b'\2\0\0\0' + size) + riff(b'ANIM', bytes(6)) + count * riff(
        b'ANMF', frame)
    return riff(b'RIFF', body)


def riff(kind, content):
    return kind + struct.pack('<I', len(content)) + content + bytes(len(content) % 2)


def pages(count, tmp_path):
    path = tmp_path / 'pages.tiff'
    assert cv2.imwritemulti(str(path), shades(count))
    return path.read_bytes()


def several(ending, count, tmp_path):
    return {'.png': animated_png, '.webp': animated_webp,
            '.tiff': lambda count: pages(count, tmp_path),
            '.jpg': lambda count: b''.join(encoded('.jpg', image) for image in shades(count))}[
                ending](count)


@pytest.mark.parametrize('ending', ['.png', '.webp', '.tiff', '.jpg'])
@pytest.mark.parametrize('count', [2, 5])
def test_several_pictures_in_a_file_are_counted(tmp_path, ending, count):
    raw = several(ending, count, tmp_path)
    assert picture_count(raw) == count
    for end in range(0, len(raw), 7):
        assert picture_count(raw[:end]) >= 1


@pytest.mark.parametrize('ending', ['.png', '.webp', '.tiff', '.jpg', '.bmp', '.ppm', '.gif'])
def test_a_usual_picture_is_one(ending):
    assert picture_count(encoded('.bmp' if ending == '.gif' else ending, shades(1)[0])) == 1


@pytest.mark.parametrize('ending', ['.png', '.webp', '.tiff'])
def test_pictures_that_are_not_read_are_reported(tmp_path, ending):
    path = tmp_path / f'a{ending}'
    path.write_bytes(several(ending, 3, tmp_path))
    source = open_source(path)
    for frame in source:
        frame.picture()
    assert source.notes == (f'{path}: holds 3 pictures, only the first is read',)


def test_in_a_folder_such_files_are_listed(tmp_path):
    for name in ('a', 'c'):
        (tmp_path / f'{name}.png').write_bytes(animated_png(4))
    written(tmp_path / 'b.png', shades(1)[0])
    (tmp_path / 'd.jpg').write_bytes(several('.jpg', 2, tmp_path))
    source = open_source(tmp_path)
    for frame in source:
        frame.picture()
    (note,) = source.notes
    assert '3 of 4 files hold several pictures' in note
    assert note.endswith('a.png (4), c.png (4), d.jpg (2)')


@pytest.mark.parametrize('name', ['stream.jpg', 'stream', 'stream.mjpeg'])
@pytest.mark.parametrize('padding', [b'', bytes(5)])
def test_a_stream_of_jpegs_is_a_video_whatever_its_name(tmp_path, name, padding):
    path = tmp_path / name
    path.write_bytes(b''.join(encoded('.jpg', image) + padding for image in shades(6)))
    source = open_source(path)
    assert source.kind == 'video'
    means = [frame.picture().pixels.mean() for frame in source]
    assert means == pytest.approx([image.mean() for image in shades(6)], abs=2)


def test_fill_bytes_before_a_marker_are_skipped():
    first, second = (encoded('.jpg', image) for image in shades(2))
    assert picture_count(first[:2] + b'\xff\xff' + first[2:] + second) == 2


def test_a_preview_within_a_jpeg_and_a_second_eye_make_no_stream(tmp_path):
    first, second = (encoded('.jpg', image) for image in shades(2))

    def segment(marker, content):
        return bytes((0xFF, marker)) + struct.pack('>H', len(content) + 2) + content

    previews = first[:2] + segment(0xE1, b'Exif\0\0' + second + second) + first[2:]
    stereo = first[:2] + segment(0xE2, b'MPF\0' + bytes(20)) + first[2:] + second
    smaller = first + encoded('.jpg', shades(1, (32, 24))[0])
    for index, raw in enumerate((previews, stereo, smaller)):
        path = tmp_path / f'{index}.jpg'
        path.write_bytes(raw)
        source = open_source(path)
        (frame,) = source
        frame.picture()
        assert (source.kind, source.notes) == ('pictures', ())


def test_a_reduced_page_is_a_preview():
    entry = struct.pack('<HHII', 254, 4, 1, 1)
    raw = b'II*\0' + struct.pack('<I', 8)
    raw += struct.pack('<H', 1) + struct.pack('<HHII', 256, 4, 1, 1) + struct.pack('<I', 26)
    raw += struct.pack('<H', 1) + entry + struct.pack('<I', 8)
    assert picture_count(raw) == 1


def gif(delays):
    """A GIF of one pixel, shown in turns."""
    raw = b'GIF89a' + struct.pack('<HHBBB', 1, 1, 0x80, 0, 0) + bytes(3) + b'\xff' * 3
    for index, delay in enumerate(delays):
        raw += b'\x21\xf9\4\0' + struct.pack('<H', delay) + b'\0\0'
        raw += b'\x2c' + bytes(4) + struct.pack('<HHB', 1, 1, 0) + b'\2\2'
        raw += (b'\x4c\1' if index % 2 else b'\x44\1') + b'\0'
    return raw + b'\x3b'


@pytest.mark.parametrize('delays', [[0] * 6, [10] * 6])
def test_no_picture_of_a_gif_is_lost_without_a_note(tmp_path, delays):
    path = tmp_path / 'a.gif'
    path.write_bytes(gif(delays))
    source = open_source(path)
    count = sum(1 for _ in source)
    assert count == 6 or any('holds 6 pictures' in note for note in source.notes)
    assert count == 6 or not any(delays)
