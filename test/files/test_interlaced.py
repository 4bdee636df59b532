"""Interlaced videos: decoded right, or rejected with the remedy, never uninitialised memory."""

import cv2
import numpy as np
import pytest
from support.paths import DATA
from support.videos import raw_h264, shades, write_video

from movenet_ros.errors import SourceError
from movenet_ros.files.sources import open_source
from movenet_ros.files.videos.interlacing import check_converted

CLIP, INTERLACED = DATA / 'one_person.mp4', DATA / 'interlaced.h264'
REMEDY = 'is interlaced.*OpenCV .* cannot convert.*ffmpeg -i INPUT -vf yadif OUTPUT.mp4'
LARGEST_MEAN_ERROR = 20


def read(path):
    """The frames until the end, and the error or None."""
    frames = []
    try:
        for frame in open_source(path):
            frames.append(frame.picture().pixels)
    except SourceError as error:
        return frames, error
    return frames, None


def assert_rejected_or_right(path, indices):
    """Every frame is near that of the clip at its index, up to the end or a rejection."""
    frames, error = read(path)
    if error:
        with pytest.raises(SourceError, match=REMEDY):
            raise error
    else:
        assert len(frames) == len(indices)
    clip = read(CLIP)[0]
    for frame, index in zip(frames, indices, strict=False):
        assert cv2.absdiff(frame, clip[index]).mean() < LARGEST_MEAN_ERROR


def test_an_interlaced_video():
    assert_rejected_or_right(INTERLACED, range(6))


def test_a_video_that_becomes_interlaced(tmp_path):
    path = raw_h264(CLIP, tmp_path / 'mixed.h264')
    path.write_bytes(path.read_bytes() + INTERLACED.read_bytes())
    assert_rejected_or_right(path, [*range(100), *range(6)])


@pytest.mark.parametrize('value', [0, 90, 165, 255])
def test_a_progressive_video_that_shows_one_colour_all_the_time(tmp_path, value):
    """It is what frames that were not converted look like, and is taken as it is."""
    path = write_video(tmp_path / 'a.avi', 'MJPG', [np.full((48, 64, 3), value, np.uint8)] * 40)
    frames, error = read(path)
    assert error is None
    assert len(frames) == 40
    assert {int(frame.min()) for frame in frames} <= {*range(value - 3, value + 4)}


def test_a_frame_beyond_the_end_is_not_rejected(tmp_path):
    check_converted(write_video(tmp_path / 'a.avi', 'MJPG', shades(3)), 5)


def test_checking_leaves_new_memory_as_it_was():
    check_converted(CLIP)
    capture = cv2.VideoCapture(str(CLIP))
    expected = capture.read()[1]
    assert np.array_equal(next(iter(open_source(CLIP))).picture().pixels, expected)
