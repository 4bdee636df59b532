"""What an input is follows from its content; what is left out is named; any name will do."""
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.frames import grey_levels
from support.paths import DATA
from support.videos import noise, shades, write_video

from movenet_ros.errors import ImageError, ParameterError, SourceError
from movenet_ros.files.sources import open_source

# The least EXIF with an orientation: turn by a quarter.
EXIF = b'Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0'
NAMES = [b'img_%03d.jpg', b'%d.png', b'http:clip.mp4', b'pipe:0', b'-clip.mp4', b'file:x.avi',
         b'concat:a|b', b'clip\xff\xfe.mp4', b'\xe9t\xe9.mkv', b'cam 0.mp4', b'5', b'a\nb.mp4',
         b'glob*[x].jpg', 'größe.webm'.encode()]


def turned_jpeg():
    jpeg = cv2.imencode('.jpg', np.zeros((4, 6, 3), np.uint8))[1].tobytes()
    return jpeg[:2] + b'\xff\xe1' + (len(EXIF) + 2).to_bytes(2, 'big') + EXIF + jpeg[2:]


def save(path, grey=100):
    image = np.full((4, 6, 3), grey, np.uint8)
    path.write_bytes(cv2.imencode('.png', image)[1].tobytes())
    return path


@pytest.mark.parametrize('name', ['a.jpg', 'a.mp4', 'a.dat', 'a', 'a.mcap', 'a.png'])
def test_a_jpeg_under_any_ending_is_a_picture_and_is_turned(tmp_path, name):
    (tmp_path / name).write_bytes(turned_jpeg())
    source = open_source(tmp_path / name)
    assert source.kind == 'pictures'
    (frame,) = source
    assert frame.picture().pixels.shape == (6, 4, 3)


@pytest.mark.parametrize('name', ['a.jpg', 'a.png', 'a.db3', 'a', 'a.txt'])
def test_a_video_under_any_ending_is_a_video(tmp_path, name):
    shutil.copy(DATA / 'one_person.mp4', tmp_path / name)
    source = open_source(tmp_path / name)
    assert (source.kind, len(list(source))) == ('video', 100)


@pytest.mark.parametrize('name', NAMES)
@pytest.mark.parametrize('kind', ['video', 'pictures'])
def test_a_name_is_nothing_but_a_name(tmp_path, monkeypatch, name, kind):
    monkeypatch.chdir(tmp_path)
    path = Path(os.fsdecode(name))
    if kind == 'video':
        write_video(tmp_path / 'clip.avi', 'MJPG', shades(4)).rename(path)
    else:
        save(path)
    source = open_source(os.fsdecode(name))
    assert (source.kind, len([frame.picture() for frame in source])) == (
        kind, 4 if kind == 'video' else 1)


@pytest.mark.parametrize(('name', 'output'), [
    (b'clip\xff.mp4', b'a\xfe.webm'), (b'img_%02d.mp4', b'a%d.mp4'), (b'http:x.mp4', b'http:a.png'),
    (b'\xff\xff.mp4', b'a\xfe.jsonl'), (b'x.mp4', b'a\xfe.png'), (b'y.mp4', b'a\xfe.mp4')])
def test_the_command_takes_any_name(tmp_path, name, output):
    write_video(tmp_path / 'clip.mp4', 'mp4v', shades(3)).rename(tmp_path / os.fsdecode(name))
    done = subprocess.run(
        [sys.executable, '-m', 'movenet_ros.cli', 'process', name, '-q', '-o', output],
        cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, b'Traceback' in done.stderr) == (0, False)
    assert {os.fsencode(item.name) for item in tmp_path.iterdir()} == {name, output}


@pytest.mark.parametrize(('name', 'content', 'says'), [
    ('a.mp4', b'#ROSBAG V2.0\n' + bytes(50), 'a ROS 1 bag.*rosbags-convert'),
    ('a.jpg', b'\0\0\0\x18ftypheic' + bytes(20), r'HEIF \(HEIC\) picture.*heif-convert'),
    ('a.mcap', b'\x1f\x8b\x08' + bytes(20), 'compressed with gzip.*gunzip'),
    ('a.mp4', b'%PDF-1.7\n' + bytes(9), 'PDF'),
    ('a.mkv', b'hello, world\n', 'a text file')])
def test_what_is_not_read_is_named_with_the_remedy(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=says) as caught:
        open_source(tmp_path / name)
    assert 'ffmpeg' not in str(caught.value)
    assert str(tmp_path / name) in str(caught.value)


def test_an_archive_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / 'clip.mp4', 'w') as archive:
        archive.writestr('x', 'y')
    with pytest.raises(SourceError, match=r'ZIP archive.*unpack'):
        open_source(tmp_path / 'clip.mp4')


def test_a_codec_without_a_decoder_is_named(tmp_path):
    """An .mp4 whose images are said to be in another codec than they are."""
    path = tmp_path / 'a.mp4'
    whole = (DATA / 'one_person.mp4').read_bytes()
    assert whole.count(b'avc1') >= 1
    path.write_bytes(whole.replace(b'avc1', b'av01').replace(b'avcC', b'free'))
    with pytest.raises(SourceError, match=r'AV01.*ffmpeg -i INPUT'):
        open_source(path)


