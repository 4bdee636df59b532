"""Jitter, lag, gaps and identity of made-up paths whose answers are known."""
import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from movenet_ros.config import Config
from movenet_ros.core.network import NetworkInfo, Networks
from movenet_ros.core.types import NANOSECONDS, Picture, Poses
from movenet_ros.errors import SourceError
from movenet_ros.measure.accuracy import motion
from movenet_ros.measure.accuracy.clip import run_clip
from movenet_ros.measure.accuracy.identity import Boxes, compare, read_truth
from movenet_ros.measure.accuracy.sequence import measure_motion

RATE, WIDTH = 30.0, 640


def noise(images, deviation, seed=1):
    return np.random.default_rng(seed).normal(0, deviation, (images, 17, 2))


def swing(images, late=0.0):
    """17 keypoints that swing at 0.4 to 1.2 Hz, `late` images later than they should."""
    t = (np.arange(images) - late)[:, None] / RATE
    hertz = np.linspace(0.4, 1.2, 17)
    x = 320 + 100 * np.sin(2 * np.pi * hertz * t)
    y = 240 + 60 * np.cos(2 * np.pi * 0.7 * hertz * t)
    return np.stack((x, y), axis=2)


def test_jitter_of_noise_is_its_deviation_times_root_six():
    path = 300 + noise(400, 0.7)
    rests = motion.still(path, RATE, WIDTH)
    assert rests[9:-9].all()
    assert motion.jitter(path, rests) == pytest.approx(0.7 * math.sqrt(6), rel=0.03)


def test_only_keypoints_at_rest_count_for_jitter():
    path = np.concatenate((np.full((60, 17, 2), 100.0), 100 + swing(60)))
    path[:60] += noise(60, 0.5)
    rests = motion.still(path, RATE, WIDTH)
    assert not rests[75:].any()
    assert motion.jitter(path, rests) == pytest.approx(0.5 * math.sqrt(6), rel=0.15)


def test_a_steady_pan_is_no_rest():
    path = np.arange(90.0)[:, None, None] * np.ones((1, 17, 2))
    assert not motion.still(path, RATE, WIDTH).any()
    assert motion.jitter(path, motion.still(path, RATE, WIDTH)) is None


def test_missing_keypoints_do_not_count():
    path = 300 + noise(100, 0.5)
    path[::10] = np.nan
    assert motion.jitter(path, np.ones((100, 17), np.bool_)) == pytest.approx(
        0.5 * math.sqrt(6), rel=0.1)
    assert motion.jitter(path * np.nan, np.ones((100, 17), np.bool_)) is None


@pytest.mark.parametrize('late', [0.0, 0.3, 1.0, 2.6, 6.0])
def test_lag_is_found_to_a_fraction_of_an_image(late):
    found = motion.lag(swing(200), swing(200, late), RATE, WIDTH)
    assert found == pytest.approx(late / RATE, abs=0.03 / RATE)


@pytest.mark.parametrize('alpha', [0.8, 0.5, 0.3])
def test_lag_of_a_low_pass(alpha):
    raw = swing(300)
    filtered = raw.copy()
    for index in range(1, len(raw)):
        filtered[index] = filtered[index - 1] + alpha * (raw[index] - filtered[index - 1])
    # A low-pass is (1 - alpha) / alpha images late where motion is slow against its cut-off.
    found = motion.lag(raw, filtered, RATE, WIDTH)
    assert found == pytest.approx((1 - alpha) / alpha / RATE, rel=0.12)


def test_lag_is_not_hidden_by_noise():
    shaken = noise(300, 1.0)
    found = motion.lag(swing(300) + shaken, swing(300, 2.0) + shaken / 3, RATE, WIDTH)
    assert found == pytest.approx(2.0 / RATE, rel=0.1)


def test_what_rests_or_is_short_has_no_lag():
    assert motion.lag(300 + noise(100, 0.1), 300 + noise(100, 0.1), RATE, WIDTH) is None
    assert motion.lag(swing(10), swing(10), RATE, WIDTH) is None
    assert motion.lag(swing(2), swing(2), RATE, WIDTH) is None


def test_gaps_lie_between_sights():
    assert motion.gaps([{1}, {1, 2}, {2}, set(), {1}, {1}]) == [2]
    assert motion.gaps([set(), {1}, {2}, set()]) == []
    assert motion.gaps([]) == []


