"""The whole pipeline, with a network whose outputs are set by the test."""
import dataclasses

import numpy as np
import pytest

from movenet_ros.config import Config
from movenet_ros.core.network import NetworkInfo, Networks
from movenet_ros.core.pipeline import advance
from movenet_ros.core.skeleton import HIPS
from movenet_ros.core.state import State
from movenet_ros.core.tracker import VELOCITY_TIME
from movenet_ros.core.types import NANOSECONDS, Picture, Poses
from movenet_ros.core.visibility import VISIBLE_SCORE
from movenet_ros.errors import EngineError

STEP = 33_333_333
PICTURE = Picture(np.zeros((480, 640, 3), np.uint8))
RAW = {'filter.enabled': False}
READ_ONCE = {'confirm_new_person': False}


class FakeNetwork:
    """A network with the given outputs, one per run, and then the last one again."""

    def __init__(self, *answers, input_size=192):
        self.info = NetworkInfo('lightning', 'test', 'cpu', 1, '', input_size)
        self.answers = list(answers)
        self.seen = []

    def infer(self, pictures, *_):
        self.seen.append(pictures)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return np.asarray(answer, np.float32)[None]

    def close(self):
        pass


def upright(score=0.9, middle=0.5):
    """A person standing in the middle of the crop, half as high as it."""
    rows = np.full((17, 3), score)
    rows[:, 0] = np.linspace(0.25, 0.75, 17)
    rows[:, 1] = middle
    return rows


def person(score, x, y=0.5):
    row = np.zeros(56)
    row[0:51:3], row[1:51:3], row[2:51:3] = np.linspace(y - 0.1, y + 0.1, 17), x, 0.9
    row[51:55], row[55] = (y - 0.2, x - 0.1, y + 0.2, x + 0.1), score
    return row


def six_rows(*people):
    return np.array([*people, *np.zeros((6 - len(people), 56))])


def run(network, frames, values=()):
    """Poses of each frame; a frame is a stamp or (stamp, picture)."""
    config, state, result = Config().replace({**READ_ONCE, **dict(values)}), State(), []
    for frame in frames:
        stamp, picture = frame if isinstance(frame, tuple) else (frame, PICTURE)
        state, poses = advance(state, picture, stamp, Networks(network), config)
        result.append(poses)
    return state, result


def ids(result):
    return [poses.id.tolist() for poses in result]


def test_poses_come_in_pixels_of_the_image():
    _, (poses,) = run(FakeNetwork(upright()), [0])
    # The first crop is 640 px, from -80 to 560 in y.
    np.testing.assert_allclose(poses.xy[0, 0], (320, -80 + 0.25 * 640))
    np.testing.assert_allclose(poses.xy[0, 16], (320, -80 + 0.75 * 640))
    np.testing.assert_allclose(poses.box[0], (320, 80, 320, 400), rtol=1e-6)
    assert poses.score[0] == pytest.approx(0.9)
    assert (poses.id.tolist(), poses.age.tolist()) == ([1], [0.0])


def test_the_second_image_is_seen_through_the_tracking_crop():
    network = FakeNetwork(upright())
    state, _ = run(network, [0])
    # Hips at 0.594 of the way down, the nose 0.344 * 640 px above: times 1.2.
    hip = -80 + 640 * (0.25 + 0.5 * 11.5 / 16)
    half = 1.2 * (hip - 80)
    found = (state.crop.x_min, state.crop.y_min, state.crop.x_max, state.crop.y_max)
    assert found == pytest.approx((320 - half, hip - half, 320 + half, hip + half))


def test_without_a_person_poses_are_empty_and_the_next_crop_is_the_whole_image():
    state, result = run(FakeNetwork(upright(), upright(0.1)), [0, STEP])
    assert [len(p) for p in result] == [1, 0]
    assert state.crop is None and not state.filters


def test_a_person_missed_in_one_image_keeps_the_id():
    network = FakeNetwork(upright(), upright(0.1), upright())
    assert ids(run(network, [0, STEP, 2 * STEP])[1]) == [[1], [], [1]]


def test_a_person_lost_for_longer_than_max_age_gets_a_new_id():
    network = FakeNetwork(upright(), upright(0.1), upright())
    assert ids(run(network, [0, STEP, 10**9 + 1])[1]) == [[1], [], [2]]


