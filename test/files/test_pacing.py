"""Overlay videos play in real time, at a rate that follows from the stamps."""
import sys
from itertools import pairwise

import cv2
import numpy as np
import pytest
from support.sinks import random_poses, results, write

from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.errors import SinkError
from movenet_ros.files.file_kind import file_kind
from movenet_ros.files.pacing import Pacer, choose_rate
from movenet_ros.files.sinks import Result, open_sink
from movenet_ros.files.videos import codecs, opencv_video
from movenet_ros.files.videos import writer as video_writer
from movenet_ros.images.content_kind import FileKind

SHADES = (0, 60, 120, 180, 240)


def at(times, **size):
    """Results of rising grey at these times [s]."""
    for index, time in enumerate(times):
        pixels = np.full((48, 64, 3), SHADES[index % len(SHADES)], np.uint8)
        yield Result(round(time * NANOSECONDS), '', index, 'thunder', Picture(pixels, 'bgr'),
                     random_poses(0))


def record(path, times, fps=25.0, **options):
    with open_sink(path, fps=fps, **options) as sink:
        for result in at(times):
            sink.write(result)
    return path


def greys(path):
    """The rate, and the nearest of SHADES for each frame."""
    video, found = cv2.VideoCapture(str(path)), []
    while (read := video.read())[0]:
        found.append(int(np.abs(np.array(SHADES) - read[1].mean()).argmin()))
    return video.get(cv2.CAP_PROP_FPS), found


@pytest.mark.parametrize('ending', ['.webm', '.mp4'])
def test_even_images_have_a_frame_each(tmp_path, ending):
    rate, frames = greys(record(tmp_path / f'a{ending}', [index / 25 for index in range(20)]))
    assert (rate, frames) == (pytest.approx(25), [index % 5 for index in range(20)])


@pytest.mark.parametrize('ending', ['.webm', '.mp4'])
def test_an_image_is_shown_until_the_next(tmp_path, ending):
    times = [0, .04, .08, .12, .24, .28, .48, .52, .56, .6]
    rate, frames = greys(record(tmp_path / f'a{ending}', times))
    assert rate == pytest.approx(25)
    assert frames == [0, 1, 2, 3, 3, 3, 4, 0, 0, 0, 0, 0, 1, 2, 3, 4]


def test_the_rate_is_that_of_the_stamps(tmp_path):
    """Said to have 1000 Hz, as the recordings of browsers are."""
    times = np.cumsum([0, .033, .041, .052, .030, .035, .033, .034, .033, .2, .033, .033])
    rate, frames = greys(record(tmp_path / 'a.webm', times, fps=1000))
    assert 25 < rate < 35
    assert len(frames) / rate == pytest.approx(times[-1] + .033, abs=.04)


def test_stamps_that_stand_or_go_back_have_a_frame_each(tmp_path):
    assert greys(record(tmp_path / 'a.mp4', [7.0] * 10))[1] == [0, 1, 2, 3, 4] * 2
    times = [*(5 + index / 25 for index in range(10)), *(index / 25 for index in range(10))]
    assert greys(record(tmp_path / 'b.mp4', times))[1] == [0, 1, 2, 3, 4] * 4


@pytest.mark.parametrize('ending', ['.webm', '.mp4'])
@pytest.mark.parametrize(('count', 'fps'), [(1, 30.0), (2, 0.5), (3, 12.5), (300, 240.0),
                                            (300, 1000.0), (100, 30000 / 1001)])
def test_videos_of_any_length_and_rate(tmp_path, ending, count, fps):
    path = record(tmp_path / f'a{ending}', [index / fps for index in range(count)], fps=fps)
    rate, frames = greys(path)
    assert frames == [index % 5 for index in range(count)]
    assert count == 1 or rate == pytest.approx(fps, rel=.01)


def test_stills_are_shown_for_a_second(tmp_path):
    path = record(tmp_path / 'a.webm', [index / 30 for index in range(5)], stills=True)
    rate, frames = greys(path)
    assert (rate, frames) == (1, [0, 1, 2, 3, 4])


