"""Who is at a point, and a single-person network that is to follow them."""
import numpy as np
import pytest
from support.astronauts import astronaut

from movenet_ros.config import Config
from movenet_ros.core.inference import run_inference
from movenet_ros.core.pipeline import advance, process_image
from movenet_ros.core.point import row_at
from movenet_ros.core.resample import rotated
from movenet_ros.core.state import State
from movenet_ros.core.types import Picture
from movenet_ros.engines.loading import load_networks

STEP = 33_333_333
SIDE = 256
PLACES = {'left': (0.25 * 2 * SIDE, 0.4 * SIDE), 'right': (0.75 * 2 * SIDE, 0.4 * SIDE)}


@pytest.fixture(scope='module')
def networks():
    loaded = load_networks(Config())
    yield loaded
    loaded.close()


@pytest.fixture(scope='module')
def two():
    one = astronaut(SIDE, SIDE)
    return Picture(np.ascontiguousarray(np.concatenate([one, one[:, ::-1]], axis=1)))


def middle(poses):
    return float(poses.box[0, [0, 2]].mean())


def at(state, picture, image, networks, point, config=None):
    return run_inference(process_image(
        state, picture, image * STEP, networks, config or Config(), None, point))


def test_of_several_boxes_the_smallest_around_the_point_is_meant():
    boxes = np.array([[0, 0, 100, 100], [40, 40, 60, 60]])
    assert row_at(boxes, (50, 50)) == 1
    assert row_at(boxes, (20, 50)) == 0
    assert row_at(boxes, (110, 50)) == 0
    assert row_at(boxes, (140, 50)) is None
    assert row_at(boxes[:0], (50, 50)) is None


@pytest.mark.parametrize('place', PLACES)
def test_the_crop_stays_with_the_person_at_the_point(networks, two, place):
    state, poses = at(State(), two, 0, networks, PLACES[place])
    for image in range(1, 6):
        assert (middle(poses) > SIDE) == (place == 'right')
        state, poses = at(state, two, image, networks, None)
    assert poses.id.tolist() == [1]


def test_another_person_has_another_id(networks, two):
    state, left = at(State(), two, 0, networks, PLACES['left'])
    state, right = at(state, two, 1, networks, PLACES['right'])
    state, again = at(state, two, 2, networks, PLACES['left'])
    assert middle(left) < SIDE < middle(right)
    assert middle(again) < SIDE
    assert (left.id.tolist(), right.id.tolist(), again.id.tolist()) == ([1], [2], [1])


def test_a_point_where_nobody_is_changes_nothing(networks, two):
    state, _ = at(State(), two, 0, networks, PLACES['left'])
    _, expected = at(state, two, 1, networks, None)
    _, found = at(state, two, 1, networks, (SIDE * 1.0, -300.0))
    np.testing.assert_array_equal(found.xy, expected.xy)


@pytest.mark.parametrize('degrees', [90, 180, 270])
def test_the_point_is_one_of_the_image_as_received(networks, two, degrees):
    turned = rotated(two, -degrees % 360)
    x, y = PLACES['right']
    point = {90: (y, 2 * SIDE - x), 180: (2 * SIDE - x, SIDE - y), 270: (SIDE - y, x)}[degrees]
    config = Config().replace({'rotate': degrees})
    _, poses = at(State(), turned, 0, networks, point, config)
    expected = at(State(), two, 0, networks, PLACES['right'])[1]
    assert poses.score[0] == pytest.approx(expected.score[0])
    assert poses.box[0, 0] - 20 < point[0] < poses.box[0, 2] + 20
    assert poses.box[0, 1] - 20 < point[1] < poses.box[0, 3] + 20


def test_without_a_point_the_pipeline_is_as_before(networks, two):
    one, other = State(), State()
    for image in range(3):
        one, a = advance(one, two, image * STEP, networks, Config())
        other, b = at(other, two, image, networks, None)
        np.testing.assert_array_equal(a.xy, b.xy)