def person(number, box):
    return Poses(np.zeros((1, 17, 2), np.float32), np.ones((1, 17), np.float32),
                 np.array([box], np.float32), np.ones(1, np.float32),
                 np.array([number], np.int32), np.zeros(1, np.float32),
                 np.ones((1, 17), np.bool_), np.zeros((1, 2), np.float32),
                 np.zeros(1, np.bool_), np.zeros(1, np.float32))


BOX = (10.0, 10.0, 50.0, 90.0)


def there(*ids, box=BOX, counts=True):
    """People in one image of the ground truth, all at the same place."""
    return Boxes(np.array(ids), np.tile(box, (len(ids), 1)), np.full(len(ids), counts))


def together(*poses):
    """The people of several, in one image."""
    return Poses(*(np.concatenate([getattr(one, field.name) for one in poses])
                   for field in dataclasses.fields(Poses)))


def test_switches_and_fragments_are_those_of_motchallenge():
    pytest.importorskip('motmetrics')
    truth = {frame: there(5) for frame in range(6)}
    elsewhere = (200.0, 10.0, 240.0, 90.0)
    found = compare(truth, [person(1, BOX), person(2, BOX), Poses.empty(), person(2, BOX),
                            person(2, elsewhere), person(2, BOX)])
    assert (found.people, found.switches, found.fragments) == (1, 1, 2)
    assert (found.misses, found.false_people) == (2, 1)
    # 1 - (misses + false people + switches) / 6
    assert found.mota == pytest.approx(1 - 4 / 6)


def test_people_who_do_not_count_may_be_found_or_not():
    pytest.importorskip('motmetrics')
    truth = {0: there(5), 1: there(5, counts=False), 2: there(5, counts=False), 3: there(5)}
    elsewhere = (200.0, 10.0, 240.0, 90.0)
    found = compare(truth, [person(1, BOX), person(1, BOX), Poses.empty(), person(1, BOX)])
    assert (found.people, found.switches, found.fragments) == (1, 0, 0)
    assert (found.misses, found.false_people, found.mota, found.idf1) == (0, 0, 1.0, 1.0)
    # one who is where nobody is, and a second one at the same place, are mistakes still
    doubled = together(person(1, BOX), person(2, BOX))
    found = compare(truth, [person(1, BOX), person(3, elsewhere), doubled, person(1, BOX)])
    assert found.false_people == 2


def test_a_hidden_person_does_not_take_the_pose_of_the_one_in_front():
    pytest.importorskip('motmetrics')
    hidden = Boxes(np.array([5, 6]), np.array([BOX, (12.0, 10.0, 50.0, 90.0)]),
                   np.array([True, False]))
    found = compare({0: there(5), 1: hidden}, [person(1, BOX), person(1, hidden.box[1])])
    assert (found.misses, found.false_people, found.mota) == (0, 0, 1.0)


def test_ground_truth_in_which_nobody_counts():
    pytest.importorskip('motmetrics')
    found = compare({}, [Poses.empty(), person(1, BOX)])
    assert (found.people, found.misses, found.false_people) == (0, 0, 1)
    assert math.isnan(found.mota) and math.isnan(found.idf1)
    assert compare({0: there(5, counts=False)}, [person(1, BOX)]).false_people == 0


def test_ground_truth_is_motchallenge(tmp_path):
    path = tmp_path / 'gt.txt'
    path.write_text('1,7,10,20,30,40,1,1,1.0\n3,7,11,20,30,40\n3,8,0,0,5,5,0,1,1\n\n',
                    encoding='utf-8')
    truth = read_truth(path)
    assert sorted(truth) == [0, 2]
    assert truth[2].id.tolist() == [7, 8]
    assert truth[2].counts.tolist() == [True, False]
    assert truth[2].box.tolist() == [[11, 20, 41, 60], [0, 0, 5, 5]]
    path.write_text('', encoding='utf-8')
    assert read_truth(path) == {}


