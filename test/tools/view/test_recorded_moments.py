"""Images and poses of recordings, put together by their stamps."""
import re

import numpy as np
import pytest
from support.bags import LATENCY, STORAGES
from support.paths import DATA
from support.poses_3d import random_poses_3d
from support.recordings import (
    HEIGHT,
    STEP,
    WIDTH,
    number_image,
    number_poses,
    stamp,
    usual_items,
    write_recording,
)
from support.sinks import random_poses
from support.videos import matroska, noise, shades, write_video

from movenet_ros.core.observation import Observation
from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.core.target.target import Status, Target
from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.errors import ParameterError, SourceError
from movenet_ros.files.sink import Result
from movenet_ros.files.sinks import open_sink
from movenet_ros.files.sources import open_source
from movenet_ros.tools.view.recording import open_recording

IMAGES, POSES = '/camera/image_raw', '/movenet/poses'


def moments(path, start=0.0, camera=0, problems=None, **options):
    """What is shown from a time on: position in intervals, image number, pose number or None."""
    with open_recording(str(path), **options) as subject:
        player = list(subject._players.values())[camera]
        report = (problems if problems is not None else []).append
        return [(round(moment.position * NANOSECONDS / STEP, 2), number_of(moment),
                 None if moment.people is None else moment.people().poses.sequence)
                for moment in player._camera.moments(start, report)]


def number_of(moment):
    return None if moment.frame is None else round(moment.frame.picture().pixels.mean() / 2)


@pytest.mark.parametrize('storage', STORAGES)
def test_each_image_has_its_poses(tmp_path, storage):
    path = write_recording(tmp_path / 'bag', usual_items(60), storage)
    assert moments(path) == [(index, index, index) for index in range(60)]


@pytest.mark.parametrize('storage', STORAGES)
@pytest.mark.parametrize('start', [0.01, 1.2, 1.5, 2.35, 2.38])
def test_seeking_begins_with_the_image_before_the_place(tmp_path, storage, start):
    path = write_recording(tmp_path / 'bag', usual_items(60), storage)
    first = min(59, int(start * 25))
    assert moments(path, start) == [(index, index, index) for index in range(first, 60)]


def test_images_that_the_node_left_out_are_not_shown(tmp_path):
    every = [item for item in usual_items(60)
             if item[0] == IMAGES or item[1][1].sequence % 3 == 0]
    path = write_recording(tmp_path / 'bag', every)
    assert moments(path) == [(index, index, index) for index in range(0, 60, 3)]


def test_images_are_shown_where_there_are_no_poses_for_long(tmp_path):
    every = [item for item in usual_items(90)
             if item[0] == IMAGES or not 10 <= item[1][1].sequence < 70]
    path = write_recording(tmp_path / 'bag', every)
    assert moments(path) == [(index, index, index if not 10 <= index < 70 else None)
                             for index in range(90)]


