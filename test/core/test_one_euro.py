"""The filter, against a scalar transcription of its formula."""
import math

import numpy as np
import pytest

from movenet_ros.config.declarations import FilterConfig
from movenet_ros.core.one_euro import one_euro

STEP = 33_333_333


def alpha(rate, cutoff):
    return 1 / (1 + rate / (2 * math.pi * cutoff))


def scalar(values, times, config):
    """The formula for one coordinate, one value after the other."""
    smoothed, raw, speed, result = values[0], values[0], 0.0, [values[0]]
    for value, before, now in zip(values[1:], times[:-1], times[1:], strict=True):
        rate = 1e9 / (now - before)
        speed += alpha(rate, config.derivative_cutoff) * ((value - raw) * rate - speed)
        limit = config.threshold_cutoff + config.threshold_beta * abs(speed)
        a = alpha(rate, config.min_cutoff + config.beta * abs(speed))
        smoothed += a * limit * math.asinh((value - smoothed) / limit)
        raw = value
        result.append(smoothed)
    return result


def run(xys, times, config=FilterConfig()):
    state, result = None, []
    for xy, time in zip(xys, times, strict=True):
        state = one_euro(state, xy, time, config)
        result.append(state.smoothed)
    return np.array(result)


@pytest.mark.parametrize('config', [
    FilterConfig(), FilterConfig(beta=0.0), FilterConfig(min_cutoff=0.5, beta=10.0),
    FilterConfig(threshold_cutoff=0.01, threshold_beta=0.0)])
def test_every_coordinate_follows_the_formula(config):
    random = np.random.default_rng(1)
    xys = 0.5 + np.cumsum(random.normal(0, 0.01, (20, 17, 2)), axis=0)
    times = np.cumsum(random.integers(STEP // 2, STEP * 2, 20)).tolist()
    found = run(xys, times, config)
    for keypoint, axis in [(0, 0), (5, 1), (16, 0)]:
        expected = scalar(xys[:, keypoint, axis].tolist(), times, config)
        np.testing.assert_allclose(found[:, keypoint, axis], expected, rtol=1e-12)


def test_a_still_keypoint_stays_still():
    found = run(np.full((5, 17, 2), 0.25), [i * STEP for i in range(5)])
    np.testing.assert_array_equal(found, 0.25)


def test_jitter_is_damped():
    random = np.random.default_rng(2)
    xys = 0.5 + random.normal(0, 1e-3, (200, 17, 2))
    slow = FilterConfig(beta=0.0, min_cutoff=1.0)
    found = run(xys, [i * STEP for i in range(200)], slow)
    assert found[50:].std() < 0.5 * xys[50:].std()


def test_a_first_image_at_time_zero_is_a_first_image():
    xys = np.random.default_rng(3).normal(0.5, 0.01, (3, 17, 2))
    np.testing.assert_array_equal(
        run(xys, [0, STEP, 2 * STEP]), run(xys, [7 * STEP, 8 * STEP, 9 * STEP]))


@pytest.mark.parametrize('second', [5 * STEP, 4 * STEP, 0, 5 * STEP + 1_000_000_001])
def test_a_paused_or_jumping_clock_restarts_the_filter(second):
    xys = np.random.default_rng(4).normal(0.5, 0.1, (3, 17, 2))
    found = run(xys, [5 * STEP, second, second + STEP])
    np.testing.assert_array_equal(found[1], xys[1])
    np.testing.assert_array_equal(found[2], run(xys[1:], [0, STEP])[1])


def test_a_gap_at_the_limit_is_not_a_jump():
    xys = np.random.default_rng(5).normal(0.5, 0.1, (2, 17, 2))
    assert (run(xys, [0, 1_000_000_000])[1] != xys[1]).any()


def test_nothing_is_written_into_the_arguments():
    xys = np.random.default_rng(6).normal(0.5, 0.1, (3, 17, 2))
    kept = xys.copy()
    run(xys, [0, STEP, 2 * STEP])
    np.testing.assert_array_equal(xys, kept)