def test_a_folder_names_what_it_leaves_out(tmp_path):
    save(tmp_path / 'b.png', 20)
    save(tmp_path / 'a.dat', 10)
    (tmp_path / 'notes.txt').write_text('hello')
    (tmp_path / 'phone.heic').write_bytes(b'\0\0\0\x18ftypheic' + bytes(20))
    (tmp_path / '.hidden').write_text('x')
    (tmp_path / 'sub').mkdir()
    os.mkfifo(tmp_path / 'pipe')
    write_video(tmp_path / 'clip.avi', 'MJPG', shades(3))
    source = open_source(tmp_path)
    assert grey_levels(source) == [10, 20]
    assert source.notes == (
        f'{tmp_path}: 5 left out: clip.avi (a video), notes.txt (a text file), phone.heic '
        '(a HEIF (HEIC) picture), pipe (no regular file), sub (a folder)',)


def test_many_that_are_left_out_are_counted(tmp_path):
    save(tmp_path / 'a.png')
    for index in range(30):
        (tmp_path / f'{index}.txt').write_text('hello')
    (note,) = open_source(tmp_path).notes
    assert '30 left out: 0.txt' in note and note.endswith('and 25 more')


def test_a_folder_of_one_video_is_that_video(tmp_path):
    write_video(tmp_path / 'clip.avi', 'MJPG', shades(3))
    (tmp_path / 'notes.txt').write_text('hello')
    source = open_source(tmp_path)
    assert (source.kind, len(list(source))) == ('video', 3)
    assert 'notes.txt (a text file)' in source.notes[0]


@pytest.mark.parametrize('given', ['', '*', 'clip*.avi'])
def test_of_several_videos_one_is_to_be_named(tmp_path, given):
    for index in range(3):
        write_video(tmp_path / f'clip{index}.avi', 'MJPG', shades(3))
    with pytest.raises(SourceError, match=r'3 videos.*clip0\.avi, clip1\.avi.*one is read at a '
                       r'time.*for FILE in .*; do movenet process "\$FILE"'):
        open_source(str(tmp_path / given))


def test_a_pattern_that_fits_one_thing_is_that_thing(tmp_path):
    write_video(tmp_path / 'clip1.avi', 'MJPG', shades(3))
    folder = tmp_path / 'shots'
    folder.mkdir()
    save(folder / 'a.png')
    save(folder / 'b.png')
    assert open_source(str(tmp_path / 'clip*.avi')).kind == 'video'
    assert open_source(str(tmp_path / 'sh*')).total == 2
    assert open_source(str(folder / 'a*')).total == 1


def test_a_picture_that_lost_its_beginning_is_one_frames_error(tmp_path):
    for name in ('a.png', 'b.png', 'c.png', 'd.png'):
        save(tmp_path / name)
    (tmp_path / 'b.png').write_bytes(bytes(50))
    (tmp_path / 'c.png').write_bytes(b'')
    source = open_source(tmp_path)
    assert (source.total, source.notes) == (4, ())
    frames = list(source)
    for frame in frames[1:3]:
        with pytest.raises(ImageError):
            frame.picture()
    assert grey_levels(frames[::3]) == [100, 100]


def test_a_single_picture_that_lost_its_beginning_is_no_video(tmp_path):
    whole = save(tmp_path / 'a.png').read_bytes()
    (tmp_path / 'a.png').write_bytes(bytes(16) + whole[16:])
    (frame,) = open_source(tmp_path / 'a.png')
    with pytest.raises(ImageError, match=r'a\.png'):
        frame.picture()


def test_nothing_to_read_in_a_folder_names_what_is_there(tmp_path):
    (tmp_path / 'a.heic').write_bytes(b'\0\0\0\x18ftypheic' + bytes(20))
    with pytest.raises(SourceError, match=r'but a\.heic \(a HEIF .*heif-convert'):
        open_source(tmp_path)


def test_a_rate_means_nothing_for_a_bag(tmp_path):
    from support.bags import image, write
    bag = write(tmp_path / 'bag', [('/image', image(0)), ('/image', image(1))])
    with pytest.raises(ParameterError, match='stamps, which are kept'):
        open_source(bag, fps=30)


def test_pictures_are_stills_unless_a_rate_is_given(tmp_path):
    save(tmp_path / 'a.png')
    save(tmp_path / 'b.png')
    assert (open_source(tmp_path).stills, open_source(tmp_path).fps) == (True, 30)
    assert (open_source(tmp_path, fps=5).stills, open_source(tmp_path, fps=5).fps) == (False, 5)
    assert [frame.stamp_ns for frame in open_source(tmp_path)] == [0, 33_333_333]
    assert not open_source(DATA / 'one_person.mp4').stills


def test_a_stream_of_jpegs_is_a_video(tmp_path):
    path = tmp_path / 'a.mjpeg'
    path.write_bytes(b''.join(cv2.imencode('.jpg', image)[1].tobytes() for image in noise(5)))
    source = open_source(path)
    assert (source.kind, len(list(source))) == ('video', 5)
    assert 'have no times; taken as 25 images per second' in source.notes[0]
