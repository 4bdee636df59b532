"""Videos: the times of their frames, and whether they are whole."""
import random
import struct
from itertools import pairwise

import cv2
import pytest
from support.paths import DATA
from support.videos import (
    edit_list,
    edit_mp4,
    matroska,
    noise,
    raw_h264,
    shades,
    sound,
    time_to_sample,
    with_empty_frames,
    write_video,
)

from movenet_ros.errors import ImageError, SourceError
from movenet_ros.files.sources import open_source
from movenet_ros.files.videos.containers import find_damage, frame_count
from movenet_ros.files.videos.frame_times import FrameTimes

CLIP = DATA / 'one_person.mp4'
TICKS = 15360  # per second, in the sample clip
FRAME = TICKS // 30
UNEVEN = [0, 33, 74, 126, 139, 240, 273, 700, 733, 1500, 1533, 1549]
CONTAINERS = {'.webm': 'VP80', '.mkv': 'mp4v', '.avi': 'MJPG', '.flv': 'FLV1', '.wmv': 'WMV2'}


def read(path, **options):
    """The stamps, and the error or ''."""
    stamps = []
    try:
        for frame in open_source(path, **options):
            frame.picture()
            stamps.append(frame.stamp_ns)
    except SourceError as error:
        return stamps, str(error)
    return stamps, ''


def milliseconds(stamps):
    return [round(stamp / 1e6) for stamp in stamps]


@pytest.mark.parametrize('live', [False, True])
@pytest.mark.parametrize('frame_ms', [None, 1, 1000 / 30])
def test_frames_of_uneven_times_have_these_times(tmp_path, live, frame_ms):
    path = matroska(tmp_path / 'a.mkv', UNEVEN, duration_ms=None if live else 1582,
                    frame_ms=frame_ms, live=live)
    stamps, error = read(path)
    assert (milliseconds(stamps), error) == (UNEVEN, '')
    assert 20 < open_source(path).fps < 40


def test_an_mp4_of_uneven_times(tmp_path):
    durations = [FRAME * (1 + index % 3) for index in range(100)]
    path = edit_mp4(CLIP, tmp_path / 'a.mp4', stts=time_to_sample(durations),
                    elst=edit_list(round(sum(durations) / TICKS * 1000)))
    stamps, error = read(path)
    expected = [sum(durations[:index]) * 10 ** 9 / TICKS for index in range(100)]
    assert error == ''
    assert stamps == pytest.approx(expected, abs=1.5e6)


@pytest.mark.parametrize(('fps', 'times'), [
    (25.0, [0, 40, 80, 120, 160, 200]), (30.0, [0, 33, 67, 100, 133, 167]),
    (30000 / 1001, [0, 33, 67, 100, 133, 167]), (60.0, [0, 17, 33, 50, 67, 83])])
def test_a_constant_rate_is_not_rounded_as_the_container_does(tmp_path, fps, times):
    path = matroska(tmp_path / 'a.mkv', times, duration_ms=1000 * 6 / fps, frame_ms=1000 / fps)
    stamps, _ = read(path)
    assert stamps == pytest.approx([index * 1e9 / fps for index in range(6)], abs=2000)


@pytest.mark.parametrize('name', ['one_person.mp4', 'several_people.mp4'])
def test_the_sample_clips_have_the_stamps_of_their_rate(name):
    stamps, error = read(CLIP.with_name(name))
    assert stamps == [round(index * 10 ** 9 / 30) for index in range(100)]
    assert error == ''


def test_times_begin_at_the_first_frame(tmp_path):
    path = matroska(tmp_path / 'a.mkv', [5000, 5040, 5100], duration_ms=5140)
    assert milliseconds(read(path)[0]) == [0, 40, 100]


