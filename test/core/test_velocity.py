"""How fast people move, from made-up keypoints."""
import numpy as np
import pytest

from movenet_ros.core.types import Detections
from movenet_ros.core.velocity import AVERAGED_TIME, follow_motions

SECOND = 1_000_000_000


def person(x, y=0.5, *, score=0.9, box=None):
    """Keypoints on a diagonal around a place, and their box."""
    xy = np.linspace((x - 0.1, y - 0.2), (x + 0.1, y + 0.2), 17)[None]
    edges = box or (x - 0.1, y - 0.2, x + 0.1, y + 0.2)
    return Detections(xy, np.full((1, 17), score), np.array([edges]), np.array([0.9]))


def velocities(images):
    """The velocity of one person after each image, given as seconds and detections."""
    motions, found = {}, []
    for seconds, people in images:
        motions = follow_motions(motions, [1], people, people.xy, round(seconds * SECOND))
        found.append(motions[1].velocity)
    return np.array(found)


@pytest.mark.parametrize('rate', [5, 15, 30, 100])
def test_steady_motion_at_any_rate(rate):
    found = velocities([(i / rate, person(0.2 + 0.3 * i / rate, 0.5 - 0.1 * i / rate))
                        for i in range(rate)])
    np.testing.assert_allclose(found[-1], (0.3, -0.1), rtol=1e-3)
    assert found[0].tolist() == [0.0, 0.0]


def test_the_velocity_follows_within_the_averaged_time():
    rate = 100
    found = velocities([(i / rate, person(0.2 + max(0, i - 50) / rate)) for i in range(101)])
    after = round(AVERAGED_TIME * rate)
    assert found[50, 0] == 0.0
    assert found[50 + after, 0] == pytest.approx(1 - np.exp(-1), abs=0.01)


def test_a_raised_arm_and_a_box_that_shrinks_are_no_motion():
    images = []
    for i in range(20):
        people = person(0.5, box=(0.4, 0.3, 0.6 - 0.005 * i, 0.7))
        people.xy[0, :4, 1] -= 0.02 * i
        images.append((i / 30, people))
    assert not velocities(images).any()


def test_keypoints_that_are_not_seen_do_not_count():
    images = []
    for i in range(20):
        people = person(0.5)
        people.keypoint_score[0, 4:] = 0.1
        people.xy[0, 4:] += 0.05 * i
        images.append((i / 30, people))
    assert not velocities(images).any()


def test_with_too_few_keypoints_the_box_tells():
    found = velocities([(i / 30, person(0.2 + 0.01 * i, score=0.1)) for i in range(30)])
    np.testing.assert_allclose(found[-1], (0.3, 0.0), atol=1e-3)


@pytest.mark.parametrize('stray', [0.0, -0.05])
def test_an_equal_or_late_stamp_changes_nothing(stray):
    images = [(i / 30, person(0.2 + 0.01 * i)) for i in range(30)]
    late = (images[20][0] + stray, person(0.9))
    found = velocities([*images[:21], late, *images[21:]])
    np.testing.assert_array_equal(np.delete(found, 21, axis=0), velocities(images))
    np.testing.assert_array_equal(found[21], found[20])


def test_each_person_has_a_velocity_of_their_own():
    motions = {}
    for i in range(30):
        people = Detections.joined([person(0.2 + 0.01 * i), person(0.7, 0.5 - 0.005 * i)])
        order = [0, 1] if i % 2 else [1, 0]
        people = people.take(order)
        motions = follow_motions(motions, [order[0] + 1, order[1] + 1], people, people.xy,
                                 i * SECOND // 30)
    np.testing.assert_allclose(motions[1].velocity, (0.3, 0.0), atol=1e-3)
    np.testing.assert_allclose(motions[2].velocity, (0.0, -0.15), atol=1e-3)


def test_nobody():
    assert follow_motions({}, [], Detections.empty(), np.empty((0, 17, 2)), 0) == {}
