"""The tracking crop, against numbers worked out by hand."""
import numpy as np
import pytest

from movenet_ros.config.declarations import CropConfig
from movenet_ros.core.crop import first_crop, next_crop, smooth_crop
from movenet_ros.core.skeleton import LEFT_ANKLE, LEFT_HIP, LEFT_SHOULDER, RIGHT_HIP, RIGHT_SHOULDER
from movenet_ros.core.types import Crop

WIDTH, HEIGHT = 640, 480
WHOLE = Crop(0.0, -80.0, 640.0, 560.0)


def person(**moved):
    """Hips at (300, 240) and (340, 240), shoulders 100 px above, all else between the hips."""
    xy = np.tile((320.0, 240.0), (17, 1))
    xy[LEFT_HIP], xy[RIGHT_HIP] = (340, 240), (300, 240)
    xy[LEFT_SHOULDER], xy[RIGHT_SHOULDER] = (345, 140), (295, 140)
    for name, place in moved.items():
        xy[int(name[1:])] = place
    return xy


def follow(xy, score=None, min_score=0.2, config=CropConfig()):
    score = np.ones(17) if score is None else score
    return next_crop(xy, score, WIDTH, HEIGHT, min_score, config)


@pytest.mark.parametrize(('width', 'height', 'how', 'expected'), [
    (640, 480, 'padded', (0, -80, 640, 560)),
    (480, 640, 'padded', (-80, 0, 560, 640)),
    (640, 480, 'centre', (80, 0, 560, 480)),
    (480, 640, 'centre', (0, 80, 480, 560)),
    (1, 3, 'padded', (-1, 0, 2, 3)),
])
def test_first_crop_is_a_square_in_the_middle(width, height, how, expected):
    assert first_crop(width, height, CropConfig(first_frame=how)) == Crop(*map(float, expected))


def test_torso_sets_the_size_when_it_reaches_far_enough():
    # 100 px from hips to shoulders, times 1.9.
    assert follow(person()) == Crop(130.0, 50.0, 510.0, 430.0)


def test_body_sets_the_size_when_a_limb_reaches_farther():
    # An ankle 200 px below the hips, times 1.2, is more than 190.
    assert follow(person(_15=(320, 440))) == Crop(80.0, 0.0, 560.0, 480.0)


def test_a_limb_below_the_threshold_does_not_count():
    score = np.ones(17)
    score[LEFT_ANKLE] = 0.19
    assert follow(person(_15=(320, 440)), score) == Crop(130.0, 50.0, 510.0, 430.0)


def test_a_limb_at_the_threshold_counts():
    score = np.ones(17)
    score[LEFT_ANKLE] = 0.2
    assert follow(person(_15=(320, 440)), score) == Crop(80.0, 0.0, 560.0, 480.0)


@pytest.mark.parametrize('unsure', [(LEFT_HIP, RIGHT_HIP), (LEFT_SHOULDER, RIGHT_SHOULDER)])
def test_without_a_visible_torso_the_crop_is_the_whole_image(unsure):
    score = np.ones(17)
    score[list(unsure)] = 0.2
    assert follow(person(), score) == WHOLE


def test_one_hip_and_one_shoulder_are_a_torso():
    score = np.ones(17)
    score[[LEFT_HIP, RIGHT_SHOULDER]] = 0.0
    assert follow(person(), score) == Crop(130.0, 50.0, 510.0, 430.0)


def test_a_person_larger_than_the_image_needs_the_whole_image():
    xy = person(_5=(345, -40), _6=(295, -40))
    assert follow(xy) == WHOLE


def test_the_crop_extends_no_farther_than_the_farthest_edge_of_the_image():
    # Hips at x = 320, y = 240: the farthest edge is 320 px away, and 320 = max(W, H) / 2.
    xy = person(_15=(320, 520))
    assert follow(xy) == Crop(0.0, -80.0, 640.0, 560.0)


def test_smoothing_goes_nine_tenths_of_the_way():
    before, target = Crop(0.0, 0.0, 100.0, 100.0), Crop(10.0, 20.0, 110.0, 120.0)
    moved = smooth_crop(before, target, 0.9)
    assert (moved.x_min, moved.y_min, moved.x_max, moved.y_max) == pytest.approx((9, 18, 109, 118))


def test_the_first_crop_is_not_smoothed():
    assert smooth_crop(None, WHOLE, 0.9) is WHOLE
