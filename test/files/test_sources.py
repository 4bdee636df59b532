"""Videos and pictures as sources."""
import os
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.frames import grey_levels
from support.paths import DATA
from support.videos import write_video

from movenet_ros.core.types import Picture
from movenet_ros.errors import ImageError, ParameterError, SourceError
from movenet_ros.files.sources import open_source

CLIPS = ('one_person.mp4', 'several_people.mp4')


@pytest.fixture
def clip(tmp_path):
    """Ten frames, each brighter than the one before, at 12.5 frames per second."""
    return write_video(tmp_path / 'clip.avi', 'MJPG',
                       [np.full((48, 64, 3), 20 * index, np.uint8) for index in range(10)], 12.5)


@pytest.fixture
def shots(tmp_path):
    folder = tmp_path / 'shots'
    folder.mkdir()
    for index in (1, 2, 10):
        cv2.imwrite(str(folder / f'shot{index}.png'), np.full((4, 6, 3), index, np.uint8))
    (folder / 'notes.txt').write_text('not a picture')
    return folder


def collect(source):
    """Frames until the end, and the error that ended them."""
    frames = []
    try:
        for frame in source:
            frames.append(frame)
    except SourceError as error:
        return frames, error
    return frames, None


def test_a_video(clip):
    with open_source(clip) as source:
        assert (source.kind, source.total, source.fps, source.notes) == ('video', 10, 12.5, ())
        assert source.name == str(clip)
        frames = list(source)
    assert [frame.stamp_ns for frame in frames] == [80_000_000 * i for i in range(10)]
    np.testing.assert_allclose(grey_levels(frames), 20 * np.arange(10), atol=2)
    assert {frame.frame_id for frame in frames} == {''}
    assert frames[3].picture().order == 'bgr'


def test_iterating_again_begins_again(clip):
    source = open_source(clip)
    first = next(iter(source))
    assert first.stamp_ns == next(iter(source)).stamp_ns == 0
    assert len(list(source)) == 10


def test_an_unfinished_iteration_is_closed_with_the_source(clip):
    with open_source(clip) as source:
        frames = iter(source)
        next(frames)
    with pytest.raises(StopIteration):
        next(frames)


@pytest.mark.parametrize('name', CLIPS)
def test_the_sample_clips(name):
    frames, error = collect(open_source(DATA / name))
    assert error is None
    assert len(frames) == 100
    assert frames[-1].picture().pixels.shape == (480, 360, 3)
    assert frames[99].stamp_ns == 3_300_000_000


