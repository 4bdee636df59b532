"""MultiPose alone on images that are much wider than high, or the other way round."""
import numpy as np
import pytest
from support.panoramas import SpotDetector, spot_picture

from movenet_ros.config import Config
from movenet_ros.core.network import Networks
from movenet_ros.core.parts import Part, across_seams, divided
from movenet_ros.core.pipeline import advance
from movenet_ros.core.resample import resample_whole
from movenet_ros.core.state import State
from movenet_ros.core.types import Detections

ALONE = Config().replace({'model': 'multipose', 'filter.enabled': False})
STEP = 33_333_333


def seen(picture, config=ALONE):
    """The network, after one image, and the poses."""
    network = SpotDetector()
    return network, advance(State(), picture, 1, Networks(network), config)[1]


@pytest.mark.parametrize(('width', 'height', 'count'), [
    (640, 480, 1), (1200, 480, 1), (1201, 480, 2), (1920, 480, 2), (3840, 480, 4), (480, 3840, 4)])
def test_wide_and_high_images_are_divided(width, height, count):
    network, poses = seen(spot_picture(width, height, 100, 100))
    assert len(network.sizes) == count
    assert all(min(size) >= 96 for size in network.sizes)
    assert len(poses) == 1


def test_up_to_five_to_two_the_network_gets_the_whole_image():
    picture = spot_picture(1200, 480, 500, 200)
    [part] = divided(picture)
    assert (part.x, part.y) == (0, 0)
    assert (resample_whole(part.picture, 256) == resample_whole(picture, 256)).all()


def test_as_the_reference_does_the_whole_of_every_image_is_given():
    config = ALONE.replace({'tfjs.resampling': True})
    assert len(seen(spot_picture(3840, 480, 100, 100), config)[0].sizes) == 1


@pytest.mark.parametrize('x', [100, 900, 1170, 1900, 2750, 3700])
def test_people_are_found_at_their_place_once(x):
    _, poses = seen(spot_picture(3840, 480, x, 200))
    assert len(poses) == 1
    np.testing.assert_allclose(poses.xy[0, 8], (x, 200), atol=12)


@pytest.mark.parametrize(('width', 'height'), [(1920, 480), (3840, 480), (480, 3840)])
def test_who_walks_from_part_to_part_keeps_the_id(width, height):
    networks, state, ids = Networks(SpotDetector()), State(), []
    for index in range(90):
        along = 60 + round(index * (max(width, height) - 120) / 89)
        place = (along, 200) if width > height else (200, along)
        state, poses = advance(state, spot_picture(width, height, *place), index * STEP,
                               networks, ALONE)
        ids.append(poses.id.tolist())
    assert ids == [[1]] * 90


def boxes(*given):
    """People in these boxes, with keypoints that say nothing."""
    count = len(given)
    return Detections(np.zeros((count, 17, 2)), np.zeros((count, 17)), np.array(given),
                      np.full(count, 0.5))


def test_a_piece_of_a_person_in_the_next_part_is_that_person():
    whole, piece = (0.40, 0.2, 0.50, 0.8), (0.47, 0.2, 0.50, 0.8)
    beside = (0.48, 0.2, 0.60, 0.8)
    assert across_seams(boxes(whole, piece), [0, 1]) == [0]
    assert across_seams(boxes(whole, beside), [0, 1]) == [0, 1]


def test_within_a_part_a_small_box_in_a_large_one_is_somebody_else():
    assert across_seams(boxes((0.40, 0.2, 0.50, 0.8), (0.47, 0.2, 0.50, 0.8)), [1, 1]) == [0, 1]


def test_people_in_a_part_are_at_their_place_in_the_whole():
    part = Part(spot_picture(200, 100, 50, 50), 300, 0)
    [box] = part.in_whole(boxes((0.5, 0.0, 1.0, 1.0)), (1000, 100)).box
    np.testing.assert_allclose(box, (0.4, 0.0, 0.5, 1.0))