def test_the_age_is_the_header_time_since_the_first_detection():
    _, result = run(FakeNetwork(upright()), [5, 5 + STEP, 5 + 3 * STEP])
    ages = [p.age[0] for p in result]
    np.testing.assert_allclose(ages, [0, STEP / 1e9, 3 * STEP / 1e9], rtol=1e-6)


def test_one_person_keeps_the_id_wherever_it_is_in_the_crop():
    """Boxes of one or two keypoints do not identify a person."""
    network = FakeNetwork(upright(), upright(middle=0.9), upright(middle=0.1))
    assert ids(run(network, [0, STEP, 2 * STEP], RAW)[1]) == [[1], [1], [1]]


def test_a_clock_that_goes_back_restarts_tracking_with_new_ids():
    network = FakeNetwork(upright())
    _, result = run(network, [10 * STEP, 11 * STEP, 0])
    assert ids(result) == [[1], [1], [2]]
    np.testing.assert_array_equal(result[2].xy, result[0].xy)


LATE = [0, STEP, 3 * STEP, 2 * STEP, 4 * STEP]
MULTI = {'model': 'multipose'}


def walking(*places):
    """A network that detects one person at these places in the image."""
    return FakeNetwork(*(six_rows(person(0.9, x)) for x in places), input_size=None)


def test_a_late_image_does_not_change_the_time():
    state, result = run(FakeNetwork(upright()), LATE)
    assert ids(result) == [[1]] * 5
    np.testing.assert_allclose([p.age[0] for p in result],
                               np.array([0, 1, 3, 3, 4]) * STEP / 1e9, rtol=1e-6)
    assert state.time_ns == 4 * STEP
    assert run(FakeNetwork(upright()), LATE[:4])[0].time_ns == 3 * STEP


def test_a_late_image_is_not_filtered_and_changes_no_filter():
    places = (0.500, 0.502, 0.506, 0.504, 0.508)
    late = run(walking(*places), LATE, MULTI)[1]
    raw = run(walking(*places), LATE, {**MULTI, **RAW})[1]
    without = run(walking(*(places[:3] + places[4:])), LATE[:3] + LATE[4:], MULTI)[1]
    np.testing.assert_array_equal(late[3].xy, raw[3].xy)
    for poses, expected in zip(late[:3] + late[4:], without, strict=True):
        np.testing.assert_array_equal(poses.xy, expected.xy)
    assert (late[4].xy != raw[4].xy).any()


def test_velocity_is_computed_from_the_images_own_stamps():
    places = (0.20, 0.22, 0.26, 0.24, 0.28)
    person = run(walking(*places), LATE, MULTI)[0].tracks.tracks[0]
    # Low-passed over one interval, two, and two again, from the image that came late.
    share = 1 - np.exp(-5 * STEP / 1e9 / VELOCITY_TIME)
    np.testing.assert_allclose(person.velocity, (share * 0.02 / (STEP / 1e9), 0), atol=1e-6)


def test_no_track_is_removed_while_images_are_late():
    behind = [10**9 - 400_000_000 + i * STEP for i in range(12)]
    state, result = run(FakeNetwork(upright()), [0, 10**9, *behind])
    assert ids(result) == [[1]] * 14
    np.testing.assert_allclose([p.age[0] for p in result[1:]], 1.0)
    assert state.time_ns == 10**9