def test_a_stream_without_times_has_a_rate_and_a_note_says_so(tmp_path):
    path = raw_h264(CLIP, tmp_path / 'a.h264')
    source = open_source(path)
    assert [frame.stamp_ns for frame in source] == [index * 40_000_000 for index in range(100)]
    (note,) = source.notes
    assert 'have no times; taken as 25 images per second' in note
    stamps, error = read(path, fps=50)
    assert (stamps[-1], error) == (99 * 20_000_000, '')
    assert open_source(path, fps=50).notes == ()


def test_a_given_rate_replaces_the_times_and_a_note_says_so(tmp_path):
    path = matroska(tmp_path / 'a.mkv', UNEVEN)
    source = open_source(path, fps=30)
    stamps = [round(index * 10 ** 9 / 30) for index in range(len(UNEVEN))]
    assert [frame.stamp_ns for frame in source] == stamps
    assert source.fps == 30
    (note,) = source.notes
    assert 'own times are replaced by 30 images per second' in note


def stamps_of(times, fps=25.0, skipped=None):
    clock = FrameTimes(fps)
    stamps = [stamp for index, time in enumerate(times)
              for stamp in clock.stamps(time / 1000, (skipped or {}).get(index, 0))]
    return [stamp / 1e6 for stamp in stamps + clock.rest()], clock.missing


@pytest.mark.parametrize(('times', 'stamps', 'missing'), [
    ([80, 120, 160, 0, 0], [0, 40, 80, 120, 160], 2),
    ([0, 0, 0, 0], [0, 40, 80, 120], 3),
    ([-9e15, -9e15, -9e15], [0, 40, 80], 2),
    ([0, 50, 100, 20, 130], [0, 50, 100, 140, 180], 2),
    ([0, 40.4, 79.6, 120.9], [0, 40, 80, 120], 0),
    ([0, 41.2, 79.6, 120], [0, 41.2, 79.6, 120], 0),
    ([0, 40, 120, 160], [0, 40, 120, 160], 0)],
    ids=['lost at the end', 'none', 'unknown', 'back', 'rounded', 'uneven', 'left out'])
def test_stamps_follow_the_times(times, stamps, missing):
    assert stamps_of(times) == (pytest.approx(stamps), missing)


@pytest.mark.parametrize(('times', 'skipped', 'stamps'), [
    ([0, 40, 160], {2: 2}, [0, 40, 80, 120, 160]),
    ([80, 120], {0: 2}, [0, 40, 80, 120]),
    ([0, 40, 80, 120], {1: 2}, [0, 40, 80, 120, 160, 200]),
    ([0, 40, 120, 160], {1: 1}, [0, 40, 80, 120, 160])],
    ids=['between', 'at the start', 'at the end', 'noticed early'])
def test_frames_that_cannot_be_decoded_have_their_place(times, skipped, stamps):
    assert stamps_of(times, skipped=skipped)[0] == pytest.approx(stamps)


def test_stamps_never_go_back_whatever_the_times():
    for seed in range(200):
        rng = random.Random(seed)
        clock = FrameTimes(rng.choice([0.1, 12.5, 29.97, 60.0, 240.0, 1000.0]))
        stamps = [stamp for _ in range(50) for stamp in clock.stamps(
            rng.choice([0.0, rng.uniform(-1, 5), rng.uniform(0, 1e-3)]), rng.randrange(3))]
        assert stamps[0] == 0
        assert all(before < after for before, after in pairwise(stamps))


@pytest.mark.parametrize('ending', CONTAINERS)
def test_a_whole_video_is_whole(tmp_path, ending):
    path = write_video(tmp_path / f'a{ending}', CONTAINERS[ending], shades(30))
    stamps, error = read(path)
    assert (len(stamps), error) == (30, '')


@pytest.mark.parametrize('share', [0.4, 0.6, 0.8])
@pytest.mark.parametrize('ending', CONTAINERS)
def test_a_cut_off_video_is_reported(tmp_path, ending, share):
    path = write_video(tmp_path / f'a{ending}', CONTAINERS[ending], noise(30))
    whole = path.read_bytes()
    path.write_bytes(whole[:int(len(whole) * share)])
    stamps, error = read(path)
    assert len(stamps) < 30
    assert str(path) in error
    assert 'damaged or was cut off' in error


