"""The One-Euro filter of all people at once, against that of one person."""
import numpy as np
import pytest

from movenet_ros.core.geometry.smoothing import IN_METRES, POINTS, SmoothingState, smooth
from movenet_ros.core.one_euro import one_euro
from movenet_ros.core.types import NANOSECONDS

FRAME_NS = NANOSECONDS // 30
MAX_GAP = 1.0


def path(seed, count=40):
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.normal(0, 0.02, (count, POINTS, 3)), axis=0) + rng.normal(0, 2, 3)


def run(frames):
    """Filters (stamp, {id: points}) and returns the state and what is given out, by id."""
    state, given = SmoothingState(), []
    for stamp_ns, people in frames:
        points = np.array(list(people.values())).reshape(-1, POINTS, 3)
        state, found = smooth(state, tuple(people), points, stamp_ns, MAX_GAP)
        given.append({number: (found.points[row], found.speed[row])
                      for row, number in enumerate(people)})
    return state, given


def test_it_is_the_filter_of_one_person_for_each():
    first, second = path(1), path(2)
    # In turns in another order, which must not matter.
    _, given = run((n * FRAME_NS, {8: first[n], 3: second[n]} if n % 2 else
                    {3: second[n], 8: first[n]}) for n in range(40))
    for number, points in ((8, first), (3, second)):
        state = None
        for n in range(40):
            state = one_euro(state, points[n], n * FRAME_NS, IN_METRES)
            np.testing.assert_allclose(given[n][number][0], state.smoothed, rtol=1e-12)
            if n:
                np.testing.assert_allclose(given[n][number][1], state.speed, rtol=1e-9, atol=1e-12)


def test_a_new_person_starts_unfiltered_and_without_speed():
    points = path(3)
    _, given = run([(0, {1: points[0]}), (FRAME_NS, {1: points[1], 2: points[5]})])
    for found, wanted in ((given[0][1], points[0]), (given[1][2], points[5])):
        np.testing.assert_array_equal(found[0], wanted)
        assert np.isnan(found[1]).all()
    assert np.isfinite(given[1][1][1]).all()


def test_an_unknown_point_stays_unknown_and_goes_on_later():
    points = path(4)
    points[10:14, 6] = np.nan
    _, given = run((n * FRAME_NS, {1: points[n]}) for n in range(40))
    assert np.isnan(given[12][1][0][6]).all() and np.isnan(given[12][1][1][6]).all()
    assert np.isfinite(np.delete(given[12][1][0], 6, axis=0)).all()
    state = None
    for n in [*range(10), *range(14, 40)]:
        state = one_euro(state, points[n], n * FRAME_NS, IN_METRES)
    np.testing.assert_allclose(given[39][1][0][6], state.smoothed[6], rtol=1e-12)


def test_after_a_long_gap_a_point_starts_again():
    points = path(5)
    points[1:35, 6] = np.nan
    _, given = run((n * FRAME_NS, {1: points[n]}) for n in range(40))
    np.testing.assert_array_equal(given[35][1][0][6], points[35, 6])
    assert np.isnan(given[35][1][1][6]).all()
    assert np.isfinite(given[36][1][1][6]).all()


@pytest.mark.parametrize('step', [0, -FRAME_NS])
def test_a_stamp_that_is_not_later_changes_nothing(step):
    points = path(6)
    frames = [(n * FRAME_NS, {1: points[n]}) for n in range(10)]
    before, given = run(frames)
    after, more = run([*frames, (9 * FRAME_NS + step, {1: points[20]})])
    for name in ('stamp_ns', 'raw', 'smoothed', 'speed'):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
    np.testing.assert_array_equal(more[-1][1][0], points[20])
    np.testing.assert_array_equal(more[-1][1][1], given[-1][1][1])


def test_a_clock_that_goes_back_starts_again():
    points = path(7)
    _, given = run([*((100 * NANOSECONDS + n * FRAME_NS, {1: points[n]}) for n in range(10)),
                    (0, {1: points[20]}), (FRAME_NS, {1: points[21]})])
    np.testing.assert_array_equal(given[10][1][0], points[20])
    assert np.isnan(given[10][1][1]).all() and np.isfinite(given[11][1][1]).all()


def test_people_who_are_away_are_remembered_for_a_while_and_then_forgotten():
    points = path(8)
    frames = [(n * FRAME_NS, {1: points[n], 2: points[n]}) for n in range(5)]
    away = [(n * FRAME_NS, {2: points[n]}) for n in range(5, 20)]
    back, given = run([*frames, *away, (20 * FRAME_NS, {2: points[20], 1: points[20]})])
    assert back.ids == (2, 1)
    assert np.isfinite(given[-1][1][1]).all()
    gone, _ = run([*frames, *((n * FRAME_NS, {2: points[n]}) for n in range(5, 40))])
    assert gone.ids == (2,)
    nobody, _ = run([*frames, (100 * NANOSECONDS, {})])
    assert nobody.ids == () and nobody.raw.shape == (0, POINTS, 3)


def test_the_state_before_is_not_changed():
    points = path(9)
    before, _ = run([(0, {1: points[0], 2: points[1]})])
    kept = {name: getattr(before, name).copy() for name in ('stamp_ns', 'raw', 'smoothed', 'speed')}
    smooth(before, (1, 2), points[2:4], FRAME_NS, MAX_GAP)
    for name, array in kept.items():
        np.testing.assert_array_equal(getattr(before, name), array)


def test_jitter_is_halved_and_somebody_who_walks_is_followed():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.015, (300, POINTS, 3))
    _, given = run((n * FRAME_NS, {1: noise[n]}) for n in range(300))
    left = np.std([found[1][0] for found in given[30:]])
    assert 0.3 * 0.015 < left < 0.55 * 0.015
    walked = np.array([[0, 0, 1.4 * n / 30] for n in range(60)])[:, None] + np.zeros((POINTS, 3))
    _, given = run((n * FRAME_NS, {1: walked[n]}) for n in range(60))
    np.testing.assert_allclose(given[-1][1][0], walked[-1], atol=0.02)
    np.testing.assert_allclose(given[-1][1][1][:, 2], 1.4, atol=0.01)