@pytest.mark.parametrize(('gaps', 'nominal', 'rate'), [
    ([40] * 9, 25.0, 25.0), ([33, 34, 33], 30.0, 30.0), ([33, 67, 33, 33], 21.0, 30.3),
    ([100] * 5, 30.0, 10.0), ([5, 5, 5], 30.0, 60.0), ([5000], 30.0, 1.0), ([], 12.5, 12.5),
    ([0, 0, 0], 12.5, 12.5), ([-40, 40, 40], 25.0, 25.0)])
def test_the_rate_for_these_gaps(gaps, nominal, rate):
    stamps = [10 ** 18 + 1_000_000 * sum(gaps[:index]) for index in range(len(gaps) + 1)]
    assert choose_rate(stamps, nominal) == rate


def test_a_pause_is_cut_and_time_goes_on():
    pacer = Pacer(10.0)
    stamps = [0, 1, 2, 1_000_000, 1_000_001, 5, 6, 6]
    steps = [pacer.advance(stamp * NANOSECONDS // 10) for stamp in stamps]
    assert steps == [1, 1, 1, 100, 1, 1, 1, 1]


def test_time_is_kept_over_hours():
    pacer = Pacer(30.0)
    steps = [pacer.advance(round(index * NANOSECONDS / 29.97)) for index in range(100_000)]
    assert sum(steps) == pytest.approx(100_000 / 29.97 * 30, abs=1)
    assert set(steps) == {1, 2}


def test_images_that_come_together_share_a_frame():
    pacer = Pacer(10.0)
    steps = [pacer.advance(round(time * NANOSECONDS)) for time in (0, .1, .102, .2, .3)]
    assert steps == [1, 1, 0, 1, 1]


def test_a_webm_is_one_and_has_the_same_bytes_again(tmp_path):
    first = record(tmp_path / 'a.webm', [index / 25 for index in range(20)])
    second = record(tmp_path / 'b.webm', [index / 25 for index in range(20)])
    assert file_kind(first) is FileKind.VIDEO
    assert b'webm' in first.read_bytes()[:64] and b'V_VP8' in first.read_bytes()[:1000]
    assert first.read_bytes() == second.read_bytes()


def test_a_webm_without_the_number_of_its_track_stays_as_it_is(tmp_path):
    whole = record(tmp_path / 'a.webm', [index / 25 for index in range(20)]).read_bytes()
    assert video_writer.TRACK_UID in whole
    for content in (whole.replace(video_writer.TRACK_UID, b'\x74' + video_writer.TRACK_UID[1:]),
                    whole[:whole.index(video_writer.TRACK_UID) + 6]):
        (tmp_path / 'a.webm').write_bytes(content)
        video_writer._remove_track_uid(tmp_path / 'a.webm')
        assert (tmp_path / 'a.webm').read_bytes() == content


@pytest.mark.parametrize(('ending', 'other'), [('.webm', '.mp4'), ('.mp4', '.webm')])
def test_a_codec_that_is_not_there_is_one_line_at_once(tmp_path, monkeypatch, ending, other):
    none = dict.fromkeys(('.webm', '.mp4'), (codecs.Codec('AV01', 'AV1'),))
    monkeypatch.setattr('movenet_ros.files.videos.codecs.CODECS', none)
    with pytest.raises(SinkError, match=rf'cannot write AV1 here; .*end in \{other}'):
        open_sink(tmp_path / f'a{ending}')
    assert not list(tmp_path.iterdir())


def test_opening_a_video_says_nothing_on_stderr(tmp_path, capfd):
    path = write(tmp_path / 'a.webm', results(12))
    with opencv_video.open_capture(path):
        pass
    assert capfd.readouterr().err == ''
    print('still heard', file=sys.stderr)
    assert capfd.readouterr().err == 'still heard\n'


def test_gaps_of_the_slots_are_those_of_the_stamps():
    rng = np.random.default_rng(5)
    times = np.cumsum(rng.uniform(.01, .3, 500))
    pacer = Pacer(60.0)
    slots = np.cumsum([pacer.advance(round(time * NANOSECONDS)) for time in times])
    np.testing.assert_allclose((slots - slots[0]) / 60, times - times[0], atol=.5 / 60 + 1e-6)
    assert all(before <= after for before, after in pairwise(slots))