def test_a_step_back_larger_than_max_lateness_restarts_tracking():
    times = [0, 10**9, 10**9 + STEP, 10**9 // 2 + STEP]
    assert ids(run(FakeNetwork(upright()), times)[1])[-1] == [1]
    assert ids(run(FakeNetwork(upright()), [*times[:3], times[3] - 1])[1])[-1] == [2]
    back = [0, STEP, 2 * STEP, STEP, 2 * STEP]
    assert ids(run(FakeNetwork(upright()), back)[1]) == [[1]] * 5
    without = run(FakeNetwork(upright()), back, {'max_lateness': 0.0})[1]
    assert ids(without) == [[1]] * 3 + [[2]] * 2


NOW = 10**12


@pytest.mark.parametrize('outlier', [
    [NOW + 10**10], [NOW - 10**9], [0], [0, 0, 0], [NOW], [NOW + 10**10] * 2],
    ids=['ahead', 'behind', 'no stamp', 'no stamp again and again', 'the first one again',
         'ahead, twice'])
@pytest.mark.parametrize('values', [MULTI, {}], ids=['multipose', 'lightning'])
def test_an_outlying_stamp_is_undone_with_the_next_image(outlier, values):
    stamps = [NOW + index * STEP for index in range(4)]
    places = [0.5 + 0.01 * index for index in range(8)]
    answers = ([six_rows(person(0.9, x)) for x in places] if values
               else [upright(middle=x) for x in places])
    size = {'input_size': None} if values else {}
    after = answers[3 + len(outlier):]
    state, result = run(FakeNetwork(*answers, **size),
                        [*stamps[:3], *outlier, stamps[3] + STEP], values)
    expected_state, expected = run(FakeNetwork(*answers[:3], *after, **size),
                                   [*stamps[:3], stamps[3] + STEP], values)
    assert ids(result) == [[1]] * 3 + [[2]] * len(outlier) + [[1]]
    np.testing.assert_array_equal(result[-1].xy, expected[-1].xy)
    np.testing.assert_array_equal(result[-1].age, expected[-1].age)
    assert state.before is None and state.time_ns == expected_state.time_ns
    # An id that was given to an outlier is not given again.
    assert state.tracks.next_id == 3


def test_the_state_kept_from_before_an_outlier_does_not_grow():
    stamps = [NOW + (index % 2) * 10**10 + index * STEP for index in range(20)]
    state, result = run(FakeNetwork(upright()), stamps)
    assert [poses.id[0] for poses in result[::2]] == [1] * 10
    assert len({poses.id[0] for poses in result[1::2]}) == 10
    assert state.before.before is None and state.stamps.before.before is None


@pytest.mark.parametrize('second', [NOW - 10**10, 0], ids=['set back', 'from zero'])
def test_a_clock_that_continues_from_another_time_is_no_outlier(second):
    stamps = [start + index * STEP for start in (NOW, second) for index in range(4)]
    state, result = run(FakeNetwork(upright()), stamps)
    assert ids(result) == [[1]] * 4 + [[2]] * 4
    assert state.before is None


def test_a_pause_is_no_outlier():
    stamps = [start + index * STEP for start in (NOW, NOW + 10**10) for index in range(4)]
    state, result = run(FakeNetwork(upright()), stamps)
    assert ids(result) == [[1]] * 4 + [[2]] * 4
    assert state.before is None


def test_a_short_looping_recording_restarts_tracking_each_time():
    _, result = run(FakeNetwork(upright()), [0, STEP, 2 * STEP] * 3)
    assert ids(result) == [[1]] * 3 + [[2]] * 3 + [[3]] * 3


def test_with_a_repeated_stamp_people_are_tracked_but_not_filtered():
    network = FakeNetwork(upright(), upright(middle=0.52))
    raw = run(FakeNetwork(upright(), upright(middle=0.52)), [7, 7], RAW)[1]
    smooth = run(network, [7, 7])[1]
    assert ids(smooth) == [[1], [1]]
    np.testing.assert_array_equal(smooth[1].xy, raw[1].xy)


def test_stamp_zero_is_a_stamp_like_any_other():
    answers = [upright(middle=0.5 + 0.01 * i) for i in range(4)]
    late = run(FakeNetwork(*answers), [i * STEP + 10**12 for i in range(4)])[1]
    soon = run(FakeNetwork(*answers), [i * STEP for i in range(4)])[1]
    for early, expected in zip(soon, late, strict=True):
        np.testing.assert_array_equal(early.xy, expected.xy)


def test_another_image_size_restarts_tracking():
    small = Picture(np.zeros((240, 320, 3), np.uint8))
    _, result = run(FakeNetwork(upright()), [0, (STEP, small)])
    assert ids(result) == [[1], [2]]
    np.testing.assert_allclose(result[1].xy * 2, result[0].xy)


def test_the_filter_makes_a_moving_keypoint_lag():
    answers = (upright(), upright(middle=0.5001))
    raw = run(FakeNetwork(*answers), [0, STEP], RAW)[1][1].xy[0, 0, 0]
    smooth = run(FakeNetwork(*answers), [0, STEP])[1][1].xy[0, 0, 0]
    start = run(FakeNetwork(*answers), [0])[1][0].xy[0, 0, 0]
    assert start < smooth < raw


def seated(x=0.5, y=0.5, size=0.3):
    """Another person than `upright`, in another pose, at this place in the crop."""
    rows = np.full((17, 3), 0.9)
    turn = np.linspace(0, 2 * np.pi, 17)
    rows[:, 0], rows[:, 1] = y + size * np.sin(turn), x + size * np.cos(turn)
    return rows


def test_another_person_in_the_tracking_crop_gets_another_id():
    network = FakeNetwork(upright(), upright(), seated(), seated())
    assert ids(run(network, [0, STEP, 2 * STEP, 3 * STEP])[1]) == [[1], [1], [2], [2]]


def test_the_filter_of_a_new_person_starts_with_them():
    state, _ = run(FakeNetwork(upright(), upright(), seated()), [0, STEP, 2 * STEP])
    assert state.filters[2].stamp_ns == 2 * STEP
    np.testing.assert_array_equal(state.filters[2].smoothed, state.filters[2].raw)


def test_a_new_person_is_read_in_the_whole_image_and_then_in_a_crop():
    network = FakeNetwork(upright(), upright(), seated(), seated(x=0.8, size=0.1), seated())
    _, result = run(network, [0, STEP], {'confirm_new_person': True})
    assert ids(result) == [[1], [2]]
    # The first is read twice; then tracking crop, whole image, and the crop around the new person.
    assert len(network.seen) == 5
    assert result[1].xy[0, list(HIPS), 0].mean() > 400


def test_a_followed_person_who_is_confirmed_keeps_the_id():
    """One wrong reading creates no new id."""
    network = FakeNetwork(upright(), upright(), seated(), upright(), upright())
    _, result = run(network, [0, STEP], {'confirm_new_person': True})
    assert len(network.seen) == 5
    assert ids(result) == [[1], [1]]


def test_each_id_has_its_own_filter():
    left, right = person(0.9, 0.2), person(0.8, 0.8)
    network = FakeNetwork(six_rows(left, right), six_rows(person(0.9, 0.5)), input_size=None)
    _, result = run(network, [0, STEP], {'model': 'multipose'})
    assert ids(result) == [[1, 2], [3]]
    np.testing.assert_allclose(result[1].xy[0, 0, 0], 320.0)


def test_multipose_gets_the_padded_image_and_people_are_sorted_by_score():
    network = FakeNetwork(six_rows(person(0.5, 0.2), person(0.9, 0.8)), input_size=None)
    _, (poses,) = run(network, [0], {'model': 'multipose'})
    assert network.seen[0].shape == (1, 192, 256, 3)
    np.testing.assert_allclose(poses.score, (0.9, 0.5))
    expected = (0.7 * 640, 0.3 * 480, 0.9 * 640, 0.7 * 480)
    np.testing.assert_allclose(poses.box[0], expected, rtol=1e-5)


def test_boxes_are_limited_to_the_image():
    network = FakeNetwork(six_rows(person(0.9, 0.05)), input_size=None)
    _, (poses,) = run(network, [0], {'model': 'multipose'})
    assert poses.box[0, 0] == 0.0


def test_tracks_age_while_no_person_is_detected():
    present = six_rows(person(0.9, 0.5))
    network = FakeNetwork(present, six_rows(), present, input_size=None)
    frames = [0, STEP, 10**9 + 1]
    assert ids(run(network, frames, {'model': 'multipose'})[1]) == [[1], [], [2]]


@pytest.mark.parametrize('bad', [np.nan, np.inf])
def test_values_that_are_not_finite_are_an_error(bad):
    with pytest.raises(EngineError, match='NaN'):
        run(FakeNetwork(upright(bad)), [0])


def test_advance_does_not_change_the_state_that_it_is_given():
    """The same state and picture give the same poses each time."""
    config = Config()
    state, _ = advance(State(), PICTURE, 0, Networks(FakeNetwork(upright())), config)
    networks = Networks(FakeNetwork(upright(middle=0.6)))
    first, second = (advance(state, PICTURE, STEP, networks, config)[1]
                     for _ in range(2))
    np.testing.assert_array_equal(first.xy, second.xy)


def test_poses_reject_wrong_shapes():
    empty = Poses.empty()
    with pytest.raises(ValueError, match='box must be float32'):
        dataclasses.replace(empty, box=np.zeros((1, 4), np.float32))


def test_poses_say_what_is_visible():
    rows = upright()
    rows[:, 2] = np.linspace(0.11, 0.9, 17)
    _, (poses,) = run(FakeNetwork(rows), [0])
    np.testing.assert_array_equal(
        poses.visible, poses.keypoint_score >= VISIBLE_SCORE['lightning'])
    assert 0 < poses.visible.sum() < 17
    assert poses.truncated.tolist() == [False]


def test_poses_say_for_how_long_a_person_was_not_seen():
    here, nobody = six_rows(person(0.9, 0.5)), six_rows()
    _, published = run(FakeNetwork(here, here, nobody, nobody, here, here),
                       [index * STEP for index in range(6)], {'model': 'multipose'})
    assert ids(published) == [[1], [1], [], [], [1], [1]]
    unseen = [poses.time_unseen[0] for poses in published if len(poses)]
    assert unseen == pytest.approx([0.0, 0.0, 3 * STEP / NANOSECONDS, 0.0])


def test_velocities_are_pixels_per_second():
    """A person of MultiPose who walks by 0.3 image widths per second."""
    network = FakeNetwork(*(six_rows(person(0.9, 0.2 + 0.01 * index)) for index in range(30)))
    _, published = run(network, [index * NANOSECONDS // 30 for index in range(30)],
                       {'model': 'multipose', **RAW})
    np.testing.assert_allclose(published[-1].velocity[0], (0.3 * 640, 0.0), atol=0.5)


def test_a_new_person_is_read_twice():
    network = FakeNetwork(upright(), upright(middle=0.6))
    _, (poses,) = run(network, [0], {'confirm_new_person': True})
    assert len(network.seen) == 2
    # The second reading, from the tracking crop, is published.
    once = run(FakeNetwork(upright(middle=0.6)), [0])[1][0]
    assert (poses.xy[0, :, 0] != once.xy[0, :, 0]).any()
    assert poses.id.tolist() == [1]


def test_a_person_who_is_not_confirmed_is_not_published():
    network = FakeNetwork(upright(), upright(0.1))
    state, (poses,) = run(network, [0], {'confirm_new_person': True})
    assert len(poses) == 0
    assert state.crop is None


def test_an_image_without_a_person_is_read_once():
    network = FakeNetwork(upright(0.1))
    run(network, [0, STEP], {'confirm_new_person': True})
    assert len(network.seen) == 2


def test_a_tracked_person_is_read_once():
    network = FakeNetwork(upright())
    run(network, [0, STEP, 2 * STEP], {'confirm_new_person': True})
    assert len(network.seen) == 4


TFJS_TIME = {'tfjs.time': True, 'filter.max_gap': 3600.0}


def test_the_references_time_leaves_stamp_zero_unfiltered():
    answers = [upright(middle=0.5 + 0.01 * i) for i in range(3)]
    found = run(FakeNetwork(*answers), [0, STEP, 2 * STEP], TFJS_TIME)[1]
    late = run(FakeNetwork(*answers[1:]), [STEP, 2 * STEP])[1]
    # Its filter begins with the second image.
    assert ids(found) == [[1]] * 3
    assert found[1].xy[0, 0, 0] > found[0].xy[0, 0, 0]
    assert len(late) == 2


def test_the_references_time_continues_when_the_clock_goes_back():
    answers = (upright(), upright(middle=0.51), upright(middle=0.52))
    state, found = run(FakeNetwork(*answers), [10 * STEP, 11 * STEP, 5 * STEP], TFJS_TIME)
    assert ids(found) == [[1]] * 3
    # The filter still waits for a stamp later than its latest.
    assert state.filters[1].stamp_ns == 11 * STEP
    assert state.time_ns == 5 * STEP