@pytest.mark.parametrize(('text', 'message'), [
    ('frame,id\n', 'line 1'), ('1,2,3\n', 'line 1'),
    ('0,1,1,1,1,1\n', 'frame .from 1.'), ('inf,1,1,1,1,1\n', 'frame .from 1.'),
    ('nan,1,1,1,1,1\n', 'frame .from 1.'), ('1' * 200_000, 'field larger than field limit')])
def test_a_file_that_is_no_ground_truth(tmp_path, text, message):
    path = tmp_path / 'gt.txt'
    path.write_text(text, encoding='utf-8')
    with pytest.raises(SourceError, match=message):
        read_truth(path)
    with pytest.raises(SourceError, match='absent'):
        read_truth(tmp_path / 'absent.txt')


def test_ground_truth_that_is_no_file():
    with pytest.raises(SourceError, match='a device, not a regular file'):
        read_truth(Path('/dev/zero'))


def test_ground_truth_of_another_clip_is_told():
    with pytest.raises(SourceError, match='up to image 9, but the clip has 1'):
        compare({8: there(5)}, [Poses.empty()])


class Noisy:
    """A network whose one person is at rest but for noise, and is away in some images."""

    info = NetworkInfo('multipose', 'double', 'cpu', 1, '', None)

    def __init__(self, away=()):
        self.shaken = noise(90, 0.001)
        self.away, self.image = away, 0

    def infer(self, pictures, *_):
        grid = np.linspace(0.3, 0.7, 17)
        rows = np.zeros((1, 6, 56), np.float32)
        if self.image not in self.away:
            xy = np.column_stack((grid, grid)) + self.shaken[self.image]
            rows[0, 0, :51] = np.column_stack((xy, np.full(17, 0.8))).ravel()
            rows[0, 0, 51:] = 0.3, 0.3, 0.7, 0.7, 0.8
        self.image += 1
        return rows


def ran(network, count=90, size=(64, 64), **values):
    picture = Picture(np.zeros((*size, 3), np.uint8))
    moments = ((round(index * NANOSECONDS / RATE), picture) for index in range(count))
    return run_clip(moments, Networks(network), Config().replace({'model': 'multipose', **values}))


def test_a_clip_has_its_paths_before_and_after_the_filter():
    clip = ran(Noisy(), **{'filter.min_cutoff': 1.0, 'filter.beta': 0.0})
    found = measure_motion(clip)
    assert clip.rate == pytest.approx(RATE)
    assert (found.images, found.ids, found.empty, found.gaps) == (90, 1, 0, 0)
    assert found.raw_jitter_px_640 == pytest.approx(0.64 * math.sqrt(6), rel=0.05)
    assert found.jitter_px_640 < found.raw_jitter_px_640 / 3
    assert found.jitter_px_640 == pytest.approx(10 * found.jitter_px)
    assert found.lag_ms is None
    # 90 images, less 9 at both ends, which have too little before or after
    assert found.rest_s == pytest.approx(17 * 72 / RATE)


def test_without_filter_both_paths_are_the_same():
    found = measure_motion(ran(Noisy(), **{'filter.enabled': False}))
    assert found.jitter_px_640 == pytest.approx(found.raw_jitter_px_640, rel=1e-4)


@pytest.mark.parametrize('degrees', [0, 90, 180, 270])
def test_both_paths_are_in_the_frame_of_the_image(degrees):
    clip = ran(Noisy(), size=(48, 64), **{'filter.enabled': False, 'rotate': degrees})
    np.testing.assert_allclose(
        np.stack(clip.raw), np.stack([poses.xy for poses in clip.poses]), atol=1e-4)


def test_a_gap_is_counted_in_images():
    found = measure_motion(ran(Noisy(away={40, 41, 42})))
    assert (found.ids, found.empty, found.gaps, found.gap_images) == (1, 3, 1, 3)


def test_nobody_at_all_is_no_error():
    found = measure_motion(ran(Noisy(away=set(range(90)))))
    assert (found.ids, found.empty, found.jitter_px, found.lag_ms) == (0, 90, None, None)


def test_a_moment_of_rest_is_not_enough():
    found = measure_motion(ran(Noisy(), count=20))
    assert 0 < found.rest_s < 2
    assert (found.jitter_px, found.raw_jitter_px_640) == (None, None)


def test_one_image_is_no_clip():
    with pytest.raises(SourceError, match='1 images'):
        ran(Noisy(), count=1)