def test_poses_whose_images_are_missing_are_shown_where_there_are_none_for_long(tmp_path):
    every = [(topic, item, at) for number, (topic, item, at) in enumerate(usual_items(120))
             if topic == POSES or not (number // 2 == 5 or 20 <= number // 2 < 100)]
    shown = moments(write_recording(tmp_path / 'bag', every))
    assert [item for item in shown if item[1] is not None] == [
        (index, index, index) for index in range(120) if index != 5 and not 20 <= index < 100]
    # an interval of 1 s (25 images) from both
    assert [item for item in shown if item[1] is None] == [
        (index, None, index) for index in range(45, 75)]
    assert shown == sorted(shown)


def test_poses_may_come_late_or_before_the_recording_began(tmp_path):
    poses = [(POSES, number_poses(index), stamp(index) + 20 * STEP) for index in range(60)]
    images = [(IMAGES, number_image(index), stamp(index) + LATENCY) for index in range(20, 60)]
    every = sorted(poses[:40] + images, key=lambda item: item[2])
    path = write_recording(tmp_path / 'bag', every)
    shown = moments(path)
    assert [item[1:] for item in shown] == [(index, index) for index in range(20, 40)]
    assert moments(path, 0.42)[0][1:] == (30, 30)


def test_a_recording_of_a_clip_that_was_played_twice(tmp_path):
    every = [(topic, item, at + lap * 50 * STEP) for lap in range(2)
             for topic, item, at in usual_items(50)]
    path = write_recording(tmp_path / 'bag', every)
    assert moments(path) == [(lap * 50 + index, index, index)
                             for lap in range(2) for index in range(50)]


def test_several_cameras_each_have_their_own_poses(tmp_path):
    both = [*usual_items(30, '/left/image_raw', '/movenet/left/poses', 'left'),
            *usual_items(30, '/right/image_raw', '/movenet/right/poses', 'right')]
    path = write_recording(tmp_path / 'bag', sorted(both, key=lambda item: item[2]))
    with open_recording(str(path)) as subject:
        assert subject.cameras() == ('/left/image_raw', '/right/image_raw')
        names = [player._camera._people.topic for player in subject._players.values()]
        assert names == ['/movenet/left/poses', '/movenet/right/poses']
    with open_recording(str(path), topic='/right/image_raw') as subject:
        assert subject.cameras() == ('/right/image_raw',)
        assert subject._players['/right/image_raw']._camera._people.topic == '/movenet/right/poses'


def test_cameras_of_one_frame_and_stamp_are_told_apart_by_their_names(tmp_path):
    both = [*usual_items(30, '/cam/right/image', '/movenet/left/poses'),
            *usual_items(30, '/cam/left/image', '/movenet/right/poses')]
    path = write_recording(tmp_path / 'bag', sorted(both, key=lambda item: item[2]))
    with open_recording(str(path)) as subject:
        assert {name: player._camera._people.topic for name, player in subject._players.items()
                } == {'/cam/left/image': '/movenet/left/poses',
                      '/cam/right/image': '/movenet/right/poses'}


def test_poses_in_another_file(tmp_path):
    every = list(usual_items(60))
    images = write_recording(tmp_path / 'images', [item for item in every if item[0] == IMAGES])
    poses = write_recording(tmp_path / 'poses', [
        (POSES, number_poses(item[1][1].sequence), 10 ** 18 + item[2]) for item in every
        if item[0] == POSES])
    expected = [(index, index, index) for index in range(60)]
    assert moments(images, poses=str(poses)) == expected
    assert moments(images, 1.5, poses=str(poses)) == expected[37:]


@pytest.mark.parametrize('name', ['poses.jsonl', 'poses.mcap'])
def test_a_video_with_its_poses(tmp_path, name, processed):
    video = write_video(tmp_path / 'clip.mp4', 'mp4v', shades(75), 25.0)
    poses = processed(video, tmp_path / name)
    shown = moments(video, poses=str(poses))
    assert [item[0] for item in shown] == pytest.approx(range(75), abs=0.03)
    assert len({item[1] for item in shown}) > 70
    assert all(item[2] is not None for item in shown)
    later = moments(video, 2.0, poses=str(poses))
    assert [item[:2] for item in later] == [
        (pytest.approx(position, abs=0.03), image) for position, image, _ in shown[50:]]
    assert all(item[2] is not None for item in later)


@pytest.fixture
def processed():
    """Writes poses of each image of a file, as `movenet process` would."""
    def write(path, output):
        with open_source(path) as source, open_sink(output) as sink:
            for index, frame in enumerate(source):
                sink.write(Result(frame.stamp_ns, frame.frame_id, index, 'thunder',
                                  frame.picture(), random_poses(1, index)))
        return output
    return write


@pytest.mark.parametrize('name', ['poses.jsonl', 'poses'])
def test_poses_alone(tmp_path, name, processed):
    images = write_recording(tmp_path / 'images', [
        item for item in usual_items(60) if item[0] == IMAGES])
    poses = processed(images, tmp_path / name)
    shown = moments(poses)
    assert [item[:2] for item in shown] == [(index, None) for index in range(60)]
    assert [item[0] for item in moments(poses, 1.5)] == list(range(37, 60))


def test_a_bag_that_was_cut_off_is_shown_as_far_as_it_goes(tmp_path):
    path = write_recording(tmp_path / 'bag', usual_items(400))
    (file,) = path.glob('*.mcap')
    file.write_bytes(file.read_bytes()[:file.stat().st_size // 2])
    problems = []
    shown = moments(path, problems=problems)
    assert shown == [(index, index, index) for index in range(len(shown))]
    assert 0 < len(shown) < 400
    assert 'damaged or was cut off' in problems[0]
    assert moments(path, 1.0) == shown[25:]


@pytest.mark.parametrize(('options', 'parts'), [
    ({}, ['images on /camera/image_raw, but no poses', 'movenet process', '--output poses.mcap',
          '--poses poses.mcap']),
    ({'poses': 'nowhere.mcap'}, ['nowhere.mcap: there is no such file']),
    ({'topic': '/other', 'poses': 'nowhere'}, ['there is no'])])
def test_images_without_poses(tmp_path, options, parts):
    path = write_recording(tmp_path / 'bag', [
        item for item in usual_items(5) if item[0] == IMAGES])
    with pytest.raises(SourceError) as caught, open_recording(str(path), **options):
        pass
    assert all(part in str(caught.value) for part in parts)


@pytest.mark.parametrize('images', ['bag', 'clip.mp4'])
def test_a_file_without_poses_is_said_to_be_empty(tmp_path, images):
    poses = tmp_path / 'poses.jsonl'
    poses.touch()
    if images == 'bag':
        path = write_recording(tmp_path / images, usual_items(5))
    else:
        path = write_video(tmp_path / images, 'mp4v', shades(5), 25.0)
    with pytest.raises(SourceError, match=r'poses\.jsonl: is empty, there are no poses'), \
            open_recording(str(path), poses=str(poses)):
        pass


def test_poses_of_another_recording_are_rejected(tmp_path):
    every = list(usual_items(30))
    images = write_recording(tmp_path / 'images', [item for item in every if item[0] == IMAGES])
    poses = write_recording(tmp_path / 'poses', [
        (POSES, number_poses(index, at=stamp(index) + 7), None) for index in range(30)])
    with pytest.raises(SourceError, match='of another recording'), open_recording(
            str(images), poses=str(poses)):
        pass


def test_topics_are_for_bags(tmp_path, processed):
    video = write_video(tmp_path / 'clip.mp4', 'mp4v', shades(5), 25.0)
    lines = processed(video, tmp_path / 'poses.jsonl')
    for path, options in ((video, {'topic': '/image', 'poses': str(lines)}),
                          (video, {'poses': str(lines), 'poses_topic': '/poses'}),
                          (lines, {'topic': '/image'}), (lines, {'poses_topic': '/poses'})):
        with pytest.raises(ParameterError, match='only a bag has topics'), open_recording(
                str(path), **options):
            pass


def test_the_last_image_is_shown_however_long_the_recording_goes_on(tmp_path):
    every = [*usual_items(10), *((POSES, number_poses(0, at=stamp(index)), None)
                                 for index in (2000, 2001))]
    path = write_recording(tmp_path / 'bag', every)
    with open_recording(str(path)) as subject:
        assert subject.duration == pytest.approx(2001 * 0.04, abs=0.03)
    assert moments(path, 75.0)[0][1:] == (9, 9)


@pytest.mark.parametrize('name', ['poses.mcap', 'poses.jsonl'])
def test_positions_and_the_target_of_the_same_image(tmp_path, name):
    targets = [Target(Status.TRACKED, 2, selection=Selection(Criterion.LARGEST)), Target()]
    seen = [random_poses_3d(2, seed) for seed in range(20)]
    with open_sink(tmp_path / name) as sink:
        for index, poses_3d in enumerate(seen):
            sink.write(Result(stamp(index), 'camera', index, 'thunder', Picture(np.zeros(
                (HEIGHT, WIDTH, 3), np.uint8)), random_poses(2, index), observation=Observation(
                    poses_3d=poses_3d if index % 3 else None, target=targets[index % 2])))
    images = write_recording(tmp_path / 'images', [
        item for item in usual_items(20) if item[0] == IMAGES])
    for start in (0.0, 0.3):
        with open_recording(str(images), poses=str(tmp_path / name)) as subject:
            (player,) = subject._players.values()
            people = [moment.people() for moment in player._camera.moments(start, pytest.fail)]
        first = 20 - len(people)
        assert first == int(start * 25)
        for index, each in enumerate(people, first):
            assert each.target == (None if index % 2 else (2 if '.j' in name else 0, 'tracked',
                                                           'largest'))
            assert (each.positions is None) == (index % 3 == 0)
            for row, (number, position, distance) in enumerate(each.positions or ()):
                wanted = seen[index].position[row]
                assert number == row + 1
                assert position == (pytest.approx(wanted.tolist()) if np.isfinite(wanted).all()
                                    else None)
                assert distance == (pytest.approx(float(seen[index].distance[row]))
                                    if np.isfinite(seen[index].distance[row]) else None)


@pytest.mark.parametrize('clip', ['one_person.mp4', '.webm VP80 29.97', '.avi MJPG 25', '.mkv'])
def test_videos_are_read_from_a_time_on(tmp_path, clip):
    if clip == '.mkv':  # without an index
        path = matroska(tmp_path / 'a.mkv', [5000 + 40 * index for index in range(60)])
    elif ' ' in clip:
        ending, codec, rate = clip.split()
        path = write_video(tmp_path / f'a{ending}', codec, noise(60), float(rate))
    else:
        path = DATA / clip
    with open_source(path) as source:
        every = {frame.stamp_ns: frame.picture().pixels for frame in source}
        for seconds in (0.0, 0.5, 1.01, 1.9):
            stamps = [stamp for stamp in every if stamp >= seconds * NANOSECONDS - 1e6]
            read = list(source.frames_from(seconds))[-len(stamps):]
            assert [frame.stamp_ns for frame in read] == pytest.approx(stamps, abs=1e6)
            for frame, stamp_ns in zip(read, stamps, strict=True):
                np.testing.assert_array_equal(frame.picture().pixels, every[stamp_ns])


def write_one(path, **observed):
    """A recording of one image."""
    picture = Picture(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    with open_sink(path) as sink:
        sink.write(Result(stamp(0), 'camera', 0, 'thunder', picture, random_poses(2),
                          observation=Observation(**observed)))
    return path


@pytest.mark.parametrize('name', ['poses.mcap', 'poses.jsonl'])
def test_a_target_that_is_waited_for_is_known_in_every_recording(tmp_path, name):
    target = Target(selection=Selection(Criterion.NEAREST))
    path = write_one(tmp_path / name, target=target)
    with open_recording(str(path)) as subject:
        (player,) = subject._players.values()
        (moment,) = player._camera.moments(0.0, pytest.fail)
        assert moment.people().target == (0, 'none', 'nearest')


def test_a_target_of_another_version_is_an_error_that_says_so(tmp_path):
    target = Target(200, 2, selection=Selection(Criterion.LARGEST))
    path = write_one(tmp_path / 'poses', target=target)
    with open_recording(str(path)) as subject:
        (player,) = subject._players.values()
        (moment,) = player._camera.moments(0.0, pytest.fail)
        with pytest.raises(SourceError, match='poses: the target has the state 200'):
            moment.people()


def test_a_distance_that_is_no_number_is_an_error_that_names_the_line(tmp_path):
    path = write_one(tmp_path / 'poses.jsonl', poses_3d=random_poses_3d(2))
    path.write_text(re.sub('"distance": [^,}]*', '"distance": "far"', path.read_text()))
    problems = []
    assert moments(path, problems=problems) == []
    assert 'line 1: not poses as this package writes them' in problems[0]