def test_a_truncated_video_gives_what_it_has_and_then_says_so(tmp_path):
    whole = (DATA / CLIPS[0]).read_bytes()
    path = tmp_path / 'cut.mp4'
    path.write_bytes(whole[:len(whole) // 2])
    frames, error = collect(open_source(path))
    assert 10 < len(frames) < 90
    assert f'after {len(frames)} of 100' in str(error)
    assert str(path) in str(error)


def test_a_broken_frame_is_its_own_error_and_the_clip_goes_on(clip):
    whole = clip.read_bytes()
    starts = [found.start() for found in re.finditer(b'\xff\xd8\xff', whole)]
    clip.write_bytes(whole[:starts[4]] + bytes(200) + whole[starts[4] + 200:])
    frames, error = collect(open_source(clip))
    assert error is None
    assert [frame.stamp_ns for frame in frames] == [80_000_000 * i for i in range(10)]
    with pytest.raises(ImageError, match='cannot be decoded') as caught:
        frames.pop(4).picture()
    assert caught.value.cause == 'damaged'
    np.testing.assert_allclose(grey_levels(frames), [0, 20, 40, 60, 100, 120, 140, 160, 180],
                               atol=2)


@pytest.mark.parametrize('start', range(10_000, 150_000, 20_000))
def test_a_clip_with_a_hole_keeps_its_time(tmp_path, start):
    """Of H.264, decoders fill in what they can; what they cannot must not shift the rest."""
    whole = (DATA / CLIPS[0]).read_bytes()
    path = tmp_path / 'hole.mp4'
    path.write_bytes(whole[:start] + bytes(3000) + whole[start + 3000:])
    frames, error = collect(open_source(path))
    intact, _ = collect(open_source(DATA / CLIPS[0]))
    assert error is None
    assert [frame.stamp_ns for frame in frames] == [frame.stamp_ns for frame in intact]
    assert frames[-1].picture().pixels.shape == (480, 360, 3)


def test_a_folder_in_natural_order(shots):
    with open_source(shots, fps=4) as source:
        assert (source.kind, source.total) == ('pictures', 3)
        frames = list(source)
    assert grey_levels(frames) == [1, 2, 10]
    assert [frame.stamp_ns for frame in frames] == [0, 250_000_000, 500_000_000]


def test_a_pattern(shots):
    assert grey_levels(open_source(str(shots / 'shot1*.png'))) == [1, 10]


def test_a_single_picture():
    (frame,) = open_source(DATA / 'astronaut.jpg')
    assert isinstance(frame.picture(), Picture)
    assert frame.stamp_ns == 0


def test_pictures_are_turned_upright(tmp_path):
    jpeg = cv2.imencode('.jpg', np.zeros((4, 6, 3), np.uint8))[1].tobytes()
    # the least EXIF with an orientation: turn by a quarter
    exif = b'Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0'
    path = tmp_path / 'a.jpg'
    path.write_bytes(jpeg[:2] + b'\xff\xe1' + (len(exif) + 2).to_bytes(2, 'big') + exif + jpeg[2:])
    (frame,) = open_source(path)
    assert frame.picture().pixels.shape == (6, 4, 3)


def test_a_damaged_picture_is_one_frames_error(shots):
    (shots / 'shot2.png').write_bytes((shots / 'shot2.png').read_bytes()[:40])
    first, damaged, last = open_source(shots)
    assert grey_levels([first, last]) == [1, 10]
    with pytest.raises(ImageError, match=r'shot2\.png') as caught:
        damaged.picture()
    assert caught.value.cause == 'truncated'


def test_a_picture_that_vanished_is_one_frames_error(shots):
    source = open_source(shots)
    (shots / 'shot1.png').unlink()
    with pytest.raises(ImageError, match=r'shot1\.png: No such file'):
        next(iter(source)).picture()


@pytest.mark.parametrize(('name', 'make', 'says'), [
    ('missing.mp4', None, 'no such file'),
    ('missing/*.png', None, 'no file fits'),
    ('empty.mp4', lambda path: path.touch(), 'empty'),
    ('empty', lambda path: path.mkdir(), 'which is empty'),
    ('hidden', lambda path: (path.mkdir(), (path / '.a.png').touch()), 'only hidden files'),
    ('text.mp4', lambda path: path.write_text('hello'), 'a text file'),
    ('noise.mp4', lambda path: path.write_bytes(bytes(range(256))), 'ffmpeg'),
    ('pipe.mp4', os.mkfifo, 'no regular file'),
    ('texts', lambda path: (path.mkdir(), (path / 'a.txt').touch()), r'a\.txt \(an empty file\)')])
def test_what_cannot_be_opened_says_why(tmp_path, name, make, says):
    path = tmp_path / name
    if make:
        make(path)
    with pytest.raises(SourceError, match=says) as caught:
        open_source(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize('fps', [0, -1, float('nan'), 1e6])
def test_senseless_rates_are_rejected(shots, fps):
    with pytest.raises(ParameterError, match=r"'fps' = .* must be 0\.1 to 1000 images per second"):
        open_source(shots, fps=fps)


def test_a_topic_is_for_bags(shots):
    with pytest.raises(ParameterError, match="'topic' = '/image': only a bag has topics"):
        open_source(shots, topic='/image')


def test_reading_leaves_no_file_open(clip, shots):
    def open_files():
        return {str(link.readlink()) for link in Path('/proc/self/fd').iterdir() if link.exists()}

    for path in (clip, shots):
        with open_source(path) as source:
            next(iter(source))
    assert not [name for name in open_files() if str(clip.parent) in name]