@pytest.mark.parametrize('share', [0.2, 0.5, 0.9, 0.97])
def test_a_cut_off_mp4_is_reported(tmp_path, share):
    path = tmp_path / 'a.mp4'
    whole = CLIP.read_bytes()
    path.write_bytes(whole[:int(len(whole) * share)])
    stamps, error = read(path)
    assert f'decoding stops after {len(stamps)} of 100 images' in error
    assert 'its end is missing, at least' in error


def test_a_recording_that_was_never_finished_is_named(tmp_path):
    whole = CLIP.read_bytes()
    path = tmp_path / 'a.mp4'
    path.write_bytes(whole.replace(b'moov', b'junk'))
    with pytest.raises(SourceError, match=r'damaged or was cut off: it has no index \(moov\)'):
        open_source(path)


@pytest.mark.parametrize('live', [False, True])
@pytest.mark.parametrize('change', [
    lambda whole: whole[:-30], lambda whole: whole[:len(whole) // 2],
    lambda whole: whole[:-3000] + bytes(3000)], ids=['end', 'half', 'zeros'])
def test_a_cut_off_recording_of_a_browser_is_reported(tmp_path, change, live):
    path = matroska(tmp_path / 'a.webm', UNEVEN, live=live)
    path.write_bytes(change(path.read_bytes()))
    assert 'damaged or was cut off' in read(path)[1]


def test_what_was_never_written_of_an_mp4_is_reported(tmp_path):
    """Zeros, as after a power failure: images that cannot be decoded, or an end before time."""
    whole = CLIP.read_bytes()
    path = tmp_path / 'a.mp4'
    path.write_bytes(whole[:100_000] + bytes(len(whole) - 100_000))
    good, rejected, error = read_all(path)
    assert 30 < good < 80
    assert error or good + rejected == 100


@pytest.mark.parametrize('duration_ms', [3340, 60_000])
def test_a_duration_is_no_promise(tmp_path, duration_ms):
    """Frames left out, or sound that is longer than the pictures."""
    times = [40 * index for index in range(80) if index % 3]
    path = matroska(tmp_path / 'a.mkv', times, duration_ms=duration_ms, frame_ms=40)
    source = open_source(path)
    assert source.estimated and source.total > len(times)
    stamps, error = read(path)
    assert (len(stamps), error) == (len(times), '')


def test_empty_frames_are_not_missing(tmp_path):
    """How AVI keeps time when images do not come evenly."""
    even = write_video(tmp_path / 'even.avi', 'MJPG', noise(9))
    path = with_empty_frames(even, tmp_path / 'a.avi')
    stamps, error = read(path)
    assert error == ''
    assert milliseconds(stamps) == [0, 40, 80, 160, 200, 240, 320, 360, 400]


@pytest.mark.parametrize(('shown', 'start'), [(2334, 0), (1500, 0), (1000, 2 * TICKS)])
def test_frames_that_an_edit_list_hides_are_not_missing(tmp_path, shown, start):
    path = edit_mp4(CLIP, tmp_path / 'a.mp4', elst=edit_list(shown, start))
    stamps, error = read(path)
    assert error == ''
    assert len(stamps) == pytest.approx(shown * 30 / 1000, abs=2)
    assert open_source(path).total == pytest.approx(len(stamps), abs=1)


def test_an_edited_video_with_a_hole_at_its_end_is_reported(tmp_path):
    path = edit_mp4(CLIP, tmp_path / 'a.mp4', elst=edit_list(2334))
    whole = bytearray(path.read_bytes())
    at = whole.index(b'mdat')
    whole[at + 60_000:at + 165_000] = bytes(105_000)
    path.write_bytes(whole)
    good, rejected, error = read_all(path)
    assert 10 < good < 60
    assert error or good + rejected >= 69


def read_all(path):
    """Images that can be decoded, those that cannot, and the error or ''."""
    good = rejected = 0
    try:
        for frame in open_source(path):
            try:
                frame.picture()
                good += 1
            except ImageError:
                rejected += 1
    except SourceError as error:
        return good, rejected, str(error)
    return good, rejected, ''


def test_a_clip_that_was_recorded_turned_is_turned_upright(tmp_path):
    whole = CLIP.read_bytes()
    at = whole.index(b'tkhd') + 4
    header = whole[at:at - 8 + int.from_bytes(whole[at - 8:at - 4], 'big')]
    quarter = struct.pack('>9i', 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path = edit_mp4(CLIP, tmp_path / 'a.mp4', tkhd=header[:40] + quarter + header[76:])
    assert next(iter(open_source(CLIP))).picture().pixels.shape == (480, 360, 3)
    assert next(iter(open_source(path))).picture().pixels.shape == (360, 480, 3)


def test_the_cover_of_a_sound_file_is_one_image_and_nothing_is_missing(tmp_path):
    """Of its frames FFmpeg makes an estimate: duration times 90000."""
    path = sound(tmp_path / 'a.m4a', cover=shades(1)[0])
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT) == 180_000
    source = open_source(path)
    assert source.total is None
    assert read(path) == ([0], '')


def test_sound_without_a_picture_is_not_called_damaged(tmp_path):
    with pytest.raises(SourceError, match=r'as a video: it has sound, but no video$'):
        open_source(sound(tmp_path / 'a.mp4'))


def test_a_gif_has_its_own_times_and_its_end_is_missed(tmp_path):
    path = tmp_path / 'a.gif'
    if not cv2.haveImageWriter('a.gif'):
        pytest.skip('this OpenCV writes no GIF')
    animation = cv2.Animation()
    animation.frames = shades(6)
    animation.durations = [100, 40, 200, 100, 100, 100]
    assert cv2.imwriteanimation(str(path), animation)
    stamps, error = read(path)
    assert (milliseconds(stamps), error) == ([0, 100, 140, 340, 440, 540], '')
    path.write_bytes(path.read_bytes()[:-40])
    assert 'damaged or was cut off' in read(path)[1]


@pytest.mark.parametrize('size', [0, 1, 7, 8, 11, 12, 16, 40])
@pytest.mark.parametrize('head', [
    b'\0\0\0\x18ftypisom', b'\x1a\x45\xdf\xa3\x80', b'RIFF\xff\0\0\0AVI ', b'FLV\1\5\0\0\0\x09',
    b'GIF89a', bytes.fromhex('3026b2758e66cf11a6d900aa0062ce6c')])
def test_every_beginning_of_a_container_is_told_from_a_whole_one(tmp_path, head, size):
    path = tmp_path / 'a'
    path.write_bytes((head + bytes(40))[:size])
    find_damage(path)
    frame_count(path)


@pytest.mark.parametrize('ending', [*CONTAINERS, '.mp4', '.live'])
def test_no_damage_confuses_the_check(tmp_path, ending):
    rng = random.Random(6)
    path = tmp_path / f'a{ending}'
    if ending == '.mp4':
        path.write_bytes(CLIP.read_bytes()[:20_000])
    elif ending == '.live':
        matroska(path, UNEVEN, live=True)
    else:
        write_video(path, CONTAINERS[ending], noise(4))
    whole = path.read_bytes()
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(rng.randrange(1, 20)):
            damaged[rng.randrange(len(damaged) if rng.random() < .5 else 600)] = rng.randrange(256)
        path.write_bytes(damaged[:rng.randrange(1, len(damaged))])
        assert isinstance(find_damage(path), str | None)
        assert frame_count(path).shown_share <= 1


def test_endless_structures_are_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr('movenet_ros.files.videos.containers.MOST_READS', 100)
    path = matroska(tmp_path / 'a.mkv', range(0, 4000, 40), duration_ms=4000)
    assert find_damage(path) is None
    path.write_bytes(path.read_bytes()[:-10])
    assert find_damage(path) == 'its end is missing, at least 10 bytes'  # by the size of the whole
